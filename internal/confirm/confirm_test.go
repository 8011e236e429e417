package confirm

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var ctx = context.Background()

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

var binding = Binding{Purpose: "preview", Caller: "jane", Tool: "delete_contact", Arguments: `{"id":42}`, State: "v1"}

// codes are those of a test, and their clock.
func codes(o Options) (*Codes, *time.Time) {
	now := noon
	o.Now = func() time.Time { return now }
	return New(o), &now
}

func issue(t testing.TB, c *Codes, b Binding) string {
	t.Helper()
	code, err := c.Issue(b)
	require.NoError(t, err)
	return code
}

func TestACodeWorksOnce(t *testing.T) {
	c, _ := codes(Options{Memory: true})
	code := issue(t, c, binding)
	require.Regexp(t, regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{45}$`), code)
	require.NoError(t, c.Accept(ctx, code, binding))
	require.ErrorIs(t, c.Accept(ctx, code, binding), ErrUsed)
	require.NotEqual(t, code, issue(t, c, binding))
	require.NoError(t, c.Accept(ctx, issue(t, c, binding), binding), "the same once more, with its own code")
}

func TestACodeAsAModelWritesIt(t *testing.T) {
	for _, write := range []func(string) string{
		strings.ToUpper,
		func(s string) string { return " \t" + s + "\n" },
		func(s string) string { return "`" + s + "`" },
		func(s string) string { return `"'` + s + `'"` },
		func(s string) string { return "“" + s + "”." },
		func(s string) string { return "confirm: " + s },
		func(s string) string { return strings.NewReplacer("0", "O", "1", "l").Replace(s) },
		func(s string) string { return strings.NewReplacer("0", "o", "1", "I").Replace(s) },
	} {
		c, _ := codes(Options{Memory: true})
		code := write(issue(t, c, binding))
		require.NoError(t, c.Accept(ctx, code, binding), code)
		require.ErrorIs(t, c.Accept(ctx, code, binding), ErrUsed)
	}
}

func TestACodeIsForOneThing(t *testing.T) {
	c, now := codes(Options{Memory: true})
	code := issue(t, c, binding)
	for _, test := range []struct {
		change func(*Binding)
		want   error
	}{
		{func(b *Binding) { b.Purpose = "question" }, ErrOther},
		{func(b *Binding) { b.Caller = "joe" }, ErrOther},
		{func(b *Binding) { b.Tool = "delete_lead" }, ErrOther},
		{func(b *Binding) { b.Arguments = `{"id":43}` }, ErrOther},
		{func(b *Binding) { b.Caller, b.Tool = "janedelete", "_contact" }, ErrOther},
		{func(b *Binding) { b.Tool, b.State = "delete_lead", "v2" }, ErrOther},
		{func(b *Binding) { b.State = "v2" }, ErrChanged},
		{func(b *Binding) { b.State = "" }, ErrChanged},
	} {
		other := binding
		test.change(&other)
		require.ErrorIs(t, c.Accept(ctx, code, other), test.want)
	}
	require.NoError(t, c.Accept(ctx, code, binding), "trying others does not use it up")

	code = issue(t, c, binding)
	*now = noon.Add(life - time.Second)
	require.NoError(t, c.Accept(ctx, code, binding))
	*now = noon
	code = issue(t, c, binding)
	*now = noon.Add(life)
	require.ErrorIs(t, c.Accept(ctx, code, binding), ErrExpired)
	*now = noon.Add(-time.Hour)
	require.ErrorIs(t, c.Accept(ctx, code, binding), ErrExpired, "the clock was set back")
}

func TestWhatIsNoCode(t *testing.T) {
	c, now := codes(Options{Memory: true})
	code := issue(t, c, binding)
	other, _ := codes(Options{Memory: true})
	foreign := issue(t, other, binding)
	*now = noon.Add(time.Hour) // what is not genuine is not called expired
	for _, wrong := range []string{
		"", "yes", "CODE", code[1:], code + "0", code[:20] + "\n" + code[20:], code[:44] + "\n", foreign,
		strings.Repeat("0", 45), strings.Repeat("z", 45), strings.Repeat(code, 1000), "\xff\xfe" + code[2:],
	} {
		require.ErrorIs(t, c.Accept(ctx, wrong, binding), ErrMalformed, "%q", wrong)
	}
	for i := range code { // a typo anywhere
		for _, letter := range alphabet {
			if typo := code[:i] + string(letter) + code[i+1:]; typo != code {
				require.ErrorIs(t, c.Accept(ctx, typo, binding), ErrMalformed)
			}
		}
	}
	require.ErrorIs(t, c.Accept(ctx, code, binding), ErrExpired)
}

func TestErrorsSayWhatToDo(t *testing.T) {
	for _, err := range []error{ErrMalformed, ErrOther, ErrChanged, ErrExpired, ErrUsed} {
		require.Contains(t, err.Error(), "call without confirm")
	}
}

func TestACodeSurvivesARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	used := map[string]bool{}
	o := Options{Dir: dir, Once: func(_ context.Context, token string, until time.Time) (bool, error) {
		require.Equal(t, noon.Add(life+time.Minute), until.UTC())
		first := !used[token]
		used[token] = true
		return first, nil
	}}
	c, _ := codes(o)
	kept, spent := issue(t, c, binding), issue(t, c, binding)
	require.NoError(t, c.Accept(ctx, spent, binding))
	c, _ = codes(o)
	require.NoError(t, c.Accept(ctx, kept, binding))
	require.ErrorIs(t, c.Accept(ctx, spent, binding), ErrUsed)
	for token := range used {
		require.NotContains(t, token, kept)
		require.Len(t, token, 32)
	}
}

// TestAUsedCodeSaysSo, also where what it was for is another since: using it may
// have made it so.
func TestAUsedCodeSaysSo(t *testing.T) {
	c, _ := codes(Options{Memory: true})
	code := issue(t, c, binding)
	require.NoError(t, c.Accept(ctx, code, binding))
	changed := binding
	changed.State = "v2"
	require.ErrorIs(t, c.Accept(ctx, code, changed), ErrUsed)
}

// TestANo voids its code in every process, and is remembered by this one for ten
// minutes, whatever the state is by then.
func TestANo(t *testing.T) {
	used := map[string]bool{}
	dir := t.TempDir()
	o := Options{Dir: dir, Once: func(_ context.Context, token string, _ time.Time) (bool, error) {
		first := !used[token]
		used[token] = true
		return first, nil
	}}
	c, now := codes(o)
	code, other := issue(t, c, binding), issue(t, c, binding)
	require.NoError(t, c.Void(ctx, code))
	require.NoError(t, c.Void(ctx, code), "twice is no harm")
	require.ErrorIs(t, c.Void(ctx, "yes"), ErrMalformed)
	require.ErrorIs(t, c.Accept(ctx, code, binding), ErrUsed)
	elsewhere, _ := codes(o)
	require.ErrorIs(t, elsewhere.Accept(ctx, code, binding), ErrUsed)
	_, no := c.SaidNo(binding)
	require.False(t, no, "a code that is void is no no")

	c.Refuse(binding)
	*now = noon.Add(time.Minute)
	changed := binding
	changed.State, changed.Purpose = "v2", ""
	ago, no := c.SaidNo(changed)
	require.True(t, no)
	require.Equal(t, time.Minute, ago)
	changed.Arguments = `{"id":43}`
	_, no = c.SaidNo(changed)
	require.False(t, no)
	require.NoError(t, c.Accept(ctx, other, binding), "it is for whoever asks to look")
	*now = noon.Add(life)
	_, no = c.SaidNo(binding)
	require.False(t, no)
	c.Refuse(changed)
	require.Len(t, c.noes, 1, "old ones are forgotten")
}

func TestOnceIsAskedLast(t *testing.T) {
	asked, fails := 0, errors.New("the disk is full")
	c, now := codes(Options{Memory: true, Once: func(context.Context, string, time.Time) (bool, error) {
		asked++
		return fails == nil, fails
	}})
	code := issue(t, c, binding)
	changed := binding
	changed.State = "v2"
	require.Error(t, c.Accept(ctx, code, changed))
	require.Error(t, c.Accept(ctx, "x", binding))
	*now = noon.Add(time.Hour)
	require.Error(t, c.Accept(ctx, code, binding))
	require.Zero(t, asked)

	*now = noon
	require.ErrorIs(t, c.Accept(ctx, code, binding), fails)
	fails = nil
	require.NoError(t, c.Accept(ctx, code, binding), "it could not be used up, and so is good still")
	require.Equal(t, 2, asked)
	require.ErrorIs(t, c.Accept(ctx, code, binding), ErrUsed)
	require.Equal(t, 2, asked, "also if the file of used ones is lost")
}

func TestManyAcceptOneCode(t *testing.T) {
	for _, once := range []func(context.Context, string, time.Time) (bool, error){
		nil, func(context.Context, string, time.Time) (bool, error) { return true, nil },
	} {
		c, _ := codes(Options{Memory: true, Once: once})
		code := issue(t, c, binding)
		var accepted, used atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				switch err := c.Accept(ctx, code, binding); {
				case err == nil:
					accepted.Add(1)
				case errors.Is(err, ErrUsed):
					used.Add(1)
				}
			})
		}
		all.Wait()
		require.Equal(t, []int32{1, 49}, []int32{accepted.Load(), used.Load()})
	}
}

func TestUsedOnesAreForgotten(t *testing.T) {
	c, now := codes(Options{Memory: true})
	for range 10 {
		require.NoError(t, c.Accept(ctx, issue(t, c, binding), binding))
		*now = now.Add(time.Hour)
	}
	require.Len(t, c.used, 1)
}

func TestTheKeyIsMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	all := make([]*Codes, 16)
	list := make([]string, len(all))
	var started sync.WaitGroup
	for i := range all {
		all[i], _ = codes(Options{Dir: dir})
		started.Go(func() { list[i], _ = all[i].Issue(binding) })
	}
	started.Wait()
	for i := range all {
		require.NoError(t, all[i].Accept(ctx, list[(i+1)%len(all)], binding), "all have one key")
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)
	info, err := files[0].Info()
	require.NoError(t, err)
	require.Equal(t, "confirm.key", info.Name())
	require.EqualValues(t, 32, info.Size())
	if runtime.GOOS != "windows" {
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		info, err := os.Stat(dir)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	}
}

func TestAKeyThatCantBeUsed(t *testing.T) {
	const prefix = "the change was not made, since it can't be confirmed: "
	c, _ := codes(Options{})
	_, err := c.Issue(binding)
	require.ErrorContains(t, err, prefix+"there is no directory for the key")
	require.ErrorContains(t, c.Accept(ctx, "x", binding), "set state_dir")

	dir := t.TempDir()
	path := filepath.Join(dir, "confirm.key")
	require.NoError(t, os.WriteFile(path, []byte("short"), 0o600))
	c, _ = codes(Options{Dir: dir})
	_, err = c.Issue(binding)
	require.ErrorContains(t, err, prefix+"the key "+path+" is not a file of 32 bytes: remove it")
	data, readErr := os.ReadFile(path)
	require.NoError(t, readErr)
	require.Equal(t, "short", string(data), "it is never overwritten")

	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o700))
	_, err = c.Issue(binding)
	require.ErrorContains(t, err, "is not a file of 32 bytes")

	require.NoError(t, os.Remove(path))
	issue(t, c, binding) // without a restart
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Chmod(path, 0o640))
		c, _ = codes(Options{Dir: dir})
		_, err = c.Issue(binding)
		require.ErrorContains(t, err, "chmod 600")
	}

	c, _ = codes(Options{Dir: filepath.Join(path, "x")})
	_, err = c.Issue(binding)
	require.ErrorContains(t, err, "can't be")
}

func TestAKeyWithoutLinks(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	require.NoError(t, os.WriteFile(from, newKey(), 0o600))
	require.NoError(t, copyKey(from, to))
	key, err := readKey(to)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(from, newKey(), 0o600))
	require.NoError(t, copyKey(from, to))
	again, err := readKey(to)
	require.NoError(t, err)
	require.Equal(t, key, again)
}

// FuzzCode: nothing is accepted but a code that was given, and what is read as
// the same.
func FuzzCode(f *testing.F) {
	c, _ := codes(Options{Memory: true})
	genuine := issue(f, c, binding)
	f.Add(genuine, 3, byte('0'))
	f.Add(strings.Repeat("0", 45), 0, byte(0))
	f.Add("`CONFIRM: x`", 44, byte('z'))
	f.Fuzz(func(t *testing.T, code string, at int, with byte) {
		for _, code := range []string{code, changed(genuine, at, with), genuine + code, code + genuine} {
			n, ok := decode(code)
			err := c.Accept(ctx, code, binding)
			if ok && encode(n) == genuine {
				require.True(t, err == nil || errors.Is(err, ErrUsed))
				continue
			}
			require.ErrorIs(t, err, ErrMalformed)
		}
	})
}

func changed(code string, at int, with byte) string {
	b := []byte(code)
	b[uint(at)%uint(len(b))] = with
	return string(b)
}

// TestServersThatShareAKey accept each other's codes.
func TestServersThatShareAKey(t *testing.T) {
	var kept []byte
	var trouble error
	share := func(fresh []byte) ([]byte, error) {
		if kept == nil {
			kept = fresh
		}
		return kept, trouble
	}
	a, _ := codes(Options{Share: share, Dir: "/nowhere"})
	b, _ := codes(Options{Share: share})
	require.NoError(t, b.Accept(ctx, issue(t, a, binding), binding))

	trouble = errors.New("the connection was refused")
	code := issue(t, a, binding)
	c, _ := codes(Options{Share: share})
	require.EqualError(t, c.Accept(ctx, code, binding), "the change was not made, since it can't be confirmed: the key in the database can't be used: the connection was refused: check the database and database_url, and try again")
	trouble = nil
	require.NoError(t, c.Accept(ctx, code, binding), "without a restart")

	kept = []byte("short")
	d, _ := codes(Options{Share: share})
	_, err := d.Issue(binding)
	require.ErrorContains(t, err, "it has 5 bytes instead of 32")
}
