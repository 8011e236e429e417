package config

import (
	"path/filepath"
	"strings"
)

// stateDir is where a system has programs keep their state, for the user of an
// environment; "" where that does not say. It is not the directory for caches,
// which systems and people empty: what is kept must outlast that.
func stateDir(system string, environ []string) string {
	switch system {
	case "windows":
		return below(variable(environ, "LOCALAPPDATA"), "flexie-mcp")
	case "darwin":
		return below(variable(environ, "HOME"), "Library/Application Support/flexie-mcp")
	}
	if dir := variable(environ, "XDG_STATE_HOME"); filepath.IsAbs(dir) { // its standard says to pass over others
		return below(dir, "flexie-mcp")
	}
	return below(variable(environ, "HOME"), ".local/state/flexie-mcp")
}

func below(dir, path string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, filepath.FromSlash(path))
}

// variable is the last value of an environment variable, which is the one that
// counts; "" if there is none.
func variable(environ []string, name string) (value string) {
	for _, v := range environ {
		if rest, ok := strings.CutPrefix(v, name+"="); ok {
			value = rest
		}
	}
	return value
}
