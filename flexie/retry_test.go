package flexie

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// answers give one answer after another, the last again and again, and keep when
// each was asked for and with what body.
type answers struct {
	mu     sync.Mutex
	each   []func(*http.Request) (*http.Response, error)
	at     []time.Duration
	bodies []string
	begun  time.Time
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	return a.next(r)(r)
}

func (a *answers) next(r *http.Request) func(*http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.begun.IsZero() {
		a.begun = time.Now()
	}
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		a.bodies = append(a.bodies, string(body))
	}
	a.at = append(a.at, time.Since(a.begun))
	return a.each[min(len(a.at), len(a.each))-1]
}

// says is an answer: a status, a Retry-After or none, and a body.
func says(status int, after, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		header := http.Header{}
		if after != "" {
			header.Set("Retry-After", after)
		}
		return respond(r, status, header, strings.NewReader(body)), nil
	}
}

func trying(t *testing.T, retries int, a *answers, change ...func(*Options)) *Client {
	o := Options{BaseURL: "https://acme.flexie.io/api", Auth: APIKey(testKey), Transport: a, Retries: retries}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	require.NoError(t, err)
	return c
}

// TestPauses: each is up to twice as long as the one before, and no two callers
// make the same.
func TestPauses(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 10 {
		synctest.Test(t, func(t *testing.T) {
			a := &answers{each: []func(*http.Request) (*http.Response, error){says(503, "", "")}}
			c := trying(t, 10, a, func(o *Options) { o.Timeout = 10 * time.Minute })
			require.ErrorContains(t, aRead(t.Context(), c), "; tried 11 times in ")
			require.Len(t, a.at, 11)
			longest := 500 * time.Millisecond
			for i := 1; i < len(a.at); i++ {
				pause := a.at[i] - a.at[i-1]
				require.GreaterOrEqual(t, pause, longest/2)
				require.LessOrEqual(t, pause, longest)
				longest = min(2*longest, 8*time.Second)
			}
			seen[a.at[1]] = true
		})
	}
	require.Greater(t, len(seen), 5)
}

// TestWaited: each wait is told once, also one that was in vain, and none of what
// was refused at once.
func TestWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		a := &answers{each: []func(*http.Request) (*http.Response, error){says(503, "2", ""), says(200, "", "[]"), noConnection}}
		c := trying(t, 1, a, func(o *Options) {
			o.Limits, o.Timeout = NewLimits(0.5, 0), 3*time.Second
			o.Waited = func(why Wait, took time.Duration) {
				told = append(told, fmt.Sprint(why, " ", took.Round(time.Second)))
			}
		})
		require.NoError(t, aRead(t.Context(), c))
		require.Equal(t, []string{"turn 0s", "retry 2s", "turn 0s"}, told)

		told = nil
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.Error(t, aRead(ctx, c), "its turn comes too late")
		require.Equal(t, []string{"turn 1s"}, told)

		c.retries, told = 0, nil
		for range mostFailures {
			time.Sleep(2 * time.Second)
			require.Equal(t, Unreachable, KindOf(aRead(t.Context(), c)))
		}
		require.Len(t, told, mostFailures)
		require.Equal(t, Unavailable, KindOf(aRead(t.Context(), c)))
		require.Len(t, told, mostFailures)
	})
}

// TestEndpointOf: a transport can tell what each try of a request calls.
func TestEndpointOf(t *testing.T) {
	var seen []string
	look := func(then func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			e := EndpointOf(r.Context())
			seen = append(seen, fmt.Sprint(e.Name, " ", e.Writes()))
			return then(r)
		}
	}
	a := &answers{each: []func(*http.Request) (*http.Response, error){look(says(429, "", "")), look(says(200, "", "{}"))}}
	c := trying(t, 1, a)
	c.pause = 2
	require.NoError(t, aRead(t.Context(), c))
	_ = aWrite(t.Context(), c)
	require.Equal(t, []string{"forms.list false", "forms.list false", "deals.create true"}, seen)
	require.Zero(t, EndpointOf(t.Context()))
}

// TestRetryAfterIsKept: no try comes before it was asked for, whichever way it
// was written, and by a write too.
func TestRetryAfterIsKept(t *testing.T) {
	for _, status := range []int{429, 503} {
		for call, do := range everySort {
			for _, written := range []string{"seconds", "date"} {
				synctest.Test(t, func(t *testing.T) {
					after := "7"
					if written == "date" {
						after = time.Now().Add(7 * time.Second).UTC().Format(http.TimeFormat)
					}
					a := &answers{each: []func(*http.Request) (*http.Response, error){says(status, after, ""), says(200, "", `{"id":1,"success":1,"total":0}`)}}
					require.NoError(t, do(t.Context(), trying(t, 1, a)), call)
					require.Len(t, a.at, 2)
					require.GreaterOrEqual(t, a.at[1], 7*time.Second)
					require.Less(t, a.at[1], 7250*time.Millisecond)
				})
			}
		}
	}
}

