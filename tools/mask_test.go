package tools_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

// TestSecretsOfRecords: a field of the workspace's own that holds a password is
// neither recorded nor previewed, and goes out as it is.
func TestSecretsOfRecords(t *testing.T) {
	var sent []string
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/list/fields"):
			return answering(200, `[{"alias":"name","type":"text"},{"alias":"portal_password","type":"text"},{"alias":"Passwort","type":"text"}]`)(r)
		case r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "/new"):
			return answering(200, `[]`)(r)
		}
		return answering(200, `{"contact":{"id":42,"name":"Jane","portal_password":"old-s3cret","Passwort":"old-s3cret"}}`)(r)
	})
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey("k"), Transport: recording(&sent, flexieIs)})
	require.NoError(t, err)
	d := &desk{t: t, who: trusted(t, c), all: chosenAt(t, tools.Choice{}), ctx: t.Context()}
	for _, x := range []struct{ tool, arguments string }{
		{"update_contact", `{"id":42,"fields":{"name":"Jo","portal_password":"new-s3cret","Passwort":"new-s3cret"}}`},
		{"create_contact", `{"fields":{"name":"Jo","portal_password":"new-s3cret"},"if_exists":"create_anyway"}`},
		{"delete_contact", `{"id":42}`},
	} {
		preview := d.run(x.tool, with(x.arguments, "dry_run", true))
		require.NotContains(t, preview, "new-s3cret")
		if x.tool == "update_contact" {
			require.Contains(t, preview, "portal_password |  | (hidden)")
			require.Contains(t, preview, "name | Jane | Jo")
		}
		d.run(x.tool, x.arguments)
	}
	require.Contains(t, strings.Join(sent, "\n"), "new-s3cret")
	entries := d.entries()
	require.Len(t, entries, 3)
	for _, e := range entries {
		data, err := json.Marshal(e)
		require.NoError(t, err)
		require.NotContains(t, string(data), "s3cret")
	}
	require.NotContains(t, d.run("list_changes", `{}`), "s3cret")
	require.Contains(t, d.run("list_changes", `{}`), "portal_password: (hidden)")
	require.Contains(t, d.run("undo_change", `{"change_id":1,"dry_run":true}`), "What can't come back: portal_password (it is not recorded), Passwort (it is not recorded)")
	preview := d.run("undo_change", `{"change_id":3,"dry_run":true}`)
	require.NotContains(t, preview, "(hidden)", "what stands for it is not written")
	require.Contains(t, preview, "portal_password (it is not recorded)")
}

// TestLoggable: the log may have what was asked, and no password or code, however
// they are written.
func TestLoggable(t *testing.T) {
	for _, test := range []struct{ given, logged string }{
		{`{"id":42,"search":"Jane"}`, `{"id":42,"search":"Jane"}`},
		{`{"id":42,"confirm":"c0de"}`, `{"id":42,"confirm":"(hidden)"}`},
		{`{"id":42,"Confirm":"c0de","dry_run":true}`, `{"id":42,"Confirm":"(hidden)","dry_run":true}`},
		{`{"user":{"plainPassword":"s3cret"},"password":null}`, `{"user":{"plainPassword":"(hidden)"},"password":null}`},
		{`{"tool":"delete_contact","arguments":"{\"id\":1,\"confirm\":\"c0de\"}"}`, `{"tool":"delete_contact","arguments":"{\"id\":1,\"confirm\":\"(hidden)\"}"}`},
		{`"{\"password\":\"s3cret\"}"`, `"{\"password\":\"(hidden)\"}"`},
		{`{"filters":[{"field":"portal_password","op":"is","value":"s3cret"}]}`, `{"filters":[{"field":"(hidden)","op":"(hidden)","value":"(hidden)"}]}`},
		{`{"number":12345678901234567890}`, `{"number":12345678901234567890}`},
		{`{"text":"12"}`, `{"text":"12"}`},
		{`{"password":"s3cret"`, `{}`},
		{``, `{}`},
	} {
		require.Equal(t, test.logged, string(tools.Loggable([]byte(test.given))), test.given)
	}
}

// TestPasswordsAreMaskedHoweverSpelt: what is taken for a password is recorded as
// little as one.
func TestPasswordsAreMaskedHoweverSpelt(t *testing.T) {
	for _, given := range []string{
		`{"id":42,"password":"hunter2-x"}`, `{"id":42,"Password":"hunter2-x"}`, `{"id":42,"pass_word":"hunter2-x"}`,
		`{"id":42,"PASS-WORD":"hunter2-x"}`, `{"id":42,"p_a_s_s_w_o_r_d":"hunter2-x"}`,
		`"{\"id\":42,\"pass_word\":\"hunter2-x\"}"`,
	} {
		d := atDesk(t, nil).trusting()
		require.NotContains(t, d.run("update_user", given), "hunter2", given)
		require.Len(t, d.written(), 1, given)
		require.Contains(t, d.written()[0].Body, "hunter2-x", given)
		data, err := json.Marshal(d.entries())
		require.NoError(t, err)
		require.NotContains(t, string(data), "hunter2", given)
		require.NotContains(t, string(tools.Loggable([]byte(given))), "hunter2", given)
	}
}

func TestProblemsOfPasswordsDoNotTellThem(t *testing.T) {
	for _, given := range []string{`{"id":42,"password":["hunter2-x","y"]}`, `{"id":42,"password":{"x":"hunter2-x"}}`, `{"id":42,"passwd":"hunter2-x"}`} {
		d := atDesk(t, nil).trusting()
		require.NotContains(t, d.fails("update_user", given), "hunter2", given)
		require.Empty(t, d.written())
	}
}
