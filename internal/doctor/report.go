package doctor

import (
	"encoding/json"
	"time"
)

// Result is what came of a check.
type Result string

// What may come of one. Only Wrong makes the report as a whole one of failure.
const (
	OK      Result = "ok"
	Warning Result = "warning"
	Wrong   Result = "wrong"
	Skipped Result = "skipped"
)

// Finding is what one check found.
type Finding struct {
	Name   string `json:"name"`
	Result Result `json:"result"`
	Found  string `json:"found"`          // one sentence without a full stop
	Next   string `json:"next,omitempty"` // what to do, likewise; "" if nothing

	// Detail is what may be private: it is dropped unless private things are shown.
	Detail string `json:"detail,omitempty"`

	TookMS int64 `json:"took_ms"`
}

// Holds says whether a guess does.
type Holds string

// Unknown is a guess that could not be tested here and now.
const (
	True    Holds = "true"
	False   Holds = "false"
	Unknown Holds = "unknown"
)

// Guess is what was found of one row of docs/assumptions.md.
type Guess struct {
	Name    string `json:"name"`
	Holds   Holds  `json:"holds"`
	Found   string `json:"found"`
	Assumed string `json:"assumed"`
	Changes string `json:"changes,omitempty"` // what follows if it is false; else ""

	// MendedBy are the settings under [assumptions] that can mend it if it is false.
	MendedBy []string `json:"mended_by,omitempty"`
}

// Format is that of the JSON of a Report. It grows when a member changes its meaning
// or goes; new ones may come without.
const Format = 1

// Report is all that was found.
type Report struct {
	Format      int       `json:"format"`
	Program     string    `json:"program"` // flexie-mcp
	Version     string    `json:"version"`
	Made        time.Time `json:"made"`    // UTC
	Result      Result    `json:"result"`  // the worst of the checks and the write test
	Private     bool      `json:"private"` // whether private things are in it
	Checks      []Finding `json:"checks"`
	Assumptions []Guess   `json:"assumptions"`          // all rows of the document, in its order
	WriteTest   []Finding `json:"write_test,omitempty"` // its steps, if it was asked for
}

// Failed reports whether something is wrong.
func (r Report) Failed() bool { return r.Result == Wrong }

// JSON is the report for programs: see docs/doctor.md.
func (r Report) JSON() []byte {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return []byte("{}") // of strings and numbers alone: it can't be
	}
	return append(text, '\n')
}

// worst is the result of all findings as one.
func worst(findings ...[]Finding) Result {
	result := OK
	for _, some := range findings {
		for _, f := range some {
			if f.Result == Wrong || f.Result == Warning && result == OK {
				result = f.Result
			}
		}
	}
	return result
}

func ok(found string) Finding { return Finding{Result: OK, Found: found} }

func warning(found, next string) Finding { return Finding{Result: Warning, Found: found, Next: next} }

func wrong(found, next string) Finding { return Finding{Result: Wrong, Found: found, Next: next} }

func skipped(why string) Finding { return Finding{Result: Skipped, Found: why} }

func (f Finding) with(detail string) Finding {
	f.Detail = detail
	return f
}
