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
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
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
	code, err := c.Issue(ctx, b)
	require.NoError(t, err)
	return code
}

func TestACodeWorksOnce(t *testing.T) {
	c, _ := codes(Options{Store: store.Memory()})
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
		c, _ := codes(Options{Store: store.Memory()})
		code := write(issue(t, c, binding))
		require.NoError(t, c.Accept(ctx, code, binding), code)
		require.ErrorIs(t, c.Accept(ctx, code, binding), ErrUsed)
	}
}

func TestACodeIsForOneThing(t *testing.T) {
	c, now := codes(Options{Store: store.Memory()})
	code := issue(t, c, binding)
	for _, test := range []struct {
		change func(*Binding)
		want   error
	}{
		{func(b *Binding) { b.Purpose = "question" }, ErrOther},
		{func(b *Binding) { b.Caller = "joe" }, ErrOther},
		{func(b *Binding) { b.By = "phone" }, ErrOther},
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
	c, now := codes(Options{Store: store.Memory()})
	code := issue(t, c, binding)
	other, _ := codes(Options{Store: store.Memory()})
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

// TestAUsedCodeSaysSo, also where what it was for is another since: using it may
// have made it so.
func TestAUsedCodeSaysSo(t *testing.T) {
	c, _ := codes(Options{Store: store.Memory()})
	code := issue(t, c, binding)
	require.NoError(t, c.Accept(ctx, code, binding))
	changed := binding
	changed.State = "v2"
	require.ErrorIs(t, c.Accept(ctx, code, changed), ErrUsed)
}

func TestUsedOnesAreForgotten(t *testing.T) {
	c, now := codes(Options{Store: store.Memory()})
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
		all[i], _ = codes(Options{Store: store.Durable(store.Options{Dir: dir})})
		started.Go(func() { list[i], _ = all[i].Issue(ctx, binding) })
	}
	started.Wait()
	defer func() {
		for _, c := range all {
			require.NoError(t, c.o.Store.Close())
		}
	}()
	for i := range all {
		require.NoError(t, all[i].Accept(ctx, list[(i+1)%len(all)], binding), "all have one key")
	}
	info, err := os.Stat(filepath.Join(dir, "confirm.key"))
	require.NoError(t, err)
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
	_, err := c.Issue(ctx, binding)
	require.ErrorContains(t, err, prefix+"there is no directory for the key")
	require.ErrorContains(t, c.Accept(ctx, "x", binding), "set state_dir")

	dir := t.TempDir()
	path := filepath.Join(dir, "confirm.key")
	require.NoError(t, os.WriteFile(path, []byte("short"), 0o600))
	c, _ = codes(Options{Store: store.Durable(store.Options{Dir: dir})})
	_, err = c.Issue(ctx, binding)
	require.ErrorContains(t, err, prefix+"the key "+path+" is not a file of 32 bytes: remove it")
	data, readErr := os.ReadFile(path)
	require.NoError(t, readErr)
	require.Equal(t, "short", string(data), "it is never overwritten")

	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o700))
	_, err = c.Issue(ctx, binding)
	require.ErrorContains(t, err, "is not a file of 32 bytes")

	require.NoError(t, os.Remove(path))
	issue(t, c, binding) // without a restart
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Chmod(path, 0o640))
		c, _ = codes(Options{Store: store.Durable(store.Options{Dir: dir})})
		_, err = c.Issue(ctx, binding)
		require.ErrorContains(t, err, "chmod 600")
	}

	c, _ = codes(Options{Store: store.Durable(store.Options{Dir: filepath.Join(path, "x")})})
	_, err = c.Issue(ctx, binding)
	require.ErrorContains(t, err, "can't be")
}

// FuzzCode: nothing is accepted but a code that was given, and what is read as
// the same.
func FuzzCode(f *testing.F) {
	c, _ := codes(Options{Store: store.Memory()})
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
