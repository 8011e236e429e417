package check_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	v0 "github.com/modelcontextprotocol/registry/pkg/api/v0"
	"github.com/modelcontextprotocol/registry/pkg/model"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// TestServerJSONIsTheRegistrys: both the one in the repository and that of a release,
// by the schema that the registry itself goes by, from its module.
func TestServerJSONIsTheRegistrys(t *testing.T) {
	folder := strings.TrimSpace(ran(t, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/modelcontextprotocol/registry"))
	schema, err := jsonschema.NewCompiler().Compile(folder + "/internal/validators/schemas/" + model.CurrentSchemaVersion + ".json")
	require.NoError(t, err)
	check := func(t *testing.T, path string) v0.ServerJSON {
		text := content(t, path)
		read, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		require.NoError(t, err)
		require.NoError(t, schema.Validate(read))
		var s v0.ServerJSON
		strict := json.NewDecoder(bytes.NewReader(text))
		strict.DisallowUnknownFields()
		require.NoError(t, strict.Decode(&s), "a field that the registry does not know")
		require.Equal(t, model.CurrentSchemaURL, s.Schema)
		return s
	}
	t.Run("in the repository", func(t *testing.T) { check(t, repository+"/server.json") })
	t.Run("of a release", func(t *testing.T) {
		s := check(t, packages(t, "server.json"))
		require.Equal(t, "io.github.Somebody/flexie-mcp", s.Name)
		types := map[string]model.Package{}
		for _, p := range s.Packages {
			types[p.RegistryType] = p
		}
		require.Len(t, types, 3)
		sum := sha256.Sum256(content(t, packages(t, "flexie-mcp.mcpb")))
		require.Equal(t, hex.EncodeToString(sum[:]), types["mcpb"].FileSHA256)
		require.Equal(t, "https://github.com/Somebody/flexie-mcp/releases/download/v1.2.3/flexie-mcp.mcpb", types["mcpb"].Identifier)
		require.Equal(t, "ghcr.io/somebody/flexie-mcp:1.2.3", types["oci"].Identifier)

		// By this the registry sees that the package of npm is of the same people.
		var launcher struct{ Name, Version, MCPName string }
		require.NoError(t, json.Unmarshal(content(t, packages(t, "npm", "flexie-mcp", "package.json")), &launcher))
		require.Equal(t, s.Name, launcher.MCPName)
		require.Equal(t, []string{launcher.Name, launcher.Version}, []string{types["npm"].Identifier, types["npm"].Version})
	})
}
