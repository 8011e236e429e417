package server

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"golang.org/x/sync/singleflight"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
)

const (
	// proofsAtOnce is how many keys Flexie is asked about at once: anybody can make
	// keys up, and asking takes turns from those who work.
	proofsAtOnce = 4

	// proofTime is how long it may take, waiting included.
	proofTime = 10 * time.Second

	// mostWrongKeys is how many keys are remembered that Flexie does not know, and
	// wrongKeyLasts for how long it is not asked about one again.
	mostWrongKeys = 10_000
	wrongKeyLasts = time.Minute
)

// errBusyProving is a key that could not be asked about in time.
var errBusyProving = errors.New("too many keys are being looked at: come again")

// proofs find out whether Flexie takes the key that somebody brings, before
// anything is kept for them: a key costs nothing to make up.
type proofs struct {
	turns chan struct{}
	wrong *expirable.LRU[string, bool] // by caller
	one   singleflight.Group           // by caller
}

func newProofs() *proofs {
	return &proofs{turns: make(chan struct{}, proofsAtOnce), wrong: expirable.NewLRU[string, bool](mostWrongKeys, nil, wrongKeyLasts)}
}

// proof is what came of asking about a key.
type proof int

const (
	keyRight    proof = iota // it is right
	keyWrong                 // it is not, or not for that workspace
	keyUnproven              // Flexie could not be asked
)

// knowsWrong reports whether Flexie has just refused the key.
func (p *proofs) knowsWrong(identity auth.Identity) bool { return p.wrong.Contains(identity.Caller) }

// of asks who the key's user is. It is no matter of the request that needed it
// first, so it does not end with it.
func (p *proofs) of(identity auth.Identity, one *member) (proof, error) {
	said, err, _ := p.one.Do(identity.Caller, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), proofTime)
		defer cancel()
		select {
		case p.turns <- struct{}{}:
			defer func() { <-p.turns }()
		case <-ctx.Done():
			return keyUnproven, errBusyProving
		}
		_, err := one.client.Self(ctx)
		said := provenBy(err, one.elsewhere)
		if said == keyWrong {
			p.wrong.Add(identity.Caller, true)
		}
		return said, nil
	})
	return said.(proof), err
}

// provenBy reads Flexie's answer. Of a workspace that the caller named, nobody
// learns whether there is one: without an answer the key is as good as wrong.
func provenBy(err error, elsewhere bool) proof {
	switch kind := flexie.KindOf(err); {
	case err == nil, kind == flexie.Denied, kind == flexie.Limited:
		return keyRight
	case kind == flexie.Unauthorized, elsewhere:
		return keyWrong
	}
	return keyUnproven
}
