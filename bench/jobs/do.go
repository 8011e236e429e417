package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// outcome is what came of a job, done once.
type outcome struct {
	Done    bool     `json:"done"`
	Wrong   []string `json:"wrong,omitempty"` // what the checks say
	Ended   string   `json:"ended,omitempty"` // why it was given up
	Answer  string   `json:"answer"`
	Calls   []call   `json:"calls"`
	In      int      `json:"tokens_in"`
	Out     int      `json:"tokens_out"`
	Unknown bool     `json:"tokens_unknown,omitempty"` // the model's address did not always say how many
	Seconds float64  `json:"seconds"`
}

// doer does a job in a session and says what the user is told. An error is one of
// what it is done with, and ends everything.
type doer func(ctx context.Context, s *session, j *Job, o *outcome) error

// scripted does a job by its script.
func scripted(ctx context.Context, s *session, j *Job, o *outcome) (err error) {
	o.Answer, err = play(ctx, s, j.Script, j.Say)
	return err
}

// once does a job in a new workspace, and judges it.
func once(ctx context.Context, j *Job, do doer) (o outcome, err error) {
	w, err := openWorkspace(j)
	if err != nil {
		return o, fmt.Errorf("%s: %w", j.Name, err)
	}
	defer func() { err = errors.Join(err, w.close()) }()
	s, err := connect(ctx, w)
	if err != nil {
		return o, fmt.Errorf("%s: %w", j.Name, err)
	}
	defer s.mcp.Close()
	if _, err := play(ctx, s, j.Earlier, ""); err != nil {
		return o, fmt.Errorf("%s, earlier: %w", j.Name, err)
	}
	s.calls = nil
	before, err := takeSnapshot(w.file)
	if err != nil {
		return o, err
	}
	began := time.Now()
	if err := do(ctx, s, j, &o); err != nil {
		return o, fmt.Errorf("%s: %w", j.Name, err)
	}
	o.Seconds, o.Calls = time.Since(began).Seconds(), s.calls
	after, err := takeSnapshot(w.file)
	if err != nil {
		return o, err
	}
	o.Wrong = j.judge(before, after, o.Answer)
	o.Done = len(o.Wrong) == 0 && o.Ended == ""
	return o, nil
}

// result is a job and what came of it, each time.
type result struct {
	Job      string    `json:"job"`
	Kind     string    `json:"kind"`
	Outcomes []outcome `json:"runs"`
}

// doAll does each job some times. With an error come the results of the jobs that
// were finished before it: they may have cost money.
func doAll(ctx context.Context, jobs []*Job, runs int, do doer) ([]result, error) {
	var all []result
	for _, j := range jobs {
		r := result{Job: j.Name, Kind: j.Kind}
		for range runs {
			o, err := once(ctx, j, do)
			if err != nil {
				return all, err
			}
			r.Outcomes = append(r.Outcomes, o)
		}
		all = append(all, r)
	}
	return all, nil
}
