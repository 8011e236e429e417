package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/schema"
)

func TestDescribed(t *testing.T) {
	before, err := json.Marshal(argumentsSchema)
	require.NoError(t, err)
	for _, path := range [][]string{{"id"}, {"fields"}, {"filters"}, {"filters", "field"}} {
		described := schema.Described(argumentsSchema, "Another.", path...)
		require.Equal(t, "Another.", schema.DescriptionOf(described, path...))
		data, err := json.Marshal(described)
		require.NoError(t, err)
		require.Empty(t, schema.Lint(data))
		require.Equal(t, argumentsSchema.Required, described.Required)
		require.Equal(t, argumentsSchema.Properties.Len(), described.Properties.Len())
	}
	after, err := json.Marshal(argumentsSchema)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "others have it too")
	require.Equal(t, "Field alias.", schema.DescriptionOf(argumentsSchema, "filters", "field"))
	require.Empty(t, schema.DescriptionOf(argumentsSchema, "search"))
}
