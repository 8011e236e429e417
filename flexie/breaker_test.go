package flexie

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// noConnection fails to connect, as a workspace that is down makes it.
func noConnection(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

// TestBreaker: a workspace that does not answer is left alone, then tried once,
// and all is well as soon as it answers.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // whose clock starts at midnight
		a := &answers{each: []func(*http.Request) (*http.Response, error){noConnection}}
		limits := NewLimits(0, 0)
		c := trying(t, 0, a, func(o *Options) { o.Limits = limits })
		for range mostFailures {
			require.Equal(t, Asked, limits.State())
			time.Sleep(time.Second)
			require.Equal(t, Unreachable, KindOf(aRead(t.Context(), c)))
		}
		require.Equal(t, Rested, limits.State())
		var e *Error
		require.ErrorAs(t, aWrite(t.Context(), c), &e)
		require.EqualError(t, e, "Flexie has not answered since 00:00:01 UTC (the last time: no connection), and it is not asked again until 00:00:35 UTC; nothing was sent")
		require.Equal(t, Unavailable, e.Kind)
		require.Equal(t, 30*time.Second, e.RetryAfter)
		require.False(t, e.Uncertain)
		require.Len(t, a.at, mostFailures, "it was asked all the same")

		time.Sleep(30 * time.Second)
		require.Equal(t, Unreachable, KindOf(aRead(t.Context(), c)), "one is let through")
		require.ErrorContains(t, aRead(t.Context(), c), "since 00:00:01 UTC (the last time: no connection), and it is not asked again until 00:01:35 UTC")
		time.Sleep(time.Hour)
		a.each = []func(*http.Request) (*http.Response, error){says(404, "", "")} // a refusal is an answer
		require.Equal(t, NotFound, KindOf(aRead(t.Context(), c)))
		a.each = []func(*http.Request) (*http.Response, error){noConnection}
		for range mostFailures {
			require.Equal(t, Unreachable, KindOf(aRead(t.Context(), c)))
		}
		require.Equal(t, Unavailable, KindOf(aRead(t.Context(), c)))
	})
}

// TestBreakerTriesOne: while one looks whether Flexie is back, others are refused;
// and one who gives up lets the next look.
func TestBreakerTriesOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		a := &answers{each: []func(*http.Request) (*http.Response, error){noConnection}}
		limits := NewLimits(0, 0)
		c := trying(t, 0, a, func(o *Options) { o.Limits = limits })
		for range mostFailures {
			_ = aRead(t.Context(), c)
		}
		time.Sleep(time.Minute)
		require.Equal(t, Rested, limits.State(), "until somebody asks")
		a.each = []func(*http.Request) (*http.Response, error){silent}
		ctx, cancel := context.WithCancel(t.Context())
		tried := make(chan error)
		go func() { tried <- aRead(ctx, c) }()
		synctest.Wait()
		require.Equal(t, Retried, limits.State())
		require.ErrorContains(t, aRead(t.Context(), c), "and it is being asked again just now; nothing was sent")
		cancel()
		require.Equal(t, Cancelled, KindOf(<-tried))
		a.each = []func(*http.Request) (*http.Response, error){says(200, "", "[]")}
		require.NoError(t, aRead(t.Context(), c))
		require.NoError(t, aRead(t.Context(), c))
		require.Equal(t, Asked, limits.State())
		require.Equal(t, Asked, (*Limits)(nil).State())
	})
}

// TestBreakerRefusesWhoWaits: nobody stands in line for a workspace that is down.
func TestBreakerRefusesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return noConnection(r)
		}
		a := &answers{each: []func(*http.Request) (*http.Response, error){slow}}
		c := trying(t, 0, a, func(o *Options) { o.Limits = NewLimits(0, 1) })
		kinds := make(chan ErrorKind, 20)
		for range 20 {
			go func() { kinds <- KindOf(aRead(t.Context(), c)) }()
		}
		time.Sleep(time.Duration(mostFailures)*time.Second + time.Millisecond)
		require.Len(t, kinds, 20)
		count := map[ErrorKind]int{}
		for range 20 {
			count[<-kinds]++
		}
		require.Equal(t, map[ErrorKind]int{Unreachable: mostFailures, Unavailable: 20 - mostFailures}, count)
	})
}

