package telemetry

import (
	"context"
	"crypto/rand"
	"net/http"
	"regexp"
)

// requestIDHeader carries the id of a request, in and out.
const requestIDHeader = "X-Request-Id"

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

type requestIDKey struct{}

// WithRequestID is the context of a request with this id; "" makes one.
func WithRequestID(ctx context.Context, id string) context.Context {
	if id == "" {
		id = rand.Text()
	}
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID is the id of the context's request, "" if it has none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// RequestIDs gives each request an id: the one it came with, if that is of 1 to
// 64 letters, digits, dots, dashes and underscores, or a new one. The answer
// has it too.
func RequestIDs(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := ""
		if given := r.Header.Values(requestIDHeader); len(given) == 1 && requestIDForm.MatchString(given[0]) {
			id = given[0]
		}
		ctx := WithRequestID(r.Context(), id)
		w.Header().Set(requestIDHeader, RequestID(ctx))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
