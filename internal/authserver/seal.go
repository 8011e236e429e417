package authserver

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Keys encrypt what has to be known again: what Flexie takes for people. The first one
// encrypts; all decrypt, so that a new one can be put before an old one.
type Keys struct{ all []sealer }

// sealer is AES-256-GCM with one key.
type sealer struct {
	id   string // by which the key is found that something was encrypted with
	aead cipher.AEAD
}

// keySize is that of a key, in bytes.
const keySize = 32

func newSealer(key []byte) sealer {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the size is right
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // a block of AES always fits
	}
	sum := sha256.Sum256(append([]byte("flexie-mcp key\n"), key...))
	return sealer{hex.EncodeToString(sum[:4]), aead}
}

// NewKeys are keys of 32 bytes each.
func NewKeys(keys ...[]byte) (Keys, error) {
	var k Keys
	for _, key := range keys {
		if len(key) != keySize {
			return Keys{}, fmt.Errorf("a key has %d bytes, not %d", len(key), keySize)
		}
		k.all = append(k.all, newSealer(key))
	}
	if len(k.all) == 0 {
		return Keys{}, errors.New("there is no key")
	}
	return k, nil
}

// ParseKeys reads keys of 32 bytes, in base64 or hex, with commas or lines between
// them. Its error shows none of them.
func ParseKeys(text string) (Keys, error) {
	var keys [][]byte
	for i, item := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }) {
		key, ok := readKey(item)
		if !ok {
			return Keys{}, fmt.Errorf("key %d is not 32 random bytes in base64 or hex: make one with openssl rand -base64 32", i+1)
		}
		keys = append(keys, key)
	}
	return NewKeys(keys...)
}

func readKey(text string) ([]byte, bool) {
	if key, err := hex.DecodeString(text); err == nil {
		return key, len(key) == keySize
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	key, err := base64.RawStdEncoding.DecodeString(text)
	return key, err == nil && len(key) == keySize
}

// seal encrypts a text for one use: it can't be opened for another, such as after
// somebody has put it in another's row.
func (k Keys) seal(use, text string) string {
	first := k.all[0]
	return "v1." + first.id + "." + base64.RawURLEncoding.EncodeToString(first.aead.Seal(nil, nil, []byte(text), []byte(use)))
}

// unopenedError is why something that was sealed can't be opened.
type unopenedError struct{ why string }

func (e unopenedError) Error() string { return e.why }

// then is what the operator does about it.
func (unopenedError) then() string {
	return "put the key back that is missing, behind the new one in encryption_key, on each server that shares the database; where it is lost, people choose Disconnect all at /connected and connect again"
}

// whatThen is what the operator does about an error, to be put behind it; "" if it is
// no unopenedError.
func whatThen(err error) string {
	var unopened unopenedError
	if !errors.As(err, &unopened) {
		return ""
	}
	return ": " + unopened.then()
}

// open decrypts what was sealed for the same use. Its error is an unopenedError.
func (k Keys) open(use, sealed string) (string, error) {
	parts := strings.Split(sealed, ".")
	if len(parts) != 3 || parts[0] != "v1" {
		return "", unopenedError{"it was not encrypted by this program"}
	}
	for _, key := range k.all {
		if key.id != parts[1] {
			continue
		}
		content, err := base64.RawURLEncoding.DecodeString(parts[2])
		if err == nil {
			content, err = key.aead.Open(nil, nil, content, []byte(use))
		}
		if err != nil {
			return "", unopenedError{"it was changed since it was encrypted, or is another's: " + err.Error()}
		}
		return string(content), nil
	}
	return "", unopenedError{"the key that it was encrypted with is not among those of encryption_key any more"}
}

// place is where the key is among all that something was encrypted with: 0 for the
// first, which encrypts; -1 if it is none of them.
func (k Keys) place(sealed string) int {
	parts := strings.Split(sealed, ".")
	return slices.IndexFunc(k.all, func(key sealer) bool { return len(parts) == 3 && key.id == parts[1] })
}

// sealedBy encrypts a text so that only who has a secret can open it.
func sealedBy(secret string) Keys {
	key := sha256.Sum256([]byte("flexie-mcp answer\n" + secret))
	return Keys{[]sealer{newSealer(key[:])}}
}

// NewKey is a key that nobody has.
func NewKey() []byte {
	key := make([]byte, keySize)
	rand.Read(key)
	return key
}
