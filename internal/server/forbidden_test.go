package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/tools"
)

// registry is a Flexie that knows its user and what they may do, and counts how
// often it is asked.
type registry struct {
	self    string                                            // what it answers of the user
	answers func(names []string) (status int, granted string) // what it answers of permissions
	before  func(*http.Request) error                         // what happens to a request first

	mu    sync.Mutex
	asked []string // the requests, and of those for permissions how many names
}

const seller = `{"user":{"id":"3","username":"ann","role":{"id":1,"name":"Sales"}}}`

func (r *registry) RoundTrip(request *http.Request) (*http.Response, error) {
	var body struct{ Permissions []string }
	if request.Body != nil {
		if err := json.NewDecoder(request.Body).Decode(&body); err != nil {
			return nil, err
		}
	}
	r.mu.Lock()
	r.asked = append(r.asked, strings.TrimPrefix(request.URL.Path, "/api"))
	r.mu.Unlock()
	if r.before != nil {
		if err := r.before(request); err != nil {
			return nil, err
		}
	}
	status, text := http.StatusOK, r.self
	if body.Permissions != nil {
		status, text = r.answers(body.Permissions)
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(text)), Request: request}, nil
}

func (r *registry) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asked)
}

// knowing answers of permissions that it knows, and leaves out the rest.
func knowing(has map[string]bool) func([]string) (int, string) {
	return func(names []string) (int, string) {
		granted := map[string]bool{}
		for _, name := range names {
			if had, known := has[name]; known {
				granted[name] = had
			}
		}
		return http.StatusOK, string(encode(map[string]any{"permissions": granted}))
	}
}

// strict refuses to answer where one name is not known, as Mautic does.
func strict(status int, has map[string]bool) func([]string) (int, string) {
	return func(names []string) (int, string) {
		for _, name := range names {
			if _, known := has[name]; !known {
				return status, `{"error":{"message":"Permission ` + name + ` does not exist","code":500}}`
			}
		}
		return knowing(has)(names)
	}
}

// lenient says no to whatever it does not know.
func lenient(has map[string]bool) func([]string) (int, string) {
	return func(names []string) (int, string) {
		all := map[string]bool{}
		for _, name := range names {
			all[name] = has[name]
		}
		return knowing(all)(names)
	}
}

// rightsOfAll are all permissions that tools are judged by, had or not.
func rightsOfAll(had func(name string) bool) map[string]bool {
	has := map[string]bool{}
	for _, name := range tools.PermissionsFor(tools.All()) {
		has[name] = had(name)
	}
	return has
}

func always(yes bool) func(string) bool { return func(string) bool { return yes } }

// in is which permissions are of these areas.
func in(areas ...string) func(string) bool {
	return func(name string) bool { return slices.Contains(areas, areaOf(name)) }
}

func only(has map[string]bool, kept func(string) bool) map[string]bool {
	has = maps.Clone(has)
	maps.DeleteFunc(has, func(name string, _ bool) bool { return !kept(name) })
	return has
}

// offering is a server of all tools that leaves out those that are forbidden.
type offering struct {
	*forbidden
	server *mcpserver.MCPServer
	client *flexie.Client
}

func offeringTo(t *testing.T, flexieIs http.RoundTripper) offering {
	client, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey(sandbox.SupportKey), Transport: flexieIs})
	require.NoError(t, err)
	return offeringBy(func(context.Context) (*flexie.Client, error) { return client, nil }, client)
}

func offeringBy(clientOf func(context.Context) (*flexie.Client, error), client *flexie.Client) offering {
	all := slices.Concat(tools.All(), tools.Discover(tools.All()))
	f, hooks := newForbidden(all, clientOf, slog.New(slog.DiscardHandler)), &mcpserver.Hooks{}
	hooks.AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, result *mcp.ListToolsResult) {
		f.leaveOut(ctx, result)
	})
	s := mcpserver.NewMCPServer("test", "1", mcpserver.WithToolCapabilities(false), mcpserver.WithHooks(hooks))
	for _, t := range all {
		s.AddTool(Describe(t), nil)
	}
	return offering{f, s, client}
}

// missing are the tools that are left out of a list, in order.
func (o offering) missing(t *testing.T, ctx context.Context) []string {
	t.Helper()
	answer, ok := o.server.HandleMessage(ctx, json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)).(mcp.JSONRPCResponse)
	require.True(t, ok)
	var listed struct{ Tools []struct{ Name string } }
	require.NoError(t, json.Unmarshal(encode(answer.Result), &listed))
	left := slices.Sorted(maps.Keys(o.tools))
	for _, tool := range listed.Tools {
		left = slices.DeleteFunc(left, func(name string) bool { return name == tool.Name })
	}
	return left
}

