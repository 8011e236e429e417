package sandbox

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestErrorRate(t *testing.T) {
	b := open(t, Options{ErrorRate: 0.25, ErrorStatus: 502})
	var got []int
	for range 8 {
		res, _ := b.send("POST", "/contacts", m{})
		got = append(got, res.StatusCode)
	}
	require.Equal(t, []int{200, 200, 200, 502, 200, 200, 200, 502}, got)
	res, text := open(t, Options{ErrorRate: 1}).send("GET", "/contacts", nil)
	require.Equal(t, 503, res.StatusCode)
	require.Equal(t, `{"error":{"message":"Service Unavailable","code":503}}`, text)
}

// A dropped connection has acted: that is what makes it dangerous to retry.
func TestDropAfterActing(t *testing.T) {
	b := open(t, Options{DropRate: 0.5})
	b.ok("GET", "/contacts/1", nil)
	_, err := b.try("PUT", "/contacts/1", m{"city": "Delft"})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "Delft", at(b.ok("GET", "/contacts/1", nil), "contact", "fields", "all", "city"))
}

// Errors and lost answers can be kept to writes: those read a field list or the
// record first, and a rate of 1 would never let them get as far.
func TestFaultsOn(t *testing.T) {
	search := m{"filters": []any{}}
	ask := m{"permissions": []string{"lead:leads:viewown"}}
	for on, test := range map[string]struct{ reads, writes int }{
		"":       {503, 503},
		"all":    {503, 503},
		"reads":  {503, 200},
		"writes": {200, 503},
	} {
		b := open(t, Options{ErrorRate: 1, FaultsOn: on})
		b.status(test.reads, "GET", "/contacts/list/fields", nil)
		b.status(test.reads, "POST", "/contacts", search)
		b.status(test.reads, "POST", "/users/1/permission", ask)
		b.status(test.writes, "PUT", "/contacts/1", m{"city": "Delft"})
		b.status(test.writes, "POST", "/contacts/new", m{"email": "a@b.example"})
		b.status(test.writes, "POST", "/tasks/2/complete", nil)
	}
	b := open(t, Options{ErrorRate: 1, FaultsOn: "writes"})
	b.status(404, "POST", "/nothing", nil)
}

func TestDropsOnWrites(t *testing.T) {
	b := open(t, Options{DropRate: 1, FaultsOn: "writes"})
	b.ok("GET", "/contacts/1", nil)
	_, err := b.try("PUT", "/contacts/1", m{"city": "Delft"})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "Delft", at(b.ok("GET", "/contacts/1", nil), "contact", "fields", "all", "city"))
}

// Reads between them don't count: it is every second write.
func TestSharesAreOfWrites(t *testing.T) {
	b := open(t, Options{ErrorRate: 0.5, FaultsOn: "writes"})
	var got []int
	for range 6 {
		b.ok("GET", "/contacts/1", nil)
		res, _ := b.send("PUT", "/contacts/1", m{"city": "Delft"})
		got = append(got, res.StatusCode)
	}
	require.Equal(t, []int{200, 503, 200, 503, 200, 503}, got)
}

func TestDropOverASocket(t *testing.T) {
	b := open(t, Options{DropRate: 1})
	server := httptest.NewServer(b.s)
	defer server.Close()
	_, err := server.Client().Get(server.URL + "/api/users/self?apikey=" + Key)
	require.ErrorIs(t, err, io.EOF)
}

func TestOverASocket(t *testing.T) {
	server := httptest.NewServer(open(t, Options{}).s)
	defer server.Close()
	res, err := server.Client().Get(server.URL + "/api/users/self?apikey=" + Key)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "application/json", res.Header.Get("Content-Type"))
}

func TestRateLimit(t *testing.T) {
	b := open(t, Options{RateLimit: 2})
	synctest.Test(t, func(t *testing.T) {
		b.ok("GET", "/contacts/1", nil)
		time.Sleep(20500 * time.Millisecond)
		b.ok("GET", "/contacts/1", nil)
		res, text := b.send("GET", "/contacts/1", nil)
		require.Equal(t, 429, res.StatusCode)
		require.Equal(t, "40", res.Header.Get("Retry-After"))
		require.Contains(t, text, "2 a minute are allowed")
		time.Sleep(40 * time.Second)
		b.ok("GET", "/contacts/1", nil)
	})
}

func TestDelay(t *testing.T) {
	b := open(t, Options{Delay: time.Minute})
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		b.ok("GET", "/contacts/1", nil)
		require.Equal(t, time.Minute, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, "DELETE", "http://sandbox/api/contacts/1?apikey="+Key, nil)
		require.NoError(t, err)
		_, err = b.s.Transport().RoundTrip(r)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		b.ok("GET", "/contacts/1", nil)
	})
}

func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", "http://sandbox/api/contacts", nil)
	require.NoError(t, err)
	_, err = open(t, Options{}).s.Transport().RoundTrip(r)
	require.ErrorIs(t, err, context.Canceled)
}
