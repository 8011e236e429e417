// Command jobs asks a model for twenty jobs of a CRM's users, each in a sandbox of
// its own, and looks in the sandbox's database for what came of it: whether what was
// asked is done, and nothing else is changed. Without a model the script that each
// job comes with does it.
//
//	go run ./bench/jobs
//	go run ./bench/jobs --model NAME --url http://127.0.0.1:11434/v1 --key-env KEY
//
// docs/jobs.md says what the numbers mean.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	var wrong usage
	switch {
	case err == nil || errors.Is(err, pflag.ErrHelp):
	case errors.As(err, &wrong):
		fmt.Fprintln(os.Stderr, "jobs:", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "jobs:", err)
		os.Exit(1)
	}
}

// usage is a command line that can't be meant.
type usage struct{ error }

// flags are how the command is called.
type flags struct {
	model, url, keyEnv string
	jobs               []string
	runs               int
	asJSON, list       bool
	bounds             bounds
	timeout            time.Duration // of one answer of the model
}

func parse(args []string, out io.Writer) (f flags, err error) {
	set := pflag.NewFlagSet("jobs", pflag.ContinueOnError)
	set.SetOutput(out)
	set.SortFlags = false
	set.StringVar(&f.model, "model", "", "the model that is to do the jobs; without one, their scripts do")
	set.StringVar(&f.url, "url", "", "where it is reached: an address under which there is /chat/completions, e.g. http://127.0.0.1:11434/v1")
	set.StringVar(&f.keyEnv, "key-env", "", "the environment variable that holds the key; none sends no key")
	set.Bool("scripted", true, "do the jobs by their scripts: what happens without --model")
	set.IntVar(&f.runs, "runs", 1, "how often each job is done")
	set.StringSliceVar(&f.jobs, "job", nil, "only these jobs, by name")
	set.BoolVar(&f.list, "list", false, "show the jobs, and do none")
	set.BoolVar(&f.asJSON, "json", false, "print the results as JSON, with every call and what was wrong")
	set.IntVar(&f.bounds.turns, "most-turns", 25, "answers of the model for one job, after which it has failed")
	set.IntVar(&f.bounds.tokens, "most-tokens", 400_000, "tokens for one job, in and out, after which it has failed")
	set.DurationVar(&f.bounds.time, "most-time", 5*time.Minute, "time for one job, after which it has failed")
	set.DurationVar(&f.timeout, "timeout", 2*time.Minute, "time for one answer of the model")
	if err := set.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return f, err
		}
		return f, usage{err}
	}
	if scripted := set.Lookup("scripted"); scripted.Changed && scripted.Value.String() == "true" && f.model != "" {
		return f, usage{errors.New("--scripted asks no model: leave out --model, or --scripted")}
	}
	return f, f.check(set.Args())
}

func (f flags) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return usage{fmt.Errorf("%q is not understood: jobs are chosen by --job NAME", rest[0])}
	case f.model == "" && (f.url != "" || f.keyEnv != ""):
		return usage{errors.New("--url and --key-env say where a model is: name it by --model")}
	case f.model != "" && f.url == "":
		return usage{errors.New("--model also needs --url, e.g. http://127.0.0.1:11434/v1")}
	case f.runs < 1 || f.bounds.turns < 1 || f.bounds.tokens < 1 || f.bounds.time <= 0 || f.timeout <= 0:
		return usage{errors.New("--runs, --most-turns, --most-tokens, --most-time and --timeout are at least 1")}
	}
	if f.model == "" {
		return nil
	}
	if u, err := url.Parse(f.url); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return usage{errors.New("--url is a whole address without a key in it, e.g. https://host.example/v1")}
	}
	return nil
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	f, err := parse(args, out)
	if err != nil {
		return err
	}
	jobs, err := f.chosen()
	if err != nil {
		return err
	}
	if f.list {
		return list(out, jobs)
	}
	do := scripted
	if f.model != "" {
		key := ""
		if f.keyEnv != "" {
			if key = strings.TrimSpace(getenv(f.keyEnv)); key == "" {
				return usage{fmt.Errorf("the variable %s, which --key-env names, is empty", f.keyEnv)}
			}
		}
		do = byModel(newChat(f.url, f.model, key, f.keyEnv, f.timeout), f.bounds)
	}
	all, err := doAll(ctx, jobs, f.runs, do)
	if err == nil {
		return print(out, f, all)
	}
	if len(all) == 0 {
		return err
	}
	printed := print(out, f, all)
	return fmt.Errorf("%w\nOnly %d of %d jobs were judged (%v)", err, len(all), len(jobs), cmp.Or(printed, errors.New("all of these were done")))
}

// chosen are the jobs that were asked for, in the order of their files.
func (f flags) chosen() ([]*Job, error) {
	all, err := Load()
	if err != nil || len(f.jobs) == 0 {
		return all, err
	}
	var picked []*Job
	for _, name := range f.jobs {
		i := slices.IndexFunc(all, func(j *Job) bool { return j.Name == name })
		if i < 0 {
			return nil, usage{fmt.Errorf("there is no job %q: --list shows them", name)}
		}
		picked = append(picked, all[i])
	}
	return picked, nil
}
