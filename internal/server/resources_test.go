package server_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
	"flexie-mcp/resources"
)

func read(t *testing.T, c *client.Client, uri string) (mcp.TextResourceContents, error) {
	r, err := c.ReadResource(t.Context(), mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: uri}})
	if err != nil {
		return mcp.TextResourceContents{}, err
	}
	require.Len(t, r.Contents, 1)
	content, ok := r.Contents[0].(mcp.TextResourceContents)
	require.True(t, ok, "%T", r.Contents[0])
	require.Equal(t, uri, content.URI)
	return content, nil
}

func TestReadResources(t *testing.T) {
	c := connect(t, serving(t, inSandbox))
	for uri, says := range map[string]string{
		"flexie://workspace":                      "Flexie workspace",
		"flexie://contacts/42":                    "Contact 42",
		"flexie://leads/1":                        "Lead 1",
		"flexie://accounts/1":                     "Account 1",
		"flexie://deals/1":                        "Deal 1",
		"flexie://cases/1":                        "Case 1",
		"flexie://cases/1/replies":                "to case 1",
		"flexie://custom_records/subscriptions/1": "Record 1",
		"flexie://reports/1":                      "Report 1",
		"flexie://pages/1":                        "Page 1",
	} {
		t.Run(uri, func(t *testing.T) {
			content, err := read(t, c, uri)
			require.NoError(t, err)
			require.Equal(t, "text/markdown", content.MIMEType)
			require.Contains(t, content.Text, says)
			if uri == "flexie://workspace" {
				return // it is what this server is, and no record of Flexie's
			}
			content, err = read(t, c, uri+".json")
			require.NoError(t, err)
			require.Equal(t, "application/json", content.MIMEType)
			require.True(t, json.Valid([]byte(content.Text)), content.Text)
		})
	}
}

func TestResourcesThatAreNotThere(t *testing.T) {
	c := connect(t, serving(t, inSandbox))
	for uri, says := range map[string]string{
		"flexie://contacts/999999":                  "No contact has the id 999999",
		"flexie://contacts/nobody":                  `an id is a whole number, like 42; got "nobody"`,
		"flexie://contacts/0":                       "an id is a whole number",
		"flexie://contacts/-1":                      "an id is a whole number",
		"flexie://contacts/42.xml":                  "an id is a whole number",
		"flexie://contacts/99999999999999999999999": "an id is a whole number",
		"flexie://contacts":                         "resource not found",
		"flexie://contacts/42/replies":              "resource not found",
		"flexie://nothing/1":                        "resource not found",
		"https://acme.flexie.io/contacts/42":        "resource not found",
		"flexie://custom_records/nothing/1":         "nothing",
		"flexie://custom_records/../contacts/1":     "",
		"flexie://custom_records/%2e%2e/1":          "",
		"":                                          "",
	} {
		t.Run(uri, func(t *testing.T) {
			_, err := read(t, c, uri)
			require.ErrorContains(t, err, says)
		})
	}
}

// TestResourcesFollowTools: what tools may not show, resources don't.
func TestResourcesFollowTools(t *testing.T) {
	var everything, fixed []string
	for _, template := range resources.Templates {
		if template.Fixed() {
			fixed = append(fixed, template.URI)
		} else {
			everything = append(everything, template.URI)
		}
	}
	for _, promised := range []string{
		"flexie://contacts/{id}", "flexie://leads/{id}", "flexie://accounts/{id}", "flexie://deals/{id}", "flexie://cases/{id}",
		"flexie://custom_records/{table}/{id}", "flexie://cases/{id}/replies", "flexie://reports/{id}", "flexie://pages/{id}",
		"flexie://tasks/{id}", "flexie://custom_records/{table}/fields", "flexie://custom_records/{table}/lists",
	} {
		require.Contains(t, everything, promised)
	}
	require.Contains(t, fixed, "flexie://contacts/fields")
	require.Contains(t, fixed, "flexie://cases/lists")
	tests := map[string]struct {
		toolsets []string
		offered  []string
	}{
		"forms":   {[]string{"forms"}, []string{"flexie://forms/{id}"}},
		"cases":   {[]string{"cases"}, []string{"flexie://cases/{id}", "flexie://cases/{id}/replies"}},
		"reports": {[]string{"reports", "pages"}, []string{"flexie://reports/{id}", "flexie://pages/{id}"}},
		"all":     {[]string{"all"}, everything},
		// What is within reach by run_tool is as good as offered.
		"discover": {[]string{"discover"}, everything},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := connect(t, serving(t, config.Settings{Sandbox: true, Toolsets: test.toolsets}))
			listed, err := c.ListResources(t.Context(), mcp.ListResourcesRequest{})
			require.NoError(t, err)
			var uris []string
			for _, r := range listed.Resources {
				uris = append(uris, r.URI)
			}
			require.Contains(t, uris, "flexie://workspace")
			require.Equal(t, len(test.offered) == len(everything), slices.Contains(uris, "flexie://contacts/fields"))

			templates, err := c.ListResourceTemplates(t.Context(), mcp.ListResourceTemplatesRequest{})
			require.NoError(t, err)
			var plain, asJSON []string
			for _, template := range templates.ResourceTemplates {
				uri := template.URITemplate.Raw()
				require.NotEmpty(t, template.Description, uri)
				if strings.HasPrefix(uri, "flexie://results/") {
					continue // what tools have answered
				}
				if cut, ok := strings.CutSuffix(uri, ".json"); ok {
					asJSON = append(asJSON, cut)
					continue
				}
				plain = append(plain, uri)
			}
			require.ElementsMatch(t, test.offered, plain)
			require.ElementsMatch(t, test.offered, asJSON)

			_, err = read(t, c, "flexie://contacts/42")
			require.Equal(t, len(test.offered) == len(everything), err == nil, "%v", err)
		})
	}
}

// TestWhatAResourceShowedIsNotOverwrittenUnseen, as what a tool showed is not.
func TestWhatAResourceShowedIsNotOverwrittenUnseen(t *testing.T) {
	for _, uri := range []string{"flexie://contacts/42", "flexie://contacts/42.json"} {
		of := openOffice(t, nil)
		elena, sofia := of.withKey("sandbox"), of.withKey("sandbox-sales")
		elena.read(t, uri)
		sofia.call(t, "update_contact", `{"id":42,"fields":{"city":"Porto"}}`)
		text := elena.call(t, "update_contact", `{"id":42,"fields":{"city":"Leeds"}}`)
		require.Contains(t, text, "was changed since you last read it. Nothing was changed now.", uri)
	}
}
