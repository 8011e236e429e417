package authserver

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestKeysAreRotated(t *testing.T) {
	one, two := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	old, err := NewKeys(one)
	require.NoError(t, err)
	both, err := ParseKeys("\n" + base64.StdEncoding.EncodeToString(two) + ",\n" + hex.EncodeToString(one) + "\n")
	require.NoError(t, err)
	newer, err := ParseKeys(base64.RawURLEncoding.EncodeToString(two))
	require.NoError(t, err)

	sealed := old.seal("key of anna", "secret")
	require.NotContains(t, sealed, "secret")
	require.NotEqual(t, sealed, old.seal("key of anna", "secret"))
	opened, err := both.open("key of anna", sealed)
	require.NoError(t, err)
	require.Equal(t, "secret", opened)
	opened, err = newer.open("key of anna", both.seal("key of anna", "secret"))
	require.NoError(t, err)
	require.Equal(t, "secret", opened, "the first one encrypts")

	_, err = newer.open("key of anna", sealed)
	require.ErrorContains(t, err, "not among those of encryption_key")
	_, err = old.open("key of bob", sealed)
	require.Error(t, err, "put in another's row")
	for i := range len(sealed) {
		damaged := []byte(sealed)
		damaged[i] ^= 1
		_, err = old.open("key of anna", string(damaged))
		require.Error(t, err, i)
	}
	_, err = old.open("key of anna", "")
	require.Error(t, err)
}

func TestKeysThatAreNone(t *testing.T) {
	for _, text := range []string{"", " ", "secret-Zq9XvK", base64.StdEncoding.EncodeToString(make([]byte, 31)), hex.EncodeToString(make([]byte, 33))} {
		_, err := ParseKeys(text)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "Zq9X")
	}
	_, err := NewKeys(make([]byte, 16))
	require.Error(t, err)
}

// TestALostKey: who has signed in is asked to come again, and the operator is told.
func TestALostKey(t *testing.T) {
	s := inMemory(t)
	_, a := s.connects()
	other, err := NewKeys(bytes.Repeat([]byte{9}, 32))
	require.NoError(t, err)
	o := s.o
	o.Keys = other
	_, h := replica(t, o)
	refused := s.request(h, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access)
	require.Equal(t, http.StatusServiceUnavailable, refused.status)
	require.Contains(t, s.log.String(), "not among those of encryption_key")
}

func TestPublicURLs(t *testing.T) {
	for url, says := range map[string]string{
		"": "public_url is an address", "mcp.example.com": "public_url is an address", "http://mcp.example.com": "is to be https", "https://mcp.example.com/flexie": "no path",
		"https://u:p@mcp.example.com": "public_url is an address", "https://mcp.example.com?x": "public_url is an address", "ftp://mcp.example.com": "is to be https", "http://localhost.evil.example": "is to be https",
	} {
		_, err := issuerOf(url)
		require.ErrorContains(t, err, says, url)
	}
	for url, issuer := range map[string]string{"https://MCP.example.com/": "https://mcp.example.com", "http://localhost:8080": "http://localhost:8080", "http://[::1]:8080": "http://[::1]:8080", "https://mcp.example.com:8443": "https://mcp.example.com:8443"} {
		got, err := issuerOf(url)
		require.NoError(t, err)
		require.Equal(t, issuer, got)
	}
}

func TestLimiter(t *testing.T) {
	c := &clock{now: time.Unix(0, 0)}
	l := newLimiter(2, time.Minute, c.Now)
	take := func(sender string) bool { _, ok := l.take(sender); return ok }
	require.True(t, take("a"))
	require.True(t, take("a"))
	wait, ok := l.take("a")
	require.False(t, ok)
	require.Equal(t, time.Minute, wait)
	require.True(t, take("b"), "each for themselves")
	c.pass(time.Minute)
	require.True(t, take("a"))
	require.False(t, take("a"))
	c.pass(time.Hour)
	for i := range mostSenders + 10 {
		l.take(strings.Repeat("x", i))
	}
	require.LessOrEqual(t, len(l.full), mostSenders+1)
	require.False(t, take("yet another"), "beyond that they count together")
	c.pass(time.Hour)
	require.True(t, take("yet another"))
	require.Len(t, l.full, 1)
}

// TestLimiterOfANetwork: who has many networks of IPv6 has as much as ten, and not as
// all of them.
func TestLimiterOfANetwork(t *testing.T) {
	c := &clock{now: time.Unix(0, 0)}
	l := newLimiter(2, time.Minute, c.Now)
	had := 0
	for i := range 1000 {
		if _, ok := l.take(fmt.Sprintf("2001:db8:1:%x::/64", i)); ok {
			had++
		}
	}
	require.Equal(t, 20, had)
	_, ok := l.take("2001:db8:2:1::/64")
	require.True(t, ok, "another's network is theirs")
	c.pass(12 * time.Second)
	_, ok = l.take("2001:db8:1:1::/64")
	require.True(t, ok)
	wait, ok := l.take("2001:db8:1:1::/64")
	require.False(t, ok, "a sender's own share stays")
	require.Equal(t, 48*time.Second, wait)
	_, ok = l.take("2001:db8:1:ffff::/64")
	require.True(t, ok)
}

func TestSenders(t *testing.T) {
	for _, test := range []struct{ remote, forwarded, sender string }{
		{"203.0.113.5:1000", "", "203.0.113.5"},
		{"203.0.113.5:1000", "198.51.100.7", "203.0.113.5"},
		{"127.0.0.1:1000", "", "127.0.0.1"},
		{"127.0.0.1:1000", "198.51.100.7", "198.51.100.7"},
		{"10.1.2.3:1000", "6.6.6.6, 198.51.100.7", "198.51.100.7"},
		{"10.1.2.3:1000", "nonsense", "10.1.2.3"},
		{"[2001:db8:1:2:3::4]:1000", "", "2001:db8:1:2::/64"},
		{"[::ffff:203.0.113.5]:1000", "", "203.0.113.5"},
	} {
		r := &http.Request{RemoteAddr: test.remote, Header: http.Header{}}
		if test.forwarded != "" {
			r.Header.Set("X-Forwarded-For", test.forwarded)
		}
		require.Equal(t, test.sender, senderOf(r), test)
	}
}
