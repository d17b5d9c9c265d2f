// Package pseudonym holds the library's secret key and what is derived from it:
// one subkey a purpose, keyed pseudonyms of member ids, keyed hashes of files.
//
// A pseudonym is the first 128 bits of HMAC-SHA-256 over the member's id, under a
// subkey of its purpose: without the key nobody can try out ids, and two purposes
// cannot be linked. The key itself is 32 random bytes that never leave the process.
package pseudonym

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
)

// Size of a key in bytes.
const Size = 32

// Purposes a key is derived for.
const (
	// Register pseudonyms name members in Peil's own state.
	Register = "peil register v1"
	// Sealing encrypts Peil's own state and frozen figures.
	Sealing = "peil sealing v1"
	// Fingerprint makes the keyed hash of a personal file, which an outsider
	// cannot use to test a guess of its content.
	Fingerprint = "peil fingerprint v1"
	// Ledger signs the entries of the ledger of disclosures.
	Ledger = "peil ledger v1"
	// Rights encrypts the register of rights and the member sets of deliveries.
	Rights = "peil rights v1"
	// Subject names members in them, until the register has a key of its own.
	Subject = "peil subject v1"
)

// ErrKey says that a text is not a key.
var ErrKey = errors.New("not a key of Peil: expected 64 hexadecimal digits (32 bytes), apart from lines that start with #")

// Key is a secret. It prints and logs as a placeholder.
type Key struct {
	secret [Size]byte
	// previous is the key that this one is taking the place of; zero once it has.
	previous [Size]byte
}

// New makes a key from random bytes.
func New(random io.Reader) (Key, error) {
	var k Key
	if _, err := io.ReadFull(random, k.secret[:]); err != nil {
		return Key{}, fmt.Errorf("make key: %w", err)
	}
	return k, nil
}

// While a key takes the place of another, its file also holds that one, after this word.
const previousWord = "previous"

// Parse reads the text of a key file.
func Parse(text []byte) (k Key, err error) {
	var digits, previous []byte
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if old, ok := bytes.CutPrefix(line, []byte(previousWord+" ")); ok {
			previous = append(previous, bytes.TrimSpace(old)...)
		} else if len(line) > 0 && line[0] != '#' {
			digits = append(digits, line...)
		}
	}
	if k.secret, err = parseSecret(digits); err != nil {
		return Key{}, err
	}
	if len(previous) > 0 {
		if k.previous, err = parseSecret(previous); err != nil {
			return Key{}, err
		}
	}
	return k, nil
}

func parseSecret(digits []byte) (secret [Size]byte, err error) {
	if hex.DecodedLen(len(digits)) != Size || len(digits)%2 != 0 {
		return secret, fmt.Errorf("%w; found %d digits", ErrKey, len(digits))
	}
	if _, err := hex.Decode(secret[:], digits); err != nil {
		return [Size]byte{}, ErrKey // the cause would quote a digit
	}
	if secret == ([Size]byte{}) {
		return secret, fmt.Errorf("%w; found zeros", ErrKey)
	}
	return secret, nil
}

// Text is what a key file holds.
func (k Key) Text() []byte {
	text := fmt.Appendf(nil, "# Peil key %s. Secret: who has it can link pseudonyms to members.\n"+
		"# Without it frozen figures and state cannot be read. Keep a copy apart from the store.\n%x\n", k.ID(), k.secret)
	if old, changing := k.Previous(); changing {
		text = fmt.Appendf(text, "# It is taking the place of key %s: peil key rotate ends that.\n%s %x\n", old.ID(), previousWord, old.secret)
	}
	return text
}

// Previous is the key that this one is taking the place of, while that is going on.
func (k Key) Previous() (old Key, changing bool) {
	return Key{secret: k.previous}, k.previous != [Size]byte{}
}

// Succeeding is the key as it takes the place of another.
func (k Key) Succeeding(old Key) Key { return Key{secret: k.secret, previous: old.secret} }

// Alone is the key once it has taken the other's place.
func (k Key) Alone() Key { return Key{secret: k.secret} }

// ID names the key in manifests; it says nothing about the key.
func (k Key) ID() string {
	sub := k.Derive("peil key id v1")
	return hex.EncodeToString(sub[:6])
}

// Derive makes the subkey of a purpose.
func (k Key) Derive(purpose string) [Size]byte {
	out, err := hkdf.Key(sha256.New, k.secret[:], nil, purpose, Size)
	if err != nil {
		panic(err) // only for lengths that HKDF cannot make
	}
	return [Size]byte(out)
}

// Hash is a keyed hash for a purpose.
func (k Key) Hash(purpose string) hash.Hash {
	sub := k.Derive(purpose)
	return hmac.New(sha256.New, sub[:])
}

// String hides the secret.
func (Key) String() string { return "[key]" }

// GoString hides the secret.
func (Key) GoString() string { return "[key]" }

// LogValue hides the secret.
func (Key) LogValue() slog.Value { return slog.StringValue("[key]") }
