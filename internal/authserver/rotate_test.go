package authserver

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// under is the same server with other keys, each of one byte again and again.
func (s *site) under(keys ...byte) *Server {
	var all [][]byte
	for _, key := range keys {
		all = append(all, bytes.Repeat([]byte{key}, keySize))
	}
	o := s.o
	var err error
	o.Keys, err = NewKeys(all...)
	require.NoError(s.t, err)
	server, _ := replica(s.t, o)
	return server
}

// TestAnOldKeyCanGo: what is used is encrypted anew with the first key, and the log
// says whether others are needed, or missing.
func TestAnOldKeyCanGo(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		_, a := s.connects()
		bob := s.clientID()
		s.form(tokenPath, exchange(bob, s.codeFor(s.browser(), bob, bobsKey)))
		rotated := s.under(2, 1)
		rotated.tellOfKeys(t.Context())
		require.Contains(t, s.log.String(), "an older key of encryption_key has to stay")
		require.Contains(t, s.log.String(), "people=2")
		require.NotContains(t, s.log.String(), "a key is missing")
		for range 2 {
			g, ok, err := rotated.Grant(t.Context(), a.tokens.Access, "/mcp")
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, annasKey, g.Key.Reveal())
		}
		older, locked, err := rotated.notByTheFirst(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{1, 0}, []int{older, locked}, "Anna's is used, and Bob's is not yet")

		s.log.Reset()
		without := s.under(2)
		without.tellOfKeys(t.Context())
		require.Equal(t, 1, bytes.Count(s.log.Bytes(), []byte("level=WARN")), s.log.String())
		require.Contains(t, s.log.String(), "a key is missing that sign-ins were encrypted with")
		require.Contains(t, s.log.String(), "people=1")
		g, ok, err := without.Grant(t.Context(), a.tokens.Access, "/mcp")
		require.NoError(t, err)
		require.True(t, ok, "the old key is not needed for who was here")
		require.Equal(t, annasKey, g.Key.Reveal())
	})
}

// TestARenewalIsNotResealed: its answer would be lost, which counts for what it found.
func TestARenewalIsNotResealed(t *testing.T) {
	s := inMemory(t)
	_, a := s.connects()
	before := s.text(`SELECT credential FROM oauth_person`)
	s.change(`UPDATE oauth_person SET renewer = 'another 1'`)
	rotated := s.under(2, 1)
	_, ok, err := rotated.Grant(t.Context(), a.tokens.Access, "/mcp")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, before, s.text(`SELECT credential FROM oauth_person`))
	s.change(`UPDATE oauth_person SET renewer = ''`)
	_, _, err = rotated.Grant(t.Context(), a.tokens.Access, "/mcp")
	require.NoError(t, err)
	require.NotEqual(t, before, s.text(`SELECT credential FROM oauth_person`))
}