// toolsOf are those of some groups, but for those named.
func toolsOf(groups []string, but ...string) []string {
	var names []string
	for _, t := range tools.All() {
		if slices.Contains(groups, t.Toolset) && !slices.Contains(but, t.Name) {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return names
}

// judged are the groups that there are permissions for.
var judged = slices.DeleteFunc(slices.Clone(flexie.Groups), func(group string) bool { return group == "custom_records" })

func TestWhatIsForbiddenIsLeftOut(t *testing.T) {
	everything, nothing := rightsOfAll(always(true)), rightsOfAll(always(false))
	noDeletes := rightsOfAll(func(name string) bool { return !strings.Contains(name, ":delete") })
	ownOnly := rightsOfAll(func(name string) bool { return !strings.HasSuffix(name, "other") })
	leadsAndDeals := only(nothing, in("lead:leads", "deal:deals"))
	numbers := func(names []string) (int, string) {
		return http.StatusOK, `{"lead:leads:viewown":0,"lead:leads:viewother":"0","deal:deals:viewown":1,"deal:deals:viewother":"false","case:cases:viewown":null,"case:cases:viewother":"no idea"}`
	}
	const asksMadeUp = 1
	for _, test := range []struct {
		name    string
		self    string
		answers func([]string) (int, string)
		missing []string
		asks    int // for permissions
	}{
		{"everything is granted", seller, knowing(everything), nil, 1},
		{"own things only", seller, knowing(ownOnly), nil, 1 + asksMadeUp},
		{"nothing may be deleted", seller, knowing(noDeletes), []string{
			"delete_account", "delete_case", "delete_contact", "delete_deal", "delete_lead",
			"delete_note", "delete_task", "delete_user", "delete_workflow"}, 1 + asksMadeUp},
		{"nothing is granted", seller, knowing(nothing), toolsOf(judged, "get_current_user", "check_user_permissions"), 1 + asksMadeUp},
		{"nothing is granted, strictly", seller, strict(400, nothing), toolsOf(judged, "get_current_user", "check_user_permissions"), 1 + asksMadeUp},
		{"no name is known", seller, knowing(nil), nil, 1},
		{"few names are known", seller, knowing(leadsAndDeals), toolsOf([]string{"leads", "deals"}), 1 + asksMadeUp},
		{"half of a right's names are known", seller, knowing(map[string]bool{"lead:leads:viewown": false}), nil, 1 + asksMadeUp},
		{"one that is not known is refused", seller, strict(400, leadsAndDeals), toolsOf([]string{"leads", "deals"}), 1 + len(judged) + asksMadeUp},
		{"one that is not known breaks it", seller, strict(500, leadsAndDeals), toolsOf([]string{"leads", "deals"}), 1 + len(judged) + asksMadeUp},
		{"all are refused", seller, strict(400, nil), nil, 1 + len(judged)},
		{"no to all that is not known", seller, lenient(nil), toolsOf([]string{"leads"}), 1 + asksMadeUp},
		{"no to all that is not known, beside some that are", seller, lenient(map[string]bool{"case:cases:viewown": true}),
			append([]string{"add_case_reply", "add_case_to_list", "create_case", "delete_case"},
				append(toolsOf([]string{"leads"}), "remove_case_from_list", "update_case")...), 1 + asksMadeUp},
		{"yes and no in other words", seller, numbers, []string{"describe_lead_fields", "get_lead", "list_lead_lists", "search_leads"}, 1 + asksMadeUp},
		{"nothing is said", seller, func([]string) (int, string) { return 204, "" }, nil, 1},
		{"all in a word", seller, func([]string) (int, string) { return 200, `{"permissions":"all"}` }, nil, 1},

		{"an administrator", `{"user":{"id":1,"isAdmin":true}}`, knowing(nothing), nil, 0},
		{"an administrator by number", `{"id":1,"isAdmin":"1"}`, knowing(nothing), nil, 0},
		{"an administrator by role", `{"user":{"id":1,"role":{"id":1,"isAdmin":true}}}`, knowing(nothing), nil, 0},
		{"no administrator", `{"user":{"id":1,"isAdmin":false,"role":{"id":1,"isAdmin":0}}}`, knowing(leadsAndDeals), toolsOf([]string{"leads", "deals"}), 1 + asksMadeUp},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &registry{self: test.self, answers: test.answers}
			o := offeringTo(t, r)
			slices.Sort(test.missing)
			require.Equal(t, append([]string{}, test.missing...), append([]string{}, o.missing(t, t.Context())...))
			require.Equal(t, "/users/self", r.requests()[0])
			require.Len(t, r.requests(), 1+test.asks)

			before := len(r.requests())
			for name, tool := range o.tools {
				err := o.allows(t.Context(), o.client, tool)
				require.Equal(t, slices.Contains(test.missing, name), err != nil, "a call of %s", name)
			}
			require.Len(t, r.requests(), before, "it is asked once")
		})
	}
}

