package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"os"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// noSession is said of a session of somebody else, too.
const noSession = "there is no such session (any more): begin a new one"

// posted is what of a JSON-RPC message says how it is served.
type posted struct {
	Version string
	ID      json.RawMessage
	Method  string
	Result  json.RawMessage
	Size    int // of its params, in bytes
	Meta    *mcp.Meta
}

// read reads the message that a request brings, whole and in bounded time, and
// leaves it to be read again. It refuses what is none.
func (l HTTPLimits) read(w http.ResponseWriter, r *http.Request) (posted, bool) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, "send the message as JSON, with Content-Type: application/json", http.StatusUnsupportedMediaType)
		return posted{}, false
	}
	if r.Header.Get("Content-Encoding") != "" {
		http.Error(w, "send the message as it is, without a Content-Encoding", http.StatusUnsupportedMediaType)
		return posted{}, false
	}
	body, err := l.readBody(w, r)
	if err != nil {
		l.refuseBody(w, err)
		return posted{}, false
	}
	if begin := bytes.TrimLeft(body, " \t\r\n"); len(begin) > 0 && begin[0] == '[' {
		refuse(w, http.StatusBadRequest, nil, mcp.INVALID_REQUEST, "batches are not taken: send each message in a request of its own")
		return posted{}, false
	}
	m, err := readMessage(body)
	if err != nil {
		refuse(w, http.StatusBadRequest, nil, codeOf(err), "the body is not a JSON-RPC message: "+err.Error())
		return posted{}, false
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return m, true
}

func (l HTTPLimits) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > l.Body {
		return nil, &http.MaxBytesError{Limit: l.Body} // none of it need be read
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(l.BodyTime))
	body, err := readAll(http.MaxBytesReader(w, r.Body, l.Body), r.ContentLength)
	if err == nil {
		_ = control.SetReadDeadline(time.Time{}) // or the end of the time would look like the client's
	}
	return body, err
}

// usualBody is room for most messages, in bytes.
const usualBody = 4 << 10

// readAll makes room for what is announced, but not for much that may never come.
func readAll(r io.Reader, announced int64) ([]byte, error) {
	body := bytes.NewBuffer(make([]byte, 0, min(max(announced, 0), usualBody)+bytes.MinRead))
	_, err := body.ReadFrom(r)
	return body.Bytes(), err
}

func (l HTTPLimits) refuseBody(w http.ResponseWriter, err error) {
	w.Header().Set("Connection", "close") // the rest of the body is not waited for
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, fmt.Sprintf("the request is larger than %d MB: send less at once", l.Body>>20), http.StatusRequestEntityTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		http.Error(w, fmt.Sprintf("the request did not come within %s", l.BodyTime), http.StatusRequestTimeout)
	default:
		http.Error(w, "the request came only in part", http.StatusBadRequest)
	}
}

// readMessage reads by the same rules as mcp-go, so that both see the same
// method.
func readMessage(body []byte) (posted, error) {
	var read struct {
		JSONRPC json.RawMessage `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Method  string          `json:"method"`
		Params  json.RawMessage `json:"params"`
		Result  json.RawMessage `json:"result"`
	}
	err := json.Unmarshal(body, &read)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field == "":
		return posted{}, notAMessage("it is a " + wrong.Value + ", and not an object")
	case errors.As(err, &wrong):
		return posted{}, notAMessage("its method is a " + wrong.Value + ", and not a text")
	case err != nil:
		return posted{}, err
	case read.Method == "" && len(read.ID) == 0:
		return posted{}, notAMessage("it has neither a method nor an id")
	case len(read.Params) > 0 && read.Params[0] != '{' && string(read.Params) != "null":
		return posted{}, notAMessage("its params are not an object")
	}
	if read.Method != "" && isNull(read.ID) {
		return posted{}, notAMessage("its id is null, so that an answer could not be told from others: send a text or a number, or no id with what is to have no answer")
	}
	if err := checkID(read.ID); err != nil {
		return posted{}, err
	}
	var params struct {
		Meta *mcp.Meta `json:"_meta"`
	}
	_ = json.Unmarshal(read.Params, &params) // that they may be wrong is for mcp-go to say
	var version string
	_ = json.Unmarshal(read.JSONRPC, &version) // so is this
	return posted{version, read.ID, read.Method, read.Result, len(read.Params), params.Meta}, nil
}

// notAMessage says why some JSON is no message.
type notAMessage string

func (n notAMessage) Error() string { return string(n) }

// codeOf tells what is no JSON from what is none of JSON-RPC.
func codeOf(err error) int {
	var n notAMessage
	if errors.As(err, &n) {
		return mcp.INVALID_REQUEST
	}
	return mcp.PARSE_ERROR
}

// checkID refuses ids that an answer could not bring back as they were: mcp-go
// reads numbers as JavaScript does.
func checkID(id json.RawMessage) error {
	var read any
	if len(id) > 0 && json.Unmarshal(id, &read) != nil {
		return notAMessage("its id is larger than numbers can be")
	}
	switch n := read.(type) {
	case nil, string:
		return nil
	case float64:
		if math.Abs(n) > 1<<53-1 {
			return notAMessage("its id is larger than 9007199254740991, up to which whole numbers are exact everywhere: send a smaller one, or a text")
		}
		return nil
	}
	return notAMessage("its id is neither a text nor a number")
}

// refuse answers a message with an error, in the way of JSON-RPC.
func refuse(w http.ResponseWriter, status int, id json.RawMessage, code int, text string) {
	if len(id) == 0 {
		id = json.RawMessage("null")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"jsonrpc": mcp.JSONRPC_VERSION, "id": id, "error": map[string]any{"code": code, "message": text},
	})
}
