package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mayImport says which of our packages each may import. They point one way:
// main -> internal/cli -> internal/server -> tools -> resources, schema -> flexie.
var mayImport = map[string][]string{
	".":                        {"internal/cli"},
	"bench/http":               {"flexie", "bench/internal/measure", "bench/internal/process", "bench/internal/workspace", "internal/auth", "internal/cli"},
	"bench/internal/measure":   {},
	"bench/internal/process":   {},
	"bench/internal/workspace": {"bench/internal/process", "internal/sandbox"},
	"bench/jobs":               {"internal/config", "internal/sandbox", "internal/server", "tools"},
	"bench/jobs/rubric":        {"internal/server", "tools"},
	"bench/kill":               {"internal/chaos", "internal/cli", "internal/journal", "internal/sandbox", "internal/store"},
	"bench/lost":               {"flexie", "internal/chaos", "internal/journal", "internal/sandbox", "internal/server", "internal/store", "tools"},
	"bench/versus":             {"flexie", "bench/internal/measure", "bench/internal/process", "bench/internal/workspace", "internal/chart"},
	"bench/versus/bare":        {"flexie"},
	"docs":                     {},
	"flexie":                   {},
	"schema":                   {"flexie"},
	"resources":                {"flexie", "internal/chart"},
	"prompts":                  {"flexie", "resources"},
	"tools":                    {"flexie", "schema", "resources", "internal/chart", "internal/confirm", "internal/journal", "internal/progress"},
	"internal/apikey":          {"internal/files", "internal/private"},
	"internal/auth":            {"flexie"},
	"internal/authserver":      {"flexie", "internal/auth", "internal/oauth", "internal/store"},
	"internal/chart":           {},
	"internal/chaos":           {"flexie"}, // for tests and benches: nothing in the program may import it
	"internal/clients":         {"internal/files"},
	"internal/config":          {"flexie"}, // for what is guessed of Flexie
	"internal/confirm":         {"internal/store"},
	"internal/doctor":          {"flexie", "resources", "tools", "docs", "internal/authserver", "internal/config", "internal/oauth", "internal/store"},
	"internal/files":           {},
	"internal/journal":         {"internal/store"},
	"internal/oauth":           {"flexie", "internal/files", "internal/private"},
	"internal/private":         {},
	"internal/progress":        {},
	"internal/sandbox":         {"flexie"},
	"internal/setup":           {"internal/files"},
	"internal/store":           {"flexie"},
	"internal/store/storetest": {"internal/store"}, // for tests: nothing in the program may import it
	"internal/telemetry":       {},
	"internal/server":          {"flexie", "schema", "resources", "tools", "prompts", "internal/config", "internal/sandbox", "internal/auth", "internal/store", "internal/confirm", "internal/journal", "internal/oauth", "internal/progress", "internal/telemetry"},
	"internal/cli":             {"flexie", "tools", "internal/apikey", "internal/auth", "internal/authserver", "internal/clients", "internal/config", "internal/doctor", "internal/journal", "internal/oauth", "internal/sandbox", "internal/server", "internal/setup", "internal/telemetry"},
	"packaging":                {"prompts", "tools"},
	"packaging/build":          {"packaging"},
	"packaging/notices":        {},
}

// knowMCP are the packages that may import mcp-go.
var knowMCP = []string{"internal/server", "internal/cli", "bench/lost", "bench/http", "bench/jobs", "bench/versus", "bench/versus/bare"}

// fromFlexie is all that the sandbox may use of flexie: the table of endpoints.
// Its answers are written from what is known of Flexie, not from the reader.
var fromFlexie = []string{"Endpoints", "Endpoint", "EndpointNamed", "Kinds", "Kind", "Groups"}

func TestImportsPointOneWay(t *testing.T) {
	eachFile(t, func(path string, file *ast.File) {
		dir := filepath.ToSlash(filepath.Dir(path))
		allowed, known := mayImport[dir]
		require.True(t, known, "say in mayImport what %s may import", dir)
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if ours, ok := strings.CutPrefix(path, "flexie-mcp/"); ok {
				require.Contains(t, allowed, ours, "%s imports %s", dir, ours)
			}
			if strings.HasPrefix(path, "github.com/mark3labs/mcp-go") {
				require.Contains(t, knowMCP, dir, "%s imports mcp-go", dir)
			}
		}
	})
}

func TestTheSandboxSharesNoCodeWithTheReader(t *testing.T) {
	eachFile(t, func(path string, file *ast.File) {
		if !strings.HasPrefix(path, "internal/sandbox/") {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "flexie" {
					require.Contains(t, fromFlexie, s.Sel.Name)
				}
			}
			return true
		})
	})
}

// eachFile goes through the Go files that are built into the program.
func eachFile(t *testing.T, visit func(path string, file *ast.File)) {
	seen := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		seen++
		visit(filepath.ToSlash(path), file)
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, seen, 50, "the files were not found")
}