// TestWhereFlexieCantBeAsked nothing is left out, and it is asked again later.
func TestWhereFlexieCantBeAsked(t *testing.T) {
	nothing := rightsOfAll(always(false))
	answering := func(status int, text string) func([]string) (int, string) {
		return func([]string) (int, string) { return status, text }
	}
	refusing := func(path string, err error) func(*http.Request) error {
		return func(request *http.Request) error {
			if strings.HasSuffix(request.URL.Path, path) {
				return err
			}
			return nil
		}
	}
	for name, broken := range map[string]*registry{
		"no connection":       {before: refusing("", errors.New("connection refused"))},
		"no user":             {self: `{"user":{"username":"ann"}}`, answers: knowing(nothing)},
		"no JSON":             {self: `<html>`, answers: knowing(nothing)},
		"permissions denied":  {self: seller, answers: answering(403, `{"error":{"message":"No access","code":403}}`)},
		"no such address":     {self: seller, answers: answering(404, `{}`)},
		"too many requests":   {self: seller, answers: answering(429, `{}`)},
		"a proxy's error":     {self: seller, answers: answering(502, `<html>`)},
		"a list, not answers": {self: seller, answers: answering(200, `"yes"`)},
		"the answer is lost":  {self: seller, answers: knowing(nothing), before: refusing("/permission", io.ErrUnexpectedEOF)},
		"the made-up one is lost": {self: seller, answers: func(names []string) (int, string) {
			if len(names) == 1 {
				return 503, ""
			}
			return knowing(nothing)(names)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := offeringTo(t, broken)
				began := time.Now()
				require.Empty(t, o.missing(t, t.Context()))
				require.NoError(t, o.allows(t.Context(), o.client, o.tools["delete_lead"]))
				require.Less(t, time.Since(began), rightsPatience)
				asked := len(broken.requests())
				require.Empty(t, o.missing(t, t.Context()))
				require.Len(t, broken.requests(), asked, "it is not asked again at once")

				broken.self, broken.answers, broken.before = seller, knowing(nothing), nil
				time.Sleep(rightsRest)
				require.Contains(t, o.missing(t, t.Context()), "delete_lead")
			})
		})
	}
}

// TestAHangingFlexieHoldsNothingUp: the first waits a few seconds, the others
// not at all, and once there is an answer it holds.
func TestAHangingFlexieHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r := &registry{self: seller, answers: knowing(rightsOfAll(always(false))), before: func(request *http.Request) error {
			select {
			case <-release:
				return nil
			case <-request.Context().Done():
				return request.Context().Err()
			}
		}}
		o := offeringTo(t, r)
		began := time.Now()
		require.Empty(t, o.missing(t, t.Context()))
		require.Equal(t, rightsPatience, time.Since(began))
		require.Empty(t, o.missing(t, t.Context()))
		require.NoError(t, o.allows(t.Context(), o.client, o.tools["delete_lead"]))
		require.Equal(t, rightsPatience, time.Since(began))
		require.Len(t, r.requests(), 1)

		close(release)
		synctest.Wait()
		require.Contains(t, o.missing(t, t.Context()), "delete_lead")
		require.Equal(t, rightsPatience, time.Since(began))
	})
}

// TestAFlexieThatHangsForGood is left alone for a while, and never waited for
// longer than the deadline.
func TestAFlexieThatHangsForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registry{before: func(request *http.Request) error {
			<-request.Context().Done()
			return request.Context().Err()
		}}
		o := offeringTo(t, r)
		require.Empty(t, o.missing(t, t.Context()))
		time.Sleep(rightsDeadline + rightsRest)
		require.Empty(t, o.missing(t, t.Context()))
		require.Len(t, r.requests(), 2)
		time.Sleep(rightsDeadline)
	})
}

