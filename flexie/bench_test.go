package flexie

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// canned answers every request with the same bytes, without a socket.
type canned []byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
		Body: io.NopCloser(bytes.NewReader(c)), ContentLength: int64(len(c)),
	}, nil
}

// listShapes write a list of n contacts in each shape that a list can have.
var listShapes = []struct {
	name  string
	write func(n int) []byte
}{
	{"keyed-nested-all", func(n int) []byte { return listOf(n, `{"total":"%d","contacts":{`, `"%d":`, nestedAll, `}}`) }},
	{"listed-grouped", func(n int) []byte { return listOf(n, `{"total":%d,"contacts":[`, ``, grouped, `]}`) }},
	{"flat", func(n int) []byte { return listOf(n, `{"total":"%d","contacts":{`, `"%d":`, flat, `}}`) }},
	{"bare", func(n int) []byte { return listOf(n, `[`, ``, flat, `]`) }},
}

// benchFields are a contact's values; each takes the record's number.
var benchFields = []struct{ alias, value string }{
	{"first_name", "Jim%d"}, {"last_name", "O'Neill-%d"}, {"email", "jim%d@example.com"}, {"phone", "+44207183%04d"},
	{"company", "Bluewave Logistics %d"}, {"city", "Manchester"}, {"country", "United Kingdom"}, {"status", "Nurture"},
	{"source", "Referral"}, {"next_call", "2026-07-23 13:14"}, {"note", "Said “call me in %d weeks”.\n"}, {"website", ""},
}

func listOf(n int, open, key string, record func(*strings.Builder, int), end string) []byte {
	var b strings.Builder
	if strings.Contains(open, "%d") {
		open = fmt.Sprintf(open, n)
	}
	b.WriteString(open)
	for i := 1; i <= n; i++ {
		if i > 1 {
			b.WriteByte(',')
		}
		if key != "" {
			fmt.Fprintf(&b, key, i)
		}
		record(&b, i)
	}
	b.WriteString(end)
	return []byte(b.String())
}

func system(b *strings.Builder, i int) {
	fmt.Fprintf(b, `{"id":%d,"isPublished":true,"dateAdded":"2026-01-05T09:00:00+00:00","createdBy":1,"createdByUser":"Ann Lee","dateModified":null,"owner":{"id":3,"username":"ann","firstName":"Ann","lastName":"Lee"}`, i)
}

func nestedAll(b *strings.Builder, i int) {
	system(b, i)
	b.WriteString(`,"fields":{"core":{`)
	describe(b, i)
	b.WriteString(`},"social":{},"personal":[],"professional":[],"all":{`)
	values(b, i)
	b.WriteString(`}}}`)
}

func grouped(b *strings.Builder, i int) {
	system(b, i)
	b.WriteString(`,"fields":{"core":{`)
	describe(b, i)
	b.WriteString(`},"social":[]}}`)
}

func flat(b *strings.Builder, i int) {
	fmt.Fprintf(b, `{"id":%d,"date_added":"2026-01-05 09:00:00","owner_id":3,`, i)
	values(b, i)
	b.WriteString(`}`)
}

func values(b *strings.Builder, i int) {
	for n, f := range benchFields {
		if n > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `%q:%q`, f.alias, benchValue(f.value, i))
	}
}

func describe(b *strings.Builder, i int) {
	for n, f := range benchFields {
		if n > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `%q:{"id":"%d","label":%q,"alias":%q,"type":"text","group":"core","value":%q}`, f.alias, n, f.alias, f.alias, benchValue(f.value, i))
	}
}

func benchValue(value string, i int) string {
	if strings.Contains(value, "%") {
		return fmt.Sprintf(value, i)
	}
	return value
}

func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{30, 1000} {
		for _, shape := range listShapes {
			b.Run(fmt.Sprintf("%s/%d", shape.name, n), func(b *testing.B) { benchmarkSearch(b, shape.write(n), n) })
		}
	}
}

func benchmarkSearch(b *testing.B, body []byte, n int) {
	c, err := New(Options{BaseURL: "https://acme.flexie.io/api", Auth: APIKey("k"), Transport: canned(body)})
	require.NoError(b, err)
	contacts := c.Records(Contact, "")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		page, err := contacts.Search(context.Background(), Query{Limit: n})
		if err != nil || len(page.Records) != n {
			b.Fatalf("%d records of %d: %v", len(page.Records), n, err)
		}
	}
}

// BenchmarkLargeAnswer says what the decoded form of a 10 MiB answer holds on
// to, in bytes per byte of JSON.
func BenchmarkLargeAnswer(b *testing.B) {
	for _, shape := range listShapes {
		body := shape.write(10 << 20 * 1000 / len(shape.write(1000)))
		b.Run(shape.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			var before, after runtime.MemStats
			for b.Loop() {
				b.StopTimer()
				runtime.GC()
				runtime.ReadMemStats(&before)
				b.StartTimer()
				answer, err := DecodeJSON(body)
				require.NoError(b, err)
				b.StopTimer()
				runtime.GC()
				runtime.ReadMemStats(&after)
				runtime.KeepAlive(answer)
				b.StartTimer()
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(body)), "kept/size")
		})
	}
}
