package check_test

import (
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/stretchr/testify/require"
)

// dockerfile is the Dockerfile as BuildKit reads it, without a complaint.
func dockerfile(t *testing.T) map[string]instructions.Stage {
	t.Helper()
	parsed, err := parser.Parse(strings.NewReader(content(t, repository+"/Dockerfile")))
	require.NoError(t, err)
	require.Empty(t, parsed.Warnings)
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) {
		t.Errorf("%s: %s", rule, message)
	}})
	stages, _, err := instructions.Parse(parsed.AST, lint)
	require.NoError(t, err)
	named := map[string]instructions.Stage{}
	for _, s := range stages {
		named[s.Name] = s
	}
	require.Equal(t, "stdio", stages[len(stages)-1].Name, "what docker build makes without --target")
	return named
}

// all are the instructions of one kind.
func all[C instructions.Command](s instructions.Stage) (found []C) {
	for _, c := range s.Commands {
		if c, ok := c.(C); ok {
			found = append(found, c)
		}
	}
	return found
}

// TestTheImages: both have nothing but the program on an empty base, run as
// nobody, and differ in that only one of them serves HTTP.
func TestTheImages(t *testing.T) {
	stages := dockerfile(t)
	base := stages["base"]
	require.Equal(t, "scratch", base.BaseName)
	require.Equal(t, "65534:65534", all[*instructions.UserCommand](base)[0].User)
	require.Equal(t, []string{"/flexie-mcp"}, []string(all[*instructions.EntrypointCommand](base)[0].CmdLine))
	require.Empty(t, all[*instructions.HealthCheckCommand](base))

	http := stages["http"]
	require.Equal(t, "base", http.BaseName)
	require.Equal(t, []string{"8080", "9090"}, all[*instructions.ExposeCommand](http)[0].Ports)
	require.Equal(t, []string{"CMD", "/flexie-mcp", "healthcheck"}, all[*instructions.HealthCheckCommand](http)[0].Health.Test)
	require.Equal(t, []string{"http", "--listen", "0.0.0.0:8080"}, []string(all[*instructions.CmdCommand](http)[0].CmdLine))

	require.Equal(t, "base", stages["stdio"].BaseName)
	require.Empty(t, stages["stdio"].Commands)
}
