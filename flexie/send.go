package flexie

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxAnswer is the most of an answer that is read, in bytes.
const maxAnswer = 32 << 20

// send sends a request once and reads its answer. No credential of the request,
// and no password that it gives somebody, is in what comes back, whatever the server repeated.
func (c *Client) send(req *http.Request, write bool, password string) (answer any, status int, err error) {
	f := &flight{host: c.root.Host, write: write, start: time.Now(), secrets: secretsOf(req.Header, password)}
	answer, status, err = c.fly(f, req)
	return answer, status, f.secrets.censorError(err)
}

func (c *Client) fly(f *flight, req *http.Request) (answer any, status int, err error) {
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, 0, gaveUp(ctx)
	}
	resp, err := c.http.Do(req.WithContext(f.watch(ctx)))
	if err != nil {
		return nil, 0, f.failed(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 { // 101: its body is the bare connection, which no timeout ends
		e := unreadable(resp.StatusCode, "Flexie answered with another protocol than HTTP")
		e.Uncertain = f.write
		return nil, resp.StatusCode, e
	}
	body, err := readBody(resp)
	// Of a refusal, the status says what happened even where the text is lost.
	if err != nil && resp.StatusCode < 300 {
		return nil, resp.StatusCode, f.cut(ctx, resp.StatusCode, len(body), err)
	}
	if to := resp.Header.Get("Location"); to != "" {
		resp.Header.Set("Location", f.secrets.censor(to))
	}
	answer, err = readAnswer(resp, f.secrets.censorBody(body), f.write)
	return answer, resp.StatusCode, err
}

// usualAnswer is room for most answers about one record, in bytes.
const usualAnswer = 4 << 10

// readBody reads a body up to maxAnswer, into no more memory than it takes.
func readBody(resp *http.Response) (body []byte, err error) {
	limited := io.LimitReader(resp.Body, maxAnswer+1)
	room := int64(usualAnswer)
	if n := resp.ContentLength; n > 0 && n <= maxAnswer {
		room = n + 1
	}
	b := bytes.NewBuffer(make([]byte, 0, room+bytes.MinRead))
	if _, err = b.ReadFrom(io.LimitReader(limited, room)); err == nil && int64(b.Len()) == room { // it may go on
		body, err = io.ReadAll(io.MultiReader(b, limited))
	} else {
		body = b.Bytes()
	}
	if err == nil && len(body) > maxAnswer {
		err = unreadable(resp.StatusCode, fmt.Sprintf("the answer is larger than %d MiB; ask for less at a time (a smaller limit, or filters)", maxAnswer>>20))
	}
	return body, err
}
