package flexie

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestErrorsBesideARecord: what has an id was made, whatever else is said, and is
// not made again; of what was there before nobody knows.
func TestErrorsBesideARecord(t *testing.T) {
	for _, errors := range []string{
		`"errors":[{"message":"reminder could not be sent","code":0}]`,
		`"errors":[{"message":"reminder could not be sent","code":503}]`,
		`"error":{"message":"reminder could not be sent","code":422}`,
		`"success":0,"errors":["reminder could not be sent"]`,
	} {
		sent := 0
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			sent++
			return canned(`{"task":{"id":7,"task":"Call"},` + errors + `}`).RoundTrip(r)
		})
		made, err := c.CreateTask(t.Context(), Task{})
		require.NoError(t, err, errors)
		require.Equal(t, "7", made.ID)
		require.Contains(t, made.Complaint, `"reminder could not be sent"`)
		require.Equal(t, 1, sent)

		_, err = c.UpdateTask(t.Context(), 7, Task{})
		var e *Error
		require.ErrorAs(t, err, &e)
		require.True(t, e.Uncertain, errors)
		require.Equal(t, 2, sent)
	}
}

// TestErrorsWithoutARecord are refusals.
func TestErrorsWithoutARecord(t *testing.T) {
	for _, body := range []string{`{"task":null,"errors":["no"]}`, `{"task":{"id":0},"errors":["no"]}`} {
		c := clientOf(t, canned(body).RoundTrip)
		_, err := c.CreateTask(t.Context(), Task{})
		var e *Error
		require.ErrorAs(t, err, &e, body)
		require.False(t, e.Uncertain, body)
	}
}
