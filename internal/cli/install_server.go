package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"flexie-mcp/internal/apikey"
	"flexie-mcp/internal/clients"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/oauth"
)

// toInstall is what a client is to start, and what has to be done beside that.
type toInstall struct {
	clients.Server
	root string // of the workspace; "" for the sandbox
	from string // why it is that one, where none was named
	keep string // the key that is to be kept; "" for none
	note string // what the user should know, as a sentence; "" for nothing
}

// handedOn are the settings that a server is started with if they are given to
// install, as a flag, and those of them that count from the environment as well: a
// client that is started from a desktop has none of the shell's.
var (
	handedOn = []string{"toolsets", "tools", "exclude_tools", "access", "read_only", "hide_forbidden", "confirm", "custom_tables", "answer_tokens", "timeout", "keyring", "sandbox_dialect"}
	fromHere = []string{"subdomain", "base_url", "config", "state_dir", "sandbox", "sandbox_file"}
	replaced = []string{"subdomain", "base_url", "state_dir", "sandbox"} // taken out of an entry where they are not set
	paths    = []string{"config", "state_dir", "sandbox_file"}
)

// serverOf is what the settings of install say is to be started.
func (a *app) serverOf(loaded *config.Loaded, o installOptions) (server toInstall, err error) {
	if server.Command, err = program(o.command); err != nil {
		return server, err
	}
	server.Name, server.KeyFrom = o.name, o.keyEnv
	if err := checkEntryName(o.name); err != nil {
		return server, err
	}
	for _, row := range loaded.Rows() {
		if v, ok := handOn(row); ok {
			server.Env = append(server.Env, v)
		}
	}
	if loaded.Sandbox {
		server.Env = append(server.Env, gone("api_key"), gone("api_key_file"))
		server.note = "It works on the made-up workspace inside the program, which is forgotten when that ends."
		return server, nil
	}
	return server, a.addKey(&server, loaded, o)
}

func checkEntryName(name string) error {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", r)
	}) {
		return fmt.Errorf("--name %q: it is made of letters, digits, - and _, since clients put it before the names of tools", name)
	}
	return nil
}

// handOn is what is written of a setting; ok is false where an entry's own stays. What
// connects the server is taken out where it is not set, as it may be another
// workspace's.
func handOn(row config.Row) (v clients.Variable, ok bool) {
	isFlag := strings.HasPrefix(string(row.Origin), "flag ")
	isFlagOrEnv := isFlag || strings.HasPrefix(string(row.Origin), "environment ")
	switch {
	case slices.Contains(replaced, row.Name) && (!isFlagOrEnv || row.Value == "false"):
		return gone(row.Name), true
	case slices.Contains(fromHere, row.Name) && isFlagOrEnv, slices.Contains(handedOn, row.Name) && isFlag:
	default:
		return v, false
	}
	value := row.Value
	if slices.Contains(paths, row.Name) {
		if absolute, err := filepath.Abs(value); err == nil {
			value = absolute
		}
	}
	if value == "true" {
		value = "1"
	}
	if value == "false" && row.Name == "read_only" {
		return gone(row.Name), true
	}
	return clients.Variable{Name: variableOf(row.Name), Value: value}, true
}

func variableOf(setting string) string { return "FLEXIE_" + strings.ToUpper(setting) }

func gone(setting string) clients.Variable {
	return clients.Variable{Name: variableOf(setting), Gone: true}
}

// addKey decides how the server comes by its key: by the first of what the flags say,
// a file that is set, a login, a key that is set and that is then kept, and one that
// was kept before.
func (a *app) addKey(server *toInstall, loaded *config.Loaded, o installOptions) (err error) {
	s := loaded.Settings
	var there credentials
	if there.login, there.signedIn, err = a.loginsOf(s).Find(s.Root()); err != nil && (s.Key() == "" || isKeptByInstall(loaded, o)) {
		return failed(err)
	}
	if there.kept, there.isKept, err = a.keysOf(s).Find(s.Root()); err != nil && s.Key() == "" {
		return failed(err) // a key that is set takes the place of what is wrong
	}
	switch server.root = s.Root(); {
	case server.root != "":
		return server.setKey(loaded, o, there)
	case s.Key() != "": // which is of no workspace, whatever there is besides
	case there.signedIn:
		server.root, server.from = there.login.Root, "where somebody is signed in"
	case there.isKept:
		server.root, server.from = there.kept.Root, "the only one that a key is kept for"
	}
	if server.root == "" {
		return errors.New("which workspace? Name it with --subdomain acme, for https://acme.flexie.io; or try it with --sandbox")
	}
	server.name(server.root)
	err = server.setKey(loaded, o, there)
	server.note = fmt.Sprintf("No workspace was named: it works in %s, %s. %s", server.root, server.from, server.note)
	return err
}

