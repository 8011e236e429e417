package confirm

import (
	"encoding/base32"
	"strings"
)

// note is what a code says: when it expires, and the signs of what it is bound
// to. Each code is another one by its nonce. The signs are cut to what a model
// can retype: 56 bits keep a code from being good for another call, 64 from
// being made up, and each wrong one takes a call to this server to try.
type note [28]byte

func (n *note) nonce() []byte     { return n[:4] }
func (n *note) expiry() []byte    { return n[4:8] } // Unix time in seconds
func (n *note) call() []byte      { return n[8:15] }
func (n *note) state() []byte     { return n[15:20] }
func (n *note) signature() []byte { return n[20:] }

func (n *note) callOf(key []byte, b Binding) []byte {
	texts := []string{string(n[:8]), b.Purpose, b.Caller, b.Tool, b.Arguments}
	if b.By != "" { // so that older servers at the same store know codes of those without
		texts = append(texts, b.By)
	}
	return mac(key, "call", texts...)[:len(n.call())]
}

func (n *note) stateOf(key []byte, b Binding) []byte {
	return mac(key, "state", string(n[:8]), b.State)[:len(n.state())]
}

func (n *note) signatureOf(key []byte) []byte {
	return mac(key, "code", string(n[:20]))[:len(n.signature())]
}

// alphabet leaves out i, l, o and u, after Crockford.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

var encoding = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// codeLength is that of 28 bytes, five bits a letter.
const codeLength = 45

func encode(n note) string { return encoding.EncodeToString(n[:]) }

// around is what a model may put around a code.
const around = " \t\r\n\"'`´‘’“”«»<>()[]*.,;"

var lookalikes = strings.NewReplacer("i", "1", "l", "1", "o", "0")

func decode(code string) (n note, ok bool) {
	if len(code) > 200 {
		return n, false
	}
	code = strings.ToLower(strings.Trim(code, around))
	code = strings.Trim(strings.TrimPrefix(code, "confirm:"), around)
	code = lookalikes.Replace(code)
	if len(code) != codeLength || strings.ContainsAny(code, "\r\n") { // which base32 passes over
		return n, false
	}
	data, err := encoding.DecodeString(code)
	if err != nil || len(data) != len(n) {
		return n, false
	}
	copy(n[:], data)
	return n, encode(n) == code // one code has one text
}
