package delivery

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// ErrWrongKey is returned by Open for a file sealed under another key. (One
// whose wrapped file key was tampered with cannot be told from that.)
var ErrWrongKey = errors.New("sealed with another key, or damaged")

// A sealed file is an age file with one stanza of our own in its header:
//
//	-> peil-key SALT
//	BODY
//
// SALT is 16 random bytes in unpadded base64. BODY is age's file key under
// ChaCha20-Poly1305 with a nonce of zeros and the key HKDF-SHA-256(ikm: the
// caller's key, salt: SALT, info: "peil-key/1"), which the salt makes single
// use. Everything after the header is age's, chunked and authenticated.
const (
	sealStanza = "peil-key"
	sealInfo   = "peil-key/1"
	saltSize   = 16
)

// Seal returns a writer that encrypts under a symmetric key, for what only Peil
// itself reads again. What was written to w is complete only once Close has
// returned nil; w itself is not closed.
func Seal(w io.Writer, key [32]byte) (io.WriteCloser, error) {
	sealed, err := age.Encrypt(w, sealKey(key))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Open returns a reader of what Seal wrote under the same key; with another key
// the error matches ErrWrongKey. Each chunk of 64 KiB is authenticated before
// it is returned, and that the file is complete is certain at io.EOF.
func Open(r io.Reader, key [32]byte) (io.Reader, error) {
	opened, err := age.Decrypt(r, sealKey(key))
	if noMatch := (*age.NoIdentityMatchError)(nil); errors.As(err, &noMatch) {
		return nil, fmt.Errorf("open sealed file: %w", ErrWrongKey)
	}
	if err != nil {
		return nil, fmt.Errorf("open sealed file: %w", err)
	}
	return opened, nil
}

// sealKey wraps and unwraps the file key of a sealed file, for age.
type sealKey [32]byte

func (k sealKey) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	aead, err := k.aead(salt)
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{
		Type: sealStanza,
		Args: []string{base64.RawStdEncoding.EncodeToString(salt)},
		Body: aead.Seal(nil, make([]byte, chacha20poly1305.NonceSize), fileKey, nil),
	}}, nil
}

// Unwrap accepts exactly the header that Wrap makes.
func (k sealKey) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != sealStanza || len(stanzas[0].Args) != 1 {
		return nil, errors.New("not a file sealed by Peil: its header has other recipients")
	}
	salt, err := base64.RawStdEncoding.Strict().DecodeString(stanzas[0].Args[0])
	if err != nil || len(salt) != saltSize || len(stanzas[0].Body) != 16+chacha20poly1305.Overhead {
		return nil, errors.New("not a file sealed by Peil: its header is malformed")
	}
	aead, err := k.aead(salt)
	if err != nil {
		return nil, err
	}
	fileKey, err := aead.Open(nil, make([]byte, chacha20poly1305.NonceSize), stanzas[0].Body, nil)
	if err != nil {
		return nil, age.ErrIncorrectIdentity
	}
	return fileKey, nil
}

func (k sealKey) aead(salt []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, k[:], salt, sealInfo, chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	return chacha20poly1305.New(key)
}
