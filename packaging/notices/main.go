// Notices prints the licences of the modules that are built into the program, on any
// of the systems that it is released for, and Go's own. A module without one is an
// error: then somebody has to look.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

func main() {
	if err := write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "packaging/notices: "+err.Error())
		os.Exit(1)
	}
}

func write(to io.Writer) error {
	folders, err := modules()
	if err != nil {
		return err
	}
	root, err := output("go", "env", "GOROOT")
	if err != nil {
		return err
	}
	folders["Go "+runtime.Version()] = strings.TrimSpace(string(root))
	out := bufio.NewWriter(to)
	fmt.Fprintln(out, "flexie-mcp is built with these, under their licences.")
	for _, module := range slices.Sorted(maps.Keys(folders)) {
		texts, err := licences(folders[module])
		if err != nil {
			return err
		}
		if len(texts) == 0 {
			return fmt.Errorf("%s has no licence in %s", module, folders[module])
		}
		fmt.Fprintf(out, "\n%s\n%s\n\n", strings.Repeat("=", 72), module)
		for _, text := range texts {
			fmt.Fprintf(out, "%s\n", bytes.TrimSpace(text))
		}
	}
	return out.Flush()
}

// modules are the folders of the modules that are built in, by "PATH VERSION".
func modules() (map[string]string, error) {
	folders := map[string]string{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		listed, err := output("env", "CGO_ENABLED=0", "GOOS="+system, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", ".")
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(listed)) {
			if module, folder, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
				folders[module] = folder
			}
		}
	}
	return folders, nil
}

// licenceFile matches what modules call their licences and notices.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

func licences(folder string) ([][]byte, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var texts [][]byte
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

func output(command string, args ...string) ([]byte, error) {
	c := exec.Command(command, args...)
	c.Stderr = os.Stderr
	return c.Output()
}