// TestWaitThatDoesNotFit: a call that could not be tried again in time fails at
// once, and says how long to wait.
func TestWaitThatDoesNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{429, 503} {
			a := &answers{each: []func(*http.Request) (*http.Response, error){says(status, "31", "")}}
			start := time.Now()
			var e *Error
			require.ErrorAs(t, aWrite(t.Context(), trying(t, 3, a)), &e)
			require.Zero(t, time.Since(start))
			require.Equal(t, 31*time.Second, e.RetryAfter)
			require.False(t, e.Uncertain)
			require.Len(t, a.at, 1)
		}
	})
}

// TestOneDeadline: all tries and pauses together take no longer than one call.
func TestOneDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(4 * time.Second):
				return says(502, "", "")(r)
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
		a := &answers{each: []func(*http.Request) (*http.Response, error){slow}}
		start := time.Now()
		err := aRead(t.Context(), trying(t, 10, a, func(o *Options) { o.Timeout = 10 * time.Second }))
		require.LessOrEqual(t, time.Since(start), 10*time.Second)
		require.Contains(t, []ErrorKind{Timeout, Unavailable}, KindOf(err))
		require.Less(t, len(a.at), 4)
		require.ErrorContains(t, err, "; tried ")
	})
}

// TestRetriedInTheEnd: what went wrong on the way is forgotten, and each request
// has the whole body.
func TestRetriedInTheEnd(t *testing.T) {
	half := func(r *http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader(`[{"id"`), readFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }))
		return respond(r, 200, http.Header{}, body), nil
	}
	synctest.Test(t, func(t *testing.T) {
		a := &answers{each: []func(*http.Request) (*http.Response, error){half, says(504, "", ""), says(429, "", ""), says(200, "", `[{"id":1}]`)}}
		page, err := trying(t, 3, a).SearchTasks(t.Context(), Query{OrderBy: "id"})
		require.NoError(t, err)
		require.Len(t, page.Records, 1)
		require.Len(t, a.bodies, 4)
		for _, body := range a.bodies {
			require.Equal(t, a.bodies[0], body)
			require.NotEmpty(t, body)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		a := &answers{each: []func(*http.Request) (*http.Response, error){says(429, "", ""), says(429, "", ""), says(502, "", "")}}
		err := aWrite(t.Context(), trying(t, 3, a))
		require.Len(t, a.at, 3, "a write that may have been done is not repeated")
		requireUncertain(t, err, true)
		require.ErrorContains(t, err, "(HTTP 502); tried 3 times in ")
	})
}

// TestCancelledPause: a call that waits to be tried again ends at once.
func TestCancelledPause(t *testing.T) {
	for name, do := range everySort {
		synctest.Test(t, func(t *testing.T) {
			a := &answers{each: []func(*http.Request) (*http.Response, error){says(429, "20", "")}}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(3*time.Second, cancel)
			start := time.Now()
			err := do(ctx, trying(t, 3, a))
			require.Equal(t, 3*time.Second, time.Since(start), name)
			requireCancelled(t, err, false)
			require.EqualError(t, err, "the call was cancelled while it waited to be tried again (Flexie has had too many requests (HTTP 429))")
			require.Len(t, a.at, 1)
		})
	}
}

// TestAnswerOfACancelledWrite: an answer that has come is not lost to a caller
// who gives up at the same moment.
func TestAnswerOfACancelledWrite(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := &answers{each: []func(*http.Request) (*http.Response, error){func(r *http.Request) (*http.Response, error) {
		cancel()
		return says(200, "", `{"deal":{"id":7}}`)(r)
	}}}
	record, err := trying(t, 3, a, func(o *Options) { o.Limits = NewLimits(10, 1) }).Records(Deal, "").Create(ctx, NewObject())
	require.NoError(t, err)
	require.Equal(t, "7", record.ID)
}