// isKeptByInstall reports whether a key that is set is one that install would keep.
func isKeptByInstall(loaded *config.Loaded, o installOptions) bool {
	inFile := loaded.APIKeyFile != "" || strings.HasPrefix(originOf(loaded, "api_key"), "file ")
	return loaded.Key() != "" && !inFile && !o.withKey && o.keyEnv == ""
}

// credentials are what there is on this machine beside the settings.
type credentials struct {
	login    oauth.Login
	signedIn bool
	kept     apikey.Kept
	isKept   bool
}

func (server *toInstall) setKey(loaded *config.Loaded, o installOptions, there credentials) error {
	s := loaded.Settings
	isInConfig := strings.HasPrefix(originOf(loaded, "api_key"), "file ")
	if there.signedIn && isKeptByInstall(loaded, o) {
		return failed(fmt.Errorf("your key would not be used: %s is signed in to %s by flexie-mcp login, which wins over a key that is kept: %s first, or leave out the key, in --api-key and FLEXIE_API_KEY", cmp.Or(there.login.User, "somebody"), server.root, strings.Replace(there.login.Command(), " login", " logout", 1)))
	}
	key, file := gone("api_key"), gone("api_key_file")
	switch {
	case o.keyEnv != "":
		server.note = fmt.Sprintf("The client takes the key from %s, which has to be set where the client is started.", o.keyEnv)
	case o.withKey && s.Key() == "":
		return errors.New("--with-key: no key is set to write: set FLEXIE_API_KEY")
	case o.withKey:
		key = clients.Variable{Name: variableOf("api_key"), Value: s.Key()}
		server.note = "The key is readable in that file, as you asked: keep it to yourself."
	case s.APIKeyFile != "":
		path, err := filepath.Abs(s.APIKeyFile)
		if err != nil {
			return failed(err)
		}
		file = clients.Variable{Name: variableOf("api_key_file"), Value: path}
	case isInConfig:
		server.note = "The key is in " + s.ConfigFile + "."
	case there.signedIn:
		server.note = fmt.Sprintf("It works as %s, by flexie-mcp login.", cmp.Or(there.login.User, "who signed in"))
	case s.Key() != "":
		server.keep = s.Key()
	case there.isKept:
		server.note = "The key is in " + there.kept.Where() + "."
	default:
		server.note = "But it has no key yet, and nobody is signed in: run flexie-mcp login, or install again with FLEXIE_API_KEY set."
		return nil // what an entry may have of one stays
	}
	server.Env = append(server.Env, key, file)
	return nil
}

func originOf(loaded *config.Loaded, name string) string {
	for _, row := range loaded.Rows() {
		if row.Name == name {
			return string(row.Origin)
		}
	}
	return ""
}

// name writes which workspace it is, in the short way where there is one.
func (server *toInstall) name(root string) {
	setting, value := "base_url", root
	if rest, ok := strings.CutPrefix(root, "https://"); ok {
		if subdomain, ok := strings.CutSuffix(rest, ".flexie.io/api"); ok {
			setting, value = "subdomain", subdomain
		}
	}
	for i, v := range server.Env {
		if v.Name == variableOf(setting) {
			server.Env[i] = clients.Variable{Name: v.Name, Value: value}
		}
	}
}

// keep keeps the key, if there is one to keep, and makes a note of where.
func (a *app) keep(ctx context.Context, s config.Settings, server *toInstall, dryRun bool) error {
	switch {
	case server.keep == "":
		return nil
	case dryRun:
		fmt.Fprintln(a.Err, "flexie-mcp: the API key would be kept outside of that file")
		return nil
	}
	where, err := a.keepKey(ctx, s, server.root, server.keep)
	server.note = fmt.Sprintf("The API key of %s is kept in %s.", server.root, where)
	return err
}
