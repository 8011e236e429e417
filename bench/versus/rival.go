package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// What is compared, in the order of the columns.
const (
	oursName    = "flexie-mcp"
	bareName    = "bare"
	gatewayName = "gateway"
)

var columns = []string{oursName, bareName, gatewayName}

// rival is a server that is measured, and how it is asked.
type rival struct {
	name    string
	command []string
	environ func(root string) []string // root is the API's

	contact func(id int) call // one contact
	thirty  call              // thirty of them
	size    int               // of what is installed, in bytes
}

// key is the sandbox's.
const key = "sandbox"

// build builds a package of the module as it is released, and returns the program.
func build(module, dir, pkg, name string) (string, error) {
	program := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, pkg)
	cmd.Dir, cmd.Env = module, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return program, nil
}

// ours is flexie-mcp; state is a directory of its own. It has no limits of its own on
// how fast and how many at the same time the workspace is asked, as others have none.
func ours(program, state string) (rival, error) {
	info, err := os.Stat(program)
	if err != nil {
		return rival{}, err
	}
	return rival{
		name: oursName, command: []string{program}, size: int(info.Size()),
		environ: func(root string) []string {
			return []string{"HOME=" + state, "FLEXIE_STATE_DIR=" + state, "FLEXIE_BASE_URL=" + root, "FLEXIE_API_KEY=" + key, "FLEXIE_MAX_RATE=0", "FLEXIE_MAX_CONCURRENT=0"}
		},
		contact: func(id int) call { return call{"get_contact", fmt.Sprintf(`{"id":%d}`, id)} },
		thirty:  call{"search_contacts", `{"limit":30}`},
	}, nil
}

func bare(program string) (rival, error) {
	info, err := os.Stat(program)
	if err != nil {
		return rival{}, err
	}
	return rival{
		name: bareName, command: []string{program}, size: int(info.Size()),
		environ: func(root string) []string { return []string{"FLEXIE_BASE_URL=" + root, "FLEXIE_API_KEY=" + key} },
		contact: func(id int) call { return call{"contacts_get", fmt.Sprintf(`{"id":"%d"}`, id)} },
		thirty:  call{"contacts_list", `{"query":{"limit":30}}`},
	}, nil
}

// gateway is @ivotoby/openapi-mcp-server, of a node_modules directory; document is
// what it reads.
func gateway(node, modules, document string) (rival, error) {
	size, err := sizeOf(modules)
	if err != nil {
		return rival{}, err
	}
	return rival{
		name: gatewayName, size: size,
		command: []string{node, filepath.Join(modules, filepath.FromSlash(gatewayPackage), "bin", "mcp-server.js")},
		environ: func(root string) []string {
			return []string{"API_BASE_URL=" + root, "OPENAPI_SPEC_PATH=" + document, "API_HEADERS=apikey:" + key, "VERBOSE=false"}
		},
		contact: func(id int) call { return call{"get-contacts-id", fmt.Sprintf(`{"id":%d}`, id)} },
		thirty:  call{"get-contacts", `{"limit":30}`},
	}, nil
}

const gatewayPackage = "@ivotoby/openapi-mcp-server"

// gatewayVersion is what its package says.
func gatewayVersion(modules string) string {
	var about struct{ Version string }
	data, err := os.ReadFile(filepath.Join(modules, filepath.FromSlash(gatewayPackage), "package.json"))
	if err != nil || json.Unmarshal(data, &about) != nil {
		return "?"
	}
	return about.Version
}

// sizeOf is that of all files of a directory, but for Node itself.
func sizeOf(dir string) (size int, err error) {
	err = filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.IsDir() && strings.HasPrefix(info.Name(), "node-") && filepath.Dir(path) == filepath.Clean(dir) {
			return filepath.SkipDir
		}
		if err == nil && info.Mode().IsRegular() {
			size += int(info.Size())
		}
		return err
	})
	return size, err
}
