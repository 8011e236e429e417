package server

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"sync/atomic"
)

// sessionKeys make the marks in the ids of sessions. Several servers at one
// database share a key, so that an id is good at each, and after a restart. As long
// as the database can't be asked for it, ids are made by a key of this server's
// own, and stay good here.
type sessionKeys struct {
	own      []byte
	shared   atomic.Pointer[[]byte]
	replicas *replicas
}

func newSessionKeys(r *replicas) *sessionKeys {
	k := &sessionKeys{own: make([]byte, 32), replicas: r}
	rand.Read(k.own)
	if r != nil {
		go k.ask() // so that it is known when the database can't be asked later
	}
	return k
}

// newID makes an id that only the caller can use.
func (k *sessionKeys) newID(caller string) string {
	id, key := rand.Text(), k.own
	if shared := k.ask(); shared != nil {
		key = shared
	}
	return id + "." + markOf(key, id, caller)
}

// made reports whether an id is one that was made for the caller.
func (k *sessionKeys) made(session, caller string) bool {
	id, mark, _ := strings.Cut(session, ".")
	good := func(key []byte) bool { return hmac.Equal([]byte(mark), []byte(markOf(key, id, caller))) }
	if good(k.own) {
		return true
	}
	shared := k.ask()
	return shared != nil && good(shared)
}

// ask is the key that the servers share; nil if there is but one, or if it can't
// be asked for.
func (k *sessionKeys) ask() []byte {
	if shared := k.shared.Load(); shared != nil || k.replicas == nil {
		if shared == nil {
			return nil
		}
		return *shared
	}
	fresh := make([]byte, 32)
	rand.Read(fresh)
	var key []byte
	err := k.replicas.ask(context.Background(), func(ctx context.Context) (err error) {
		key, err = k.replicas.database.Secret(ctx, "sessions", fresh)
		return err
	})
	if err != nil {
		return nil
	}
	k.shared.Store(&key)
	return key
}

func markOf(key []byte, id, caller string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "\n" + caller))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
