package cli_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	stdlog "log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/store/storetest"
)

// office is what three servers have in common, and their clients: a workspace, a
// database, and the one address that clients know.
type office struct {
	t        *testing.T
	flexie   *countedFlexie
	servers  []process
	balancer *balancer
	database string
	url      string
	revision string // of the protocol, as the next client speaks it
}

const (
	maxRate, burst, maxConcurrent = 40, 5, 4

	// served is how many servers there are.
	served = 3
)

func newOffice(t *testing.T) *office {
	o := &office{t: t, flexie: newCountedFlexie(t), balancer: &balancer{}, database: storetest.Postgres(t)}
	for range served {
		p := start(t, []string{
			"FLEXIE_BASE_URL=" + o.flexie.url + "/api", "FLEXIE_API_KEY=" + sandbox.Key, "FLEXIE_DATABASE_URL=" + o.database,
			fmt.Sprint("FLEXIE_MAX_RATE=", maxRate), fmt.Sprint("FLEXIE_MAX_CONCURRENT=", maxConcurrent),
			"FLEXIE_TIMEOUT=5s", "FLEXIE_TOOLSETS=all",
		}, "http", "--listen", "127.0.0.1:0")
		o.servers = append(o.servers, p)
	}
	for _, p := range o.servers {
		o.balancer.add(t, p.address())
	}
	s := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "localhost"}) },
		Transport:     o.balancer,
		FlushInterval: -1,
		ErrorLog:      stdlog.New(io.Discard, "", 0), // a server is killed
	})
	t.Cleanup(s.Close)
	o.url = s.URL
	return o
}

// balancer gives each request to the next server, and none to one that is gone.
type balancer struct {
	mu    sync.Mutex
	hosts []string
	next  int
	only  int // 1 and up: that server gets all
}

// fresh connects anew for each request, so that a server that is gone is not
// taken for one that has failed in the middle of it.
var fresh = &http.Transport{DisableKeepAlives: true}

func (b *balancer) add(t *testing.T, address string) {
	u, err := url.Parse(address)
	require.NoError(t, err)
	b.hosts = append(b.hosts, u.Host)
}

// to gives all requests to one server, counted from 1; 0 to each in turn.
func (b *balancer) to(server int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.only = server
}

func (b *balancer) pick() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	host := b.hosts[b.next%len(b.hosts)]
	if b.only > 0 {
		host = b.hosts[b.only-1]
	}
	return host
}

func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	for {
		host := b.pick()
		r.URL.Host, r.Host, r.Body = host, host, io.NopCloser(bytes.NewReader(body))
		response, err := fresh.RoundTrip(r)
		if err == nil || !strings.Contains(err.Error(), "connection refused") {
			return response, err
		}
		b.mu.Lock()
		b.hosts = slices.DeleteFunc(b.hosts, func(h string) bool { return h == host })
		b.mu.Unlock()
	}
}

// countedFlexie is a made-up workspace that remembers how it is asked.
type countedFlexie struct {
	url string

	mu             sync.Mutex
	underWay, most int
	came           []time.Time
	held           map[string]chan struct{} // requests of a method and path, until it is closed
	arrived        chan struct{}            // one for each held
	gaveUp         chan struct{}            // one for each that its sender has ended
}

func newCountedFlexie(t *testing.T) *countedFlexie {
	box, err := sandbox.Open(sandbox.Options{Delay: 20 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, box.Close()) })
	f := &countedFlexie{held: map[string]chan struct{}{}, arrived: make(chan struct{}, 10), gaveUp: make(chan struct{}, 10)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.begin()
		defer f.end()
		if held := f.holds(r); held != nil {
			box.ServeHTTP(httptest.NewRecorder(), r) // it is done, and nobody learns of it
			f.arrived <- struct{}{}
			select {
			case <-held:
			case <-r.Context().Done():
				f.gaveUp <- struct{}{}
			}
			return
		}
		box.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

func (f *countedFlexie) begin() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.underWay++
	f.most = max(f.most, f.underWay)
	f.came = append(f.came, time.Now())
}

func (f *countedFlexie) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.underWay--
}

func (f *countedFlexie) holds(r *http.Request) chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held[r.Method+" "+r.URL.Path]
}

// hold keeps the answers to requests of a method and path back until release.
func (f *countedFlexie) hold(request string) (release func()) {
	held := make(chan struct{})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held[request] = held
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.held, request)
		close(held)
	}
}

