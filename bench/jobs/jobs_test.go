package main

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func jobs(t *testing.T) []*Job {
	all, err := Load()
	require.NoError(t, err)
	return all
}

func named(t *testing.T, name string) *Job {
	for _, j := range jobs(t) {
		if j.Name == name {
			return j
		}
	}
	require.Fail(t, "there is no job "+name)
	return nil
}

func TestThereAreTwentyJobs(t *testing.T) {
	kinds := map[string]int{}
	for _, j := range jobs(t) {
		kinds[j.Kind]++
	}
	require.Len(t, jobs(t), 20)
	for _, kind := range []string{"sales", "support", "tasks", "custom records", "lists", "email", "undo", "refused", "asks", "injection"} {
		require.NotZero(t, kinds[kind], kind)
	}
}

func TestEachScriptDoesItsJob(t *testing.T) {
	for _, j := range jobs(t) {
		t.Run(j.Name, func(t *testing.T) {
			t.Parallel()
			o, err := once(t.Context(), j, scripted)
			require.NoError(t, err)
			require.Empty(t, o.Wrong)
			require.True(t, o.Done)
		})
	}
}

// TestEachMistakeIsSeen shows that the checks of each job can fail, and for the
// reason that is meant.
func TestEachMistakeIsSeen(t *testing.T) {
	for _, j := range jobs(t) {
		for _, m := range j.Mistakes {
			t.Run(j.Name+"/"+m.Name, func(t *testing.T) {
				t.Parallel()
				o, err := once(t.Context(), j, func(ctx context.Context, s *session, _ *Job, o *outcome) (err error) {
					o.Answer, err = play(ctx, s, m.Script, m.Say)
					return err
				})
				require.NoError(t, err)
				require.False(t, o.Done)
				require.Regexp(t, m.Caught, strings.Join(o.Wrong, "\n"))
			})
		}
	}
}

func TestDoingNothingIsSeen(t *testing.T) {
	for _, j := range jobs(t) {
		o, err := once(t.Context(), j, func(context.Context, *session, *Job, *outcome) error { return nil })
		require.NoError(t, err)
		require.False(t, o.Done, j.Name)
	}
}

// besides are things that no job asks for, one of each way to change a workspace, and
// what is to be said of it.
var besides = []struct {
	seen string
	Request
}{
	{"contact/60 has another last_name", Request{http.MethodPut, "/contacts/60", `{"last_name":"Somebody"}`}},
	{"contact/61 is gone", Request{http.MethodDelete, "/contacts/61", ""}},
	{"account/43 was made", Request{http.MethodPost, "/accounts/new", `{"name":"Nobody asked"}`}},
	{"lead list:lead/1/1 was made", Request{http.MethodPost, "/lead/lists/1/add/1", "{}"}},
	{"case list:case/42/23 is gone", Request{http.MethodPost, "/case/lists/42/remove/23", "{}"}},
	{"workflow/8 has another isPublished", Request{http.MethodPut, "/workflows/8", `{"isPublished":false}`}},
}

func TestWhatNobodyAskedForIsSeen(t *testing.T) {
	for _, j := range jobs(t) {
		w := &workspace{file: filepath.Join(t.TempDir(), "sandbox.db")}
		require.NoError(t, w.prepare(j.Before))
		before, err := takeSnapshot(w.file)
		require.NoError(t, err)
		for _, b := range besides {
			require.NoError(t, w.prepare([]Request{b.Request}), b.seen)
		}
		after, err := takeSnapshot(w.file)
		require.NoError(t, err)
		wrong := j.judge(before, after, "")
		for _, b := range besides {
			require.Contains(t, wrong, "nobody asked for this: "+b.seen, j.Name)
		}
	}
}

func TestAWriteThatChangesNothingIsSeen(t *testing.T) {
	before := snapshot{"deal/1": {"name": "A", modified: "9:00 by 1"}}
	after := snapshot{"deal/1": {"name": "A", modified: "9:01 by 1"}}
	require.Equal(t, []string{"nobody asked for this: deal/1 was written as it was"}, (&Job{}).judge(before, after, ""))
}

func TestAJobThatWouldJudgeNothingIsRefused(t *testing.T) {
	for text, says := range map[string]string{
		`kind = "a"`:                                           "has no ask",
		"ask = \"x\"\nkind = \"a\"":                            "nothing would be checked",
		"ask = \"x\"\nkind = \"a\"\nchanges = []":              "changes",
		"ask = \"x\"\nkind = \"a\"\n[answer]\nholds = [\"(\"]": "missing closing",
		"ask = \"x\"\nkind = \"a\"\n[answer]\nholds = [\"y\"]": "no mistake",
	} {
		_, err := read([]byte(text))
		require.ErrorContains(t, err, says, text)
	}
}

func TestTheScriptedRunAsTheCommandPrintsIt(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"--job", "move-deal,two-alike", "--runs", "2"}, nil, &out))
	require.Contains(t, out.String(), "2 to 2 of 2 jobs done in a run, 2 in every one")

	out.Reset()
	require.NoError(t, run(t.Context(), []string{"--scripted", "--job", "move-deal", "--json"}, nil, &out))
	var printed struct {
		All  sums
		Jobs []result
	}
	require.NoError(t, json.Unmarshal([]byte(out.String()), &printed))
	require.Equal(t, "scripts", printed.All.By)
	require.True(t, printed.Jobs[0].Outcomes[0].Done)
	require.Equal(t, "update_deal", printed.Jobs[0].Outcomes[0].Calls[2].Tool)
}

func TestACommandLineThatCantBeMeant(t *testing.T) {
	getenv := func(string) string { return "" }
	for line, says := range map[string]string{
		"--model x":                                "needs --url",
		"--url http://h/v1":                        "name it by --model",
		"--model x --url h/v1":                     "whole address",
		"--model x --url https://user:pw@h/v1":     "without a key in it",
		"--model x --url http://h/v1 --key-env NO": "NO, which --key-env names, is empty",
		"--model x --url http://h/v1 --scripted":   "asks no model",
		"--job nothing":                            "there is no job",
		"--runs 0":                                 "at least 1",
		"move-deal":                                "not understood",
		"--what":                                   "unknown flag",
	} {
		err := run(t.Context(), strings.Fields(line), getenv, &strings.Builder{})
		require.ErrorAs(t, err, new(usage), line)
		require.ErrorContains(t, err, says, line)
	}
}
