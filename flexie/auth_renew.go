package flexie

import (
	"context"
	"net/http"
)

// SignedOut is the kind of an Error where a person has to sign in again: its
// Message says how.
const SignedOut ErrorKind = "signed_out"

// Renewer is an Auth whose credential may be refused before its time, and then
// be renewed.
type Renewer interface {
	Auth

	// Renew is told of a request that Flexie refused with 401. Without an error it
	// is made anew, with another credential, once; an error of Renew is the call's.
	Renew(refused *http.Request) error

	// Refused is told of a request that Flexie refused although its credential had
	// just been renewed for it, and gives the error of the call.
	Refused(refused *http.Request) error
}

// renew gives the request to make anew, where Flexie refused the credential and
// there is another by now; nil else. A refused write was not done. It happens
// once a call: a fresh credential that is refused would be so again.
func (t *tries) renew(ctx context.Context, refused *http.Request) *http.Request {
	auth, ok := t.c.auth.(Renewer)
	if !ok || KindOf(t.err) != Unauthorized || ctx.Err() != nil {
		return nil
	}
	if t.renewed {
		t.err = auth.Refused(refused)
		return nil
	}
	if err := auth.Renew(refused.WithContext(ctx)); err != nil {
		t.err = err
		return nil
	}
	t.renewed = true
	req, err := t.c.request(ctx, t.what)
	if err != nil {
		t.err = err
		return nil
	}
	return req
}

// Saying is how another's words are put into a message of ours: cut, quoted,
// and without the credentials given; "" if they are empty.
func Saying(words string, credentials ...string) string {
	return quotedWords(said(secretsOf(nil, credentials...).censor(words)))
}

// Because says in a few words why the network failed, without an address.
func Because(err error, credentials ...string) string {
	return clean(secretsOf(nil, credentials...).censor(plainCause(err)), longest)
}