// TestEndUnsentWith: whoever asked can call a write back until it is sent.
func TestEndUnsentWith(t *testing.T) {
	write := func(t *testing.T, a *answers, change ...func(*Options)) error {
		gone, leave := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, leave)
		return aWrite(EndUnsentWith(context.WithoutCancel(gone), gone), trying(t, 3, a, change...))
	}
	t.Run("while it waits to be tried again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := &answers{each: []func(*http.Request) (*http.Response, error){says(429, "20", "")}}
			requireCancelled(t, write(t, a), false)
			require.Len(t, a.at, 1)
		})
	})
	t.Run("while it waits for its turn", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			limits := NewLimits(0, 1)
			turn, err := limits.take(t.Context(), "other", 1)
			require.NoError(t, err)
			a := &answers{}
			requireCancelled(t, write(t, a, func(o *Options) { o.Limits = limits }), false)
			require.Empty(t, a.at)
			limits.give(turn, outcome{})
		})
	})
	t.Run("not once it is sent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := &answers{each: []func(*http.Request) (*http.Response, error){func(r *http.Request) (*http.Response, error) {
				time.Sleep(10 * time.Second)
				require.NoError(t, r.Context().Err())
				return says(200, "", `{"success":1}`)(r)
			}}}
			require.NoError(t, write(t, a))
		})
	})
	t.Run("before all", func(t *testing.T) {
		gone, leave := context.WithCancel(t.Context())
		leave()
		a := &answers{}
		requireCancelled(t, aWrite(EndUnsentWith(context.WithoutCancel(gone), gone), trying(t, 3, a)), false)
		require.Empty(t, a.at)
	})
}

// TestWaitingIsTold: of pauses, turns and slow answers, as they happen.
func TestWaitingIsTold(t *testing.T) {
	told := func(t *testing.T, c *Client) (all []string) {
		ctx := WithWaiting(t.Context(), func(w Waiting) { all = append(all, w.String()) })
		_ = aRead(ctx, c)
		n := len(all)
		time.Sleep(time.Minute)
		require.Len(t, all, n, "nothing is told once the call has ended")
		return all
	}
	silent := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	synctest.Test(t, func(t *testing.T) {
		a := &answers{each: []func(*http.Request) (*http.Response, error){says(429, "7", ""), says(503, "", ""), says(200, "", "[]")}}
		all := told(t, trying(t, 3, a))
		require.Regexp(t, `^Flexie takes no more requests for now: trying again in 7(\.\d)?s \(try 2\)$`, all[0])
	})
	synctest.Test(t, func(t *testing.T) {
		a := &answers{each: []func(*http.Request) (*http.Response, error){silent}}
		require.Equal(t, []string{"acme.flexie.io has not answered for 2s", "acme.flexie.io has not answered for 4s"},
			told(t, trying(t, 3, a, func(o *Options) { o.Timeout = 5 * time.Second })))
	})
	synctest.Test(t, func(t *testing.T) {
		limits := NewLimits(0, 1)
		turn, err := limits.take(t.Context(), "other", 1)
		require.NoError(t, err)
		defer limits.give(turn, outcome{})
		require.Equal(t, []string{"it has waited its turn for 2s: 1 at once may be under way, and are"},
			told(t, trying(t, 3, &answers{}, func(o *Options) { o.Timeout, o.Limits = 3*time.Second, limits })))
	})
	synctest.Test(t, func(t *testing.T) {
		a := &answers{each: []func(*http.Request) (*http.Response, error){says(200, "", "[]")}}
		require.Empty(t, told(t, trying(t, 3, a)))
	})
}

// TestSharedReads: what several calls wait for neither ends with one of them nor
// tells it anything once it is gone.
func TestSharedReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(r *http.Request) (*http.Response, error) {
			time.Sleep(10 * time.Second)
			return says(200, "", `{"user":{"id":1,"timezone":"Europe/Tirane"}}`)(r)
		}
		c := trying(t, 3, &answers{each: []func(*http.Request) (*http.Response, error){slow}})
		told := 0
		gone, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		ctx := EndUnsentWith(WithWaiting(gone, func(Waiting) { told++ }), gone)
		require.Equal(t, time.UTC, c.Zone(ctx))
		require.Equal(t, "Europe/Tirane", c.Zone(t.Context()).String())
		require.Zero(t, told)
	})
	synctest.Test(t, func(t *testing.T) {
		slow := func(r *http.Request) (*http.Response, error) {
			time.Sleep(3 * time.Second)
			return says(200, "", workspaceFields)(r)
		}
		c := trying(t, 3, &answers{each: []func(*http.Request) (*http.Response, error){slow}})
		var told []string
		_, err := c.Records(Contact, "").Check(WithWaiting(t.Context(), func(w Waiting) { told = append(told, w.String()) }), object(t, `{"email":"a@b.c"}`), false)
		require.NoError(t, err)
		require.Equal(t, []string{"the workspace's fields have not come for 2s"}, told)
	})
}

func TestClientTimeout(t *testing.T) {
	require.Equal(t, 30*time.Second, trying(t, 0, &answers{}).Timeout())
	require.Equal(t, time.Minute, trying(t, 0, &answers{}, func(o *Options) { o.Timeout = time.Minute }).Timeout())
}
