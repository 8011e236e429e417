package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
)

// attack is a text that a stranger typed into the CRM. Each has the word Mallory
// in it. %ID% stands for the id of the fence that the answer has without it.
type attack struct {
	Class string `json:"-"`
	Name  string `json:"name"`
	Text  string `json:"text"`
}

// attacks are those of testdata/injection.
func attacks(t *testing.T) (all []attack) {
	files, err := filepath.Glob("testdata/injection/*.json")
	require.NoError(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var class struct {
			About   string
			Attacks []attack
		}
		require.NoError(t, json.Unmarshal(data, &class), file)
		require.NotEmpty(t, class.About, file)
		for _, a := range class.Attacks {
			require.Contains(t, a.Text, "Mallory", a.Name)
			a.Class = strings.TrimSuffix(filepath.Base(file), ".json")
			all = append(all, a)
		}
	}
	require.GreaterOrEqual(t, len(all), 60)
	return all
}

// poisoned is a Flexie in which somebody has typed a text wherever one can be
// typed.
type poisoned struct {
	next http.RoundTripper
	text atomic.Pointer[string]

	// names poisons what fields and columns are called, in place of the rest.
	names bool

	// unchanging remembers what next answered: nothing is written.
	unchanging bool
	mu         sync.Mutex
	answered   map[string][]byte

	// failing answers with the text as an error of this status.
	failing atomic.Int32
}

func (p *poisoned) RoundTrip(r *http.Request) (*http.Response, error) {
	if status := int(p.failing.Load()); status != 0 {
		body, err := json.Marshal(map[string]any{"error": map[string]any{"message": *p.text.Load(), "code": status, "details": map[string]any{*p.text.Load(): *p.text.Load()}}})
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, err
	}
	body, status, err := p.ask(r)
	if err != nil {
		return nil, err
	}
	if v, err := flexie.DecodeJSON(body); err == nil && status < 300 {
		if p.names {
			v = p.named(v, strings.Contains(r.URL.Path, "/reports/"))
		} else {
			v = p.filled(v, "")
		}
		if body, err = flexie.EncodeJSON(v); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// ask is what next answers.
func (p *poisoned) ask(r *http.Request) (body []byte, status int, err error) {
	sent := []byte{}
	if r.Body != nil {
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, 0, err
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	key := r.Method + " " + r.URL.String() + " " + string(sent)
	p.mu.Lock()
	body, known := p.answered[key]
	p.mu.Unlock()
	if known {
		return body, http.StatusOK, nil
	}
	answer, err := p.next.RoundTrip(r)
	if err != nil {
		return nil, 0, err
	}
	body, err = io.ReadAll(answer.Body)
	if p.unchanging && answer.StatusCode == http.StatusOK {
		p.mu.Lock()
		p.answered[key] = body
		p.mu.Unlock()
	}
	return body, answer.StatusCode, err
}

// working are the keys whose values the client works with.
var working = map[string]bool{"alias": true, "type": true, "id": true, "permission": true, "association_type": true, "associationType": true}

// number is a value that nobody could type a text in place of.
var number = regexp.MustCompile(`^(-?[\d.]+|true|false|\d{4}-\d\d-\d\d([ T].*)?|)$`)

// filled has the text in place of each text.
func (p *poisoned) filled(v any, key string) any {
	switch v := v.(type) {
	case string:
		if !working[key] && !number.MatchString(v) {
			return *p.text.Load()
		}
	case []any:
		for i := range v {
			v[i] = p.filled(v[i], key)
		}
	case *flexie.Object:
		for k, value := range v.All() {
			v.Set(k, p.filled(value, k))
		}
	}
	return v
}

// named has it in the names of fields, which records have as keys.
func (p *poisoned) named(v any, all bool) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = p.named(v[i], all)
		}
	case *flexie.Object:
		renamed := flexie.NewObject()
		isRecord := v.Has("id") && !v.Has("alias")
		for k, value := range v.All() {
			if alias, ok := value.(string); ok && k == "alias" {
				value = *p.text.Load() + " " + alias
			}
			if _, err := strconv.Atoi(k); err != nil && k != "id" && (isRecord || all && k != "data" && k != "dataColumns" && k != "report") {
				k = *p.text.Load() + " " + k
			}
			renamed.Set(k, p.named(value, all))
		}
		return renamed
	}
	return v
}
