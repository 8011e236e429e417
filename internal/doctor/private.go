package doctor

import (
	"cmp"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"flexie-mcp/internal/config"
)

// veil takes what is private out of a report. Findings are made of words of ours,
// and what may be private goes in their Detail; the veil is for what slips through
// all the same. It is safe for concurrent use.
type veil struct {
	show bool // private things, which secrets are never

	mu      sync.Mutex
	secrets []string
	private map[string]string // by value: what stands in its place
}

// newVeil knows what is private in the settings and in the surroundings.
func newVeil(s config.Settings, environ []string, show bool) *veil {
	v := &veil{show: show, private: map[string]string{}}
	v.secret(s.Key(), s.APIKey, s.ClientSecret(), s.DatabaseURL, s.EncryptionKey, s.IntrospectionSecret)
	v.hide("(workspace)", s.Subdomain)
	v.address("(workspace)", s.Root())
	v.hide("(client id)", s.OAuthClientID)
	v.address("(address)", s.OAuthRedirect)
	v.address("(address)", s.PublicURL)
	for _, path := range []string{s.StateDir, s.ConfigFile, s.APIKeyFile, s.OAuthClientSecretFile, s.EncryptionKeyFile, s.HTTPTokensFile, s.HTTPTLSCert, s.HTTPTLSKey, s.SandboxFile} {
		v.hide("(path)", path)
	}
	v.hide("(table)", s.CustomTables...)
	v.hide("(workspace)", s.HTTPSubdomains...)
	v.hide("(address)", s.HTTPOrigins...)
	v.surroundings(environ)
	return v
}

// surroundings hides who and where this machine is, and its proxies.
func (v *veil) surroundings(environ []string) {
	if home, err := os.UserHomeDir(); err == nil && home != "/" {
		v.hide("(home)", home, filepath.ToSlash(home))
	}
	if host, err := os.Hostname(); err == nil {
		v.hide("(machine)", host)
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		switch strings.ToUpper(name) {
		case "HOME", "USERPROFILE":
			v.hide("(home)", value)
		case "USER", "LOGNAME", "USERNAME":
			v.hide("(user)", value)
		case "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY":
			v.proxy(value)
		}
	}
}

// proxy hides an address, and keeps its password secret.
func (v *veil) proxy(raw string) {
	v.address("(proxy)", raw)
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return
	}
	password, _ := u.User.Password()
	v.secret(password, u.User.String())
}

// address hides one whole, and its host.
func (v *veil) address(as, raw string) {
	v.hide(as, raw)
	if u, err := url.Parse(raw); err == nil && !isLocal(u.Hostname()) {
		v.hide(as, u.Host, u.Hostname())
	}
}

func isLocal(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// hide has values stand as something else.
func (v *veil) hide(as string, values ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, value := range values {
		if value = strings.TrimSpace(value); utf8.RuneCountInString(value) > 1 && value != "root" {
			v.private[strings.ToLower(value)] = as
		}
	}
}

// secret has values never be shown.
func (v *veil) secret(values ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, value := range values {
		if value = strings.TrimSpace(value); value != "" {
			v.secrets = append(v.secrets, value)
		}
	}
}

// isPlain are words and numbers that sentences of ours may hold as well.
var isPlain = regexp.MustCompile(`^([\pL_-]+|[0-9]+)$`)

// over is a text without what may not be in it. A private word inside another
// stays: it is of that. So does a word that may be one of our own sentences, as "the"
// of a user of that name: to take it out would garble them, and give the name away.
func (v *veil) over(text string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.secrets {
		text = replaceWord(text, s, "(secret)")
	}
	if v.show {
		return text
	}
	values := make([]string, 0, len(v.private))
	for value := range v.private {
		if !isPlain.MatchString(value) {
			values = append(values, value)
		}
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	for _, value := range values {
		text = replaceWord(text, value, v.private[value])
	}
	return text
}

var isWordy = regexp.MustCompile(`^[\pL\pN]|[\pL\pN]$`)

// replaceWord replaces a text wherever it is not a part of a word.
func replaceWord(text, of, by string) string {
	pattern := `(?i)` + regexp.QuoteMeta(of)
	if isWordy.MatchString(of) {
		pattern = `(?i)(^|[^\pL\pN])` + regexp.QuoteMeta(of) + `($|[^\pL\pN])`
		by = "${1}" + by + "${2}"
	}
	return regexp.MustCompile(pattern).ReplaceAllString(text, by)
}

// findings draws the veil over some.
func (v *veil) findings(all []Finding) []Finding {
	for i, f := range all {
		if !v.show {
			f.Detail = ""
		}
		f.Found, f.Next, f.Detail = v.over(f.Found), v.over(f.Next), v.over(f.Detail)
		all[i] = f
	}
	return all
}
