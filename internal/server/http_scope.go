package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"

	"flexie-mcp/tools"
)

// toolsByName are all tools, whether or not they are offered.
var toolsByName = sync.OnceValue(func() map[string]tools.Tool {
	byName := map[string]tools.Tool{}
	for _, t := range tools.All() {
		byName[t.Name] = t
	}
	return byName
})

// beyondScope refuses a call of a tool that takes a higher level than the person
// has let the assistant have. It is refused by the status, and not in the answer:
// by that a client knows that it can ask the person for more, and call again.
func beyondScope(w http.ResponseWriter, r *http.Request, m posted) bool {
	a := askingOf(r.Context())
	if m.Method != string(mcp.MethodToolsCall) || a == nil || a.Access == "" {
		return false
	}
	t, ok := calledTool(r)
	if !ok || a.allows(t) != nil {
		return false
	}
	challenge := a.ScopeChallenge(string(t.Level()))
	if challenge == "" {
		return false
	}
	w.Header().Set("WWW-Authenticate", challenge)
	refuse(w, http.StatusForbidden, m.ID, mcp.INVALID_REQUEST, a.byScope(t).Error())
	return true
}

// calledTool is the tool that a message calls, by itself or by one that runs
// others, and leaves the message to be read again.
func calledTool(r *http.Request) (tools.Tool, bool) {
	body, err := io.ReadAll(r.Body) // which was read whole before
	r.Body = io.NopCloser(bytes.NewReader(body))
	var call struct {
		Params struct {
			Name      string `json:"name"`
			Arguments struct {
				Name string `json:"name"`
			} `json:"arguments"`
		} `json:"params"`
	}
	if err == nil {
		_ = json.Unmarshal(body, &call) // what can't be read is refused by others
	}
	name := call.Params.Name
	if name == "run_tool" || name == "run_write_tool" {
		name = call.Params.Arguments.Name
	}
	t, ok := toolsByName()[tools.Renamed.Resolve(name)]
	return t, ok
}
