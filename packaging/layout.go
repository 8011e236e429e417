package packaging

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Layout is where the parts of a release come from, and where they are laid out.
type Layout struct {
	Release
	Source   string   // the repository
	Programs string   // where goreleaser has built them: flexie-mcp_linux_amd64_v1/flexie-mcp and so on
	To       string   // gets mcpb/ and npm/, which are replaced, and has the licences already
	Only     []string // the platforms to take, like "linux/amd64", for a try; all if empty
}

// Lay lays out the folder that mcpb packs, and one for each package of npm. Without
// one of the programs it is an error, and nothing is laid out.
func (l Layout) Lay() error {
	files := map[string]file{}
	if err := errors.Join(l.bundleFiles(files), l.npmFiles(files)); err != nil {
		return err
	}
	for _, folder := range []string{"mcpb", "npm"} {
		if err := os.RemoveAll(filepath.Join(l.To, folder)); err != nil {
			return err
		}
	}
	for path, f := range files {
		if err := f.write(filepath.Join(l.To, filepath.FromSlash(path))); err != nil {
			return err
		}
	}
	return nil
}

// file is one to write: a text, or a copy.
type file struct {
	text []byte
	from string // if it is a copy
	mode os.FileMode
}

func (f file) write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if f.from != "" {
		text, err := os.ReadFile(f.from)
		if err != nil {
			return err
		}
		f.text = text
	}
	return os.WriteFile(path, f.text, f.mode)
}

func (l Layout) source(path string) file {
	return file{from: filepath.Join(l.Source, filepath.FromSlash(path)), mode: 0o644}
}

// thirdParty has the licences of what is built into a program; packaging/notices writes it.
const thirdParty = "THIRD_PARTY_LICENSES"

// licences adds those that a program is given away under.
func (l Layout) licences(files map[string]file, folder string) {
	files[folder+"LICENSE"] = l.source("LICENSE")
	files[folder+thirdParty] = file{from: filepath.Join(l.To, thirdParty), mode: 0o644}
}

// bundleFiles are those of mcpb/, by their path under To.
func (l Layout) bundleFiles(files map[string]file) error {
	text, err := l.Manifest()
	if err != nil {
		return err
	}
	files["mcpb/manifest.json"] = file{text: text, mode: 0o644}
	files["mcpb/icon.png"] = l.source("packaging/icon-512.png")
	l.licences(files, "mcpb/")
	for _, b := range bundled {
		if err := l.program(files, "mcpb/"+b.program, b.Goos, b.Goarch); err != nil {
			return err
		}
	}
	return nil
}

// npmFiles are those of npm/.
func (l Layout) npmFiles(files map[string]file) error {
	text, err := l.NPMLauncher()
	if err != nil {
		return err
	}
	const launcher = "npm/flexie-mcp/"
	files[launcher+"package.json"] = file{text: text, mode: 0o644}
	files[launcher+"LICENSE"] = l.source("LICENSE")
	files[launcher+"README.md"] = l.source("packaging/npm/README.md")
	files[launcher+"bin/flexie-mcp.js"] = file{from: filepath.Join(l.Source, "packaging", "npm", "bin", "flexie-mcp.js"), mode: 0o755}
	for _, on := range NPMPlatforms {
		if !l.takes(on.Goos, on.Goarch) {
			continue
		}
		text, err := l.NPMProgram(on)
		if err != nil {
			return err
		}
		folder := "npm/" + on.Folder() + "/"
		files[folder+"package.json"] = file{text: text, mode: 0o644}
		l.licences(files, folder)
		if err := l.program(files, folder+"bin/"+on.Program(), on.Goos, on.Goarch); err != nil {
			return err
		}
	}
	return nil
}

func (l Layout) takes(goos, goarch string) bool {
	return len(l.Only) == 0 || slices.Contains(l.Only, goos+"/"+goarch)
}

// program adds a program where it was built.
func (l Layout) program(files map[string]file, path, goos, goarch string) error {
	if !l.takes(goos, goarch) {
		return nil
	}
	found, err := filepath.Glob(filepath.Join(l.Programs, "*_"+goos+"_"+goarch+"*", filepath.Base(path)))
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("%s has %d programs for %s/%s, not one; build them with goreleaser build --clean", l.Programs, len(found), goos, goarch)
	}
	files[path] = file{from: found[0], mode: 0o755}
	return nil
}
