package schema_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/schema"
)

func TestIsSecret(t *testing.T) {
	for _, name := range []string{"password", "PASS-WORD", "pass_word", "p_a_s_s_w_o_r_d", "portal_password", "plainPassword", "Passwort", "passwd", "pass phrase"} {
		require.True(t, schema.IsSecret(name), name)
	}
	for _, name := range []string{"pass", "token", "api_key", "passport", "word", ""} {
		require.False(t, schema.IsSecret(name), name)
	}
}

// TestProblemsTellNoSecret: what is wrong with a password is said without it.
func TestProblemsTellNoSecret(t *testing.T) {
	type args struct {
		ID       int     `json:"id"`
		Password *string `json:"password"`
	}
	s := schema.Of(reflect.TypeFor[args](), strings.NewReplacer())
	for _, given := range []string{
		`{"id":42,"password":["hunter2"]}`, `{"id":42,"pass_word":{"x":"hunter2"}}`, `{"id":42,"passwd":"hunter2"}`,
		`{"id":{"password":"hunter2"}}`, `"{\"password\":\"hunter2\""`, `["hunter2 is the password"]`,
	} {
		err := schema.Decode(s, json.RawMessage(given), new(args))
		require.Error(t, err, given)
		require.NotContains(t, err.Error(), "hunter2", given)
	}
	require.EqualError(t, schema.Decode(s, []byte(`{"password":[1]}`), new(args)), "password must be text; got what is not shown here, as it may be a secret")
}