// busiest is how many requests came within one second, at most.
func (f *countedFlexie) busiest() (most int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, first := range f.came {
		n := 0
		for _, at := range f.came[i:] {
			if at.Sub(first) < time.Second {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// person is a client of the office.
type person struct {
	*mcp.ClientSession
	office *office
}

// comes connects a client, which shows questions to its user if there is one.
func (o *office) comes(user func(*mcp.ElicitParams) *mcp.ElicitResult, updated func(uri string)) person {
	options := &mcp.ClientOptions{}
	if user != nil {
		options.ElicitationHandler = func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) { return user(r.Params), nil }
	}
	if updated != nil {
		options.ResourceUpdatedHandler = func(_ context.Context, r *mcp.ResourceUpdatedNotificationRequest) { updated(r.Params.URI) }
	}
	return o.connect(options, http.DefaultClient)
}

// comesWith connects the client of somebody with a Flexie key of their own.
func (o *office) comesWith(key string) person {
	return o.connect(nil, &http.Client{Transport: keyed(key)})
}

func (o *office) connect(options *mcp.ClientOptions, c *http.Client) person {
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, options).
		Connect(o.t.Context(), &mcp.StreamableClientTransport{Endpoint: o.url + "/mcp", HTTPClient: c}, &mcp.ClientSessionOptions{ProtocolVersion: o.revision})
	require.NoError(o.t, err)
	return person{session, o}
}

// keyed sends a Flexie key with each request, if it is one.
type keyed string

func (k keyed) RoundTrip(r *http.Request) (*http.Response, error) {
	if k != "" {
		r = r.Clone(r.Context())
		r.Header.Set("X-Flexie-Api-Key", string(k))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// call gives the text of an answer.
func (p person) call(tool string, arguments map[string]any) string {
	p.office.t.Helper()
	text, err := p.try(tool, arguments)
	require.NoError(p.office.t, err)
	return text
}

func (p person) try(tool string, arguments map[string]any) (string, error) {
	answer, err := p.CallTool(p.office.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		return "", err
	}
	return answer.Content[0].(*mcp.TextContent).Text, nil
}

// at makes one call at one server.
func (p person) at(server int, tool string, arguments map[string]any) string {
	p.office.t.Helper()
	p.office.balancer.to(server)
	defer p.office.balancer.to(0)
	return p.call(tool, arguments)
}

func match(t *testing.T, pattern, text string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	require.NotNil(t, found, text)
	return found[1]
}

// TestServersAtOneDatabase are as one to their clients, whichever of them gets a
// request, and when one is killed.
func TestServersAtOneDatabase(t *testing.T) {
	o := newOffice(t)
	for i, revision := range []string{"2026-07-28", "2025-11-25"} {
		o.revision = revision
		contact := 47 + 3*i // the first of three that are there to be deleted
		ann := o.comes(nil, nil)
		o.run(revision, func() {
			o.run("sessions", func() { o.sessionsAreOneOfEach(ann) })
			o.run("results", func() { o.resultsAreShared(ann) })
			o.run("codes", func() { o.codesAreShared(ann, contact) })
			o.run("undo", func() { o.changesAreShared(ann) })
			o.run("questions", func() { o.questionsFindTheirAnswers(contact+1, contact+2) })
			o.run("notices", func() { o.noticesFindTheirStream(ann) })
		})
	}
	o.run("cancelled", o.callsAreCancelledAnywhere)
	o.run("ended", o.sessionsEndEverywhere)
	o.run("limits", o.limitsHoldForAll)
	o.run("killed", o.oneIsKilled)
	require.LessOrEqual(t, o.flexie.most, maxConcurrent)
	require.LessOrEqual(t, o.flexie.busiest(), maxRate+burst+3) // a few that were held up on their way
	for _, p := range o.servers {
		require.NotContains(t, p.errors.String(), sandbox.Key)
	}
}

// run runs a part of the test.
func (o *office) run(name string, part func()) {
	whole := o.t
	defer func() { o.t = whole; o.balancer.to(0) }()
	whole.Run(name, func(t *testing.T) {
		o.t = t
		part()
	})
}

// sessionsAreOneOfEach: of whichever a client's next request comes to.
func (o *office) sessionsAreOneOfEach(ann person) {
	for server := 1; server <= served; server++ {
		require.Contains(o.t, ann.at(server, "get_contact", map[string]any{"id": 42}), "Contact 42")
	}
}

// resultsAreShared: the address in a cut answer is good at another server.
func (o *office) resultsAreShared(ann person) {
	uri := match(o.t, `(flexie://results/\w+)`, ann.at(1, "search_contacts", map[string]any{"limit": 200}))
	o.balancer.to(2)
	defer o.balancer.to(0)
	whole, err := ann.ReadResource(o.t.Context(), &mcp.ReadResourceParams{URI: uri})
	require.NoError(o.t, err)
	require.Regexp(o.t, `^6\d contacts\.\n`, whole.Contents[0].Text)
	require.Contains(o.t, whole.Contents[0].Text, "chidi.okonkwo", "the last of them")
}

// codesAreShared: a code made at one server is good at another, and then at none.
func (o *office) codesAreShared(ann person, contact int) {
	code := match(o.t, `confirm: "?(\S+?)"?[,.\s]`, ann.at(1, "delete_contact", map[string]any{"id": contact})+"\n")
	again := map[string]any{"id": contact, "confirm": code}
	require.Contains(o.t, ann.at(2, "delete_contact", again), fmt.Sprint("Deleted contact ", contact))
	require.NotContains(o.t, ann.at(3, "delete_contact", again), "Deleted")
}

// changesAreShared: what was written at one server can be taken back at another.
func (o *office) changesAreShared(ann person) {
	change := match(o.t, `Change (\d+)`, ann.at(1, "update_contact", map[string]any{"id": 42, "fields": map[string]any{"city": "Ghent"}}))
	require.Contains(o.t, ann.at(3, "list_changes", map[string]any{}), "update_contact")
	text := ann.at(2, "undo_change", map[string]any{"change_id": change})
	if code := regexp.MustCompile(`confirm: "?(\S+?)"?[,.\s]`).FindStringSubmatch(text + "\n"); code != nil {
		text = ann.at(3, "undo_change", map[string]any{"change_id": change, "confirm": code[1]})
	}
	require.Contains(o.t, text, "took back change "+change)
}

// questionsFindTheirAnswers: a user is asked by one server, and the answer comes
// to another. Two who are asked at the same time are not mixed up.
func (o *office) questionsFindTheirAnswers(one, other int) {
	asked := make(chan string, 2)
	user := map[string]chan string{fmt.Sprint(one): make(chan string), fmt.Sprint(other): make(chan string)}
	ben := o.comes(func(p *mcp.ElicitParams) *mcp.ElicitResult {
		id := match(o.t, `contact (\d+)`, p.Message)
		asked <- id
		return &mcp.ElicitResult{Action: <-user[id], Content: map[string]any{"confirm": true}}
	}, nil)
	begin := func(server, id int) (text chan string) {
		text = make(chan string, 1)
		o.balancer.to(server)
		go func() {
			said, err := ben.try("delete_contact", map[string]any{"id": id})
			text <- fmt.Sprint(said, err)
		}()
		require.Equal(o.t, fmt.Sprint(id), receive(o.t, asked, "the question"))
		return text
	}
	first, second := begin(1, one), begin(2, other)
	o.balancer.to(3)
	user[fmt.Sprint(other)] <- "accept"
	require.Contains(o.t, receive(o.t, second, "the answer"), fmt.Sprint("Deleted contact ", other))
	user[fmt.Sprint(one)] <- "decline"
	require.Contains(o.t, receive(o.t, first, "the answer"), "The user said no")
}

// callsAreCancelledAnywhere: at another server than the one that is at it.
func (o *office) callsAreCancelledAnywhere() {
	defer o.flexie.hold("GET /api/contacts/50")()
	session := o.send(1, "POST", "", hello).session
	ended := make(chan answer, 1)
	o.balancer.to(1)
	go func() { ended <- o.send(0, "POST", session, fmt.Sprintf(strings.Replace(getOne, "42", "50", 1), 7)) }()
	await(o.t, o.flexie.arrived, "the request")
	cancelled := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}`
	require.Equal(o.t, http.StatusAccepted, o.send(2, "POST", session, cancelled).status)
	await(o.t, o.flexie.gaveUp, "the end of the request")
	require.Contains(o.t, receive(o.t, ended, "the end of the call").text, "cancelled")
}

// answer is what there is to know of one to a single request.
type answer struct {
	status  int
	session string
	text    string
}

// send sends one request to a server; 0 is whichever has its turn.
func (o *office) send(server int, method, session, body string) answer {
	if server > 0 {
		o.balancer.to(server)
		defer o.balancer.to(0)
	}
	r, err := http.NewRequestWithContext(o.t.Context(), method, o.url+"/mcp", strings.NewReader(body))
	if err != nil {
		return answer{}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	if session != "" {
		r.Header.Set("Mcp-Session-Id", session)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header.Get("Mcp-Session-Id"), string(text)}
}

// noticesFindTheirStream: a change made at one server is told on a stream that is
// open at another, once, to a client that subscribed at a third.
func (o *office) noticesFindTheirStream(ann person) {
	updated := make(chan string, 10)
	o.balancer.to(1)
	carl := o.comes(nil, func(uri string) { updated <- uri })
	require.Contains(o.t, ann.at(1, "get_contact", map[string]any{"id": 42}), "Contact 42")
	o.balancer.to(2)
	require.NoError(o.t, carl.Subscribe(o.t.Context(), &mcp.SubscribeParams{URI: "flexie://contacts/42"}))
	for _, city := range []string{"Bruges", "Namur"} {
		ann.at(3, "update_contact", map[string]any{"id": 42, "fields": map[string]any{"city": city}})
		require.Equal(o.t, "flexie://contacts/42", receive(o.t, updated, "the notice"))
	}
	require.Empty(o.t, updated)
	own := ann.at(1, "update_contact", map[string]any{"id": 42, "fields": map[string]any{"city": "Liège"}})
	require.Contains(o.t, own, "Updated", "what the same caller has changed elsewhere is not somebody else's change")
	require.NoError(o.t, carl.Close())
}

// sessionsEndEverywhere, when their client ends them at one server.
func (o *office) sessionsEndEverywhere() {
	session := o.send(1, "POST", "", hello).session
	ping := `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	require.Equal(o.t, http.StatusOK, o.send(2, "POST", session, ping).status)
	require.Equal(o.t, http.StatusOK, o.send(3, "DELETE", session, "").status)
	for server := 1; server <= served; server++ {
		require.Eventually(o.t, func() bool { return o.send(server, "POST", session, ping).status == http.StatusNotFound }, soon, 10*time.Millisecond)
	}
}

// limitsHoldForAll: however many ask, at whichever server.
func (o *office) limitsHoldForAll() {
	var all sync.WaitGroup
	var failed atomic.Int64
	for range 6 {
		one := o.comes(nil, nil)
		for range 2 {
			all.Go(func() {
				for id := 1; id <= 6; id++ {
					if _, err := one.try("get_contact", map[string]any{"id": id}); err != nil {
						failed.Add(1)
					}
				}
			})
		}
	}
	all.Wait()
	require.Zero(o.t, failed.Load())
}

// oneIsKilled while Flexie is at two writes: the others go on, and find out what
// came of them, of those with the server's own key also when nobody asks.
func (o *office) oneIsKilled() {
	o.balancer.to(1)
	ended := make(chan error, 2)
	var own, sales person
	for i, who := range []*person{&own, &sales} {
		contact := 43 + i
		*who = o.comesWith([]string{"", sandbox.SalesKey}[i])
		defer o.flexie.hold(fmt.Sprint("PUT /api/contacts/", contact))()
		go func() {
			_, err := who.try("update_contact", map[string]any{"id": contact, "fields": map[string]any{"city": "Mons"}})
			ended <- err
		}()
		receive(o.t, o.flexie.arrived, "the write")
	}
	require.NoError(o.t, o.servers[0].cmd.Process.Kill())
	o.servers[0].end()
	o.balancer.to(0)
	for range 2 {
		require.Error(o.t, receive(o.t, ended, "the end of the call"))
	}
	for range 6 {
		require.Contains(o.t, own.call("get_contact", map[string]any{"id": 42}), "Contact 42")
	}
	storetest.Lapse(o.t, o.database) // 20 seconds pass in which it is not heard of
	o.eventually("the own key's", func() bool { return o.outcome(43) == "done" })
	o.eventually("another's", func() bool {
		return strings.Contains(sales.call("list_changes", map[string]any{}), "done") && o.outcome(44) == "done"
	})
}

// outcome is what the journal says came of the last change to a contact.
func (o *office) outcome(contact int) (outcome string) {
	db, err := sql.Open("pgx", o.database)
	require.NoError(o.t, err)
	defer db.Close()
	err = db.QueryRow(`SELECT outcome FROM change WHERE kind = 'contact' AND record = $1 ORDER BY id DESC LIMIT 1`, fmt.Sprint(contact)).Scan(&outcome)
	require.NoError(o.t, err)
	return outcome
}

func (o *office) eventually(what string, is func() bool) {
	o.t.Helper()
	require.Eventually(o.t, is, 2*soon, 100*time.Millisecond, what)
}

func receive[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(soon):
		require.FailNow(t, "waited in vain for "+what)
	}
	return v
}