// TestWhatOpensTheBreaker: only what says something of the workspace.
func TestWhatOpensTheBreaker(t *testing.T) {
	silent := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	lost := func(*http.Request) (*http.Response, error) { return nil, errors.New("broken") }
	hurried := func(ctx context.Context, c *Client) error {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second) // of the 30 that a call has
		defer cancel()
		return aRead(ctx, c)
	}
	both := func(ctx context.Context, c *Client) error { return errors.Join(aRead(ctx, c), aSearch(ctx, c)) }
	many := func(ctx context.Context, c *Client) error {
		err := both(ctx, c)
		for _, do := range everySort {
			err = errors.Join(err, do(ctx, c))
		}
		return err
	}
	for name, test := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		do     func(context.Context, *Client) error
		opens  bool
	}{
		"refused":                     {noConnection, aRead, true},
		"lost":                        {lost, aWrite, true},
		"silent":                      {silent, aRead, true},
		"502":                         {says(502, "", ""), aRead, true},
		"503":                         {says(503, "", ""), aWrite, true},
		"504":                         {says(504, "", "<html>no</html>"), aSearch, true},
		"500 of all":                  {says(500, "", ""), many, true},
		"500 of one":                  {says(500, "", ""), aRead, false},
		"500 of two":                  {says(500, "", ""), both, false},
		"400":                         {says(400, "", ""), aRead, false},
		"401":                         {says(401, "", ""), aRead, false},
		"404":                         {says(404, "", ""), aWrite, false},
		"408":                         {says(408, "", ""), aRead, false},
		"422":                         {says(422, "", ""), aWrite, false},
		"429":                         {says(429, "60", ""), aRead, false},
		"499":                         {says(499, "", ""), aRead, false},
		"garbage":                     {says(200, "", "garbage"), aRead, false},
		"a caller without patience":   {silent, hurried, false},
		"input that can't be sent":    {noConnection, func(ctx context.Context, c *Client) error { _, err := c.AddNote(ctx, "", 1, Note{}); return err }, false},
		"a call that has no time":     {noConnection, func(ctx context.Context, c *Client) error { return aRead(ended(ctx), c) }, false},
		"an answer that says success": {says(200, "", `{"success":1,"total":0}`), aWrite, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := trying(t, 0, &answers{each: []func(*http.Request) (*http.Response, error){test.answer}}, func(o *Options) { o.Limits = NewLimits(0, 0) })
				for range 2 * mostFailures {
					_ = test.do(t.Context(), c)
				}
				require.Equal(t, test.opens, c.limits.resting() > 0)
			})
		})
	}
}

func ended(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

// TestBreakerKnowsWhoWasAnswered: slow requests of one caller say nothing while
// Flexie answers others.
func TestBreakerKnowsWhoWasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := NewLimits(0, 0)
		silent := &answers{each: []func(*http.Request) (*http.Response, error){func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}}}
		slow := trying(t, 0, silent, func(o *Options) { o.Limits = limits })
		well := trying(t, 0, &answers{each: []func(*http.Request) (*http.Response, error){says(200, "", "[]")}}, func(o *Options) { o.Limits = limits })
		for range 2 * mostFailures {
			go func() { _ = aRead(t.Context(), slow) }()
		}
		time.Sleep(10 * time.Second)
		require.NoError(t, aRead(t.Context(), well))
		time.Sleep(25 * time.Second)
		require.Zero(t, limits.resting())
	})
}

// TestBreakerEndsRetries: a call whose try shows that Flexie is down is not tried
// again, and says when to come back.
func TestBreakerEndsRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &answers{each: []func(*http.Request) (*http.Response, error){noConnection}}
		c := trying(t, 9, a, func(o *Options) { o.Limits = NewLimits(0, 0) })
		var e *Error
		require.ErrorAs(t, aRead(t.Context(), c), &e)
		require.Len(t, a.at, mostFailures)
		require.Equal(t, Unreachable, e.Kind)
		require.Equal(t, 30*time.Second, e.RetryAfter)
	})
}