// TestWhoGivesUpIsNotWaitedFor, and the answer is there for the next.
func TestWhoGivesUpIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registry{self: seller, answers: knowing(rightsOfAll(always(false))), before: func(*http.Request) error {
			time.Sleep(time.Second)
			return nil
		}}
		o := offeringTo(t, r)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		began := time.Now()
		require.Empty(t, o.missing(t, ctx))
		require.Equal(t, time.Millisecond, time.Since(began))
		time.Sleep(4 * time.Second)
		require.Contains(t, o.missing(t, t.Context()), "delete_lead")
		require.Len(t, r.requests(), 3)
	})
}

// TestManyWhoAskAtOnceAskOnce, and it is asked again when it may have changed.
func TestManyWhoAskAtOnceAskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registry{self: seller, answers: knowing(rightsOfAll(always(false)))}
		o := offeringTo(t, r)
		var lists sync.WaitGroup
		for range 20 {
			lists.Go(func() { o.has(t.Context(), o.client) })
		}
		lists.Wait()
		require.Equal(t, []string{"/users/self", "/users/3/permission", "/users/3/permission"}, r.requests())

		r.answers = knowing(rightsOfAll(always(true)))
		time.Sleep(rightsLifetime - time.Nanosecond)
		require.Contains(t, o.missing(t, t.Context()), "delete_lead")
		time.Sleep(time.Nanosecond)
		require.Empty(t, o.missing(t, t.Context()))
		require.Len(t, r.requests(), 5)
	})
}

// TestEachCallerHasTheirOwnRights, and those of callers who are gone are
// forgotten.
func TestEachCallerHasTheirOwnRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type who struct{}
		clients := map[string]*flexie.Client{}
		for name, had := range map[string]bool{"ann": true, "bob": false} {
			clients[name] = offeringTo(t, &registry{self: seller, answers: knowing(rightsOfAll(always(had)))}).client
		}
		o := offeringBy(func(ctx context.Context) (*flexie.Client, error) {
			if c := clients[ctx.Value(who{}).(string)]; c != nil {
				return c, nil
			}
			return nil, errors.New("nobody")
		}, nil)
		as := func(name string) context.Context { return context.WithValue(t.Context(), who{}, name) }
		for range 2 {
			require.Empty(t, o.missing(t, as("ann")))
			require.Contains(t, o.missing(t, as("bob")), "search_deals")
		}
		require.Empty(t, o.missing(t, as("carl")), "who is nobody is told so by the call itself")
		require.Len(t, o.kept, 2)
		time.Sleep(rightsLifetime)
		require.Empty(t, o.missing(t, as("ann")))
		require.Len(t, o.kept, 1)
	})
}

// TestACallOfAForbiddenToolSaysWhy, and who can change it.
func TestACallOfAForbiddenToolSaysWhy(t *testing.T) {
	o := offeringTo(t, &registry{self: seller, answers: knowing(rightsOfAll(always(false)))})
	err := o.allows(t.Context(), o.client, o.tools["delete_lead"])
	require.EqualError(t, err, "delete_lead is not allowed here: Flexie says that the key's user has no permission for it "+
		"(lead:leads:deleteother or lead:leads:deleteown); get_current_user says who it is, and an administrator of the workspace can change what they may")
	var notAllowed tools.NotAllowed
	require.ErrorAs(t, err, &notAllowed)
}

// TestNobodyIsAskedInVain: not with the setting off, nor for tools that are
// never left out.
func TestNobodyIsAskedInVain(t *testing.T) {
	r := &registry{self: seller, answers: knowing(nil)}
	o := offeringTo(t, r)
	for _, name := range []string{"get_current_user", "find_tools", "run_write_tool", "create_custom_record"} {
		require.NoError(t, o.allows(t.Context(), o.client, o.tools[name]))
	}
	listed := mcp.ListToolsResult{Tools: []mcp.Tool{{Name: "delete_lead"}}}
	(*forbidden)(nil).leaveOut(t.Context(), &listed)
	require.Len(t, listed.Tools, 1)
	require.NoError(t, (*forbidden)(nil).allows(t.Context(), o.client, o.tools["delete_lead"]))
	require.Empty(t, r.requests())
}

// TestTheRolesOfTheSandbox: what is left out would be refused.
func TestTheRolesOfTheSandbox(t *testing.T) {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	defer box.Close()
	missing := offeringTo(t, box.Transport()).missing(t, t.Context())
	require.Subset(t, missing, []string{"create_lead", "update_lead", "delete_lead", "delete_case", "create_user", "delete_workflow"})
	for _, name := range []string{"search_leads", "update_case", "delete_note", "delete_task", "search_users"} {
		require.NotContains(t, missing, name)
	}
}
