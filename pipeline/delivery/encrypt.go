// Package delivery encrypts what leaves the store, and what stays in it but may
// not be read there.
package delivery

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// ParseRecipients reads the age public keys a file is to be encrypted to:
// age1... (X25519) or age1pq1... (post-quantum), not both kinds, since the file
// would be no safer than its weakest recipient. An error gives the position of
// the key in the list, counted from 1, and never its text.
func ParseRecipients(keys []string) ([]age.Recipient, error) {
	if len(keys) == 0 {
		return nil, errors.New("parse recipients: none given: name at least one age public key (age1...)")
	}
	recipients := make([]age.Recipient, 0, len(keys))
	hybrid := 0
	for i, key := range keys {
		r, err := parseRecipient(strings.TrimSpace(key))
		if err != nil {
			return nil, fmt.Errorf("parse recipient %d: %w", i+1, err)
		}
		if _, ok := r.(*age.HybridRecipient); ok {
			hybrid++
		}
		recipients = append(recipients, r)
	}
	if hybrid > 0 && hybrid < len(recipients) {
		return nil, errors.New("parse recipients: age1pq1... (post-quantum) and age1... keys cannot be mixed: " +
			"ask every recipient for a key of the same kind")
	}
	return recipients, nil
}

// parseRecipient leaves the causes age gives aside: they quote the key.
func parseRecipient(key string) (age.Recipient, error) {
	upper := strings.ToUpper(key)
	switch {
	case key == "":
		return nil, errors.New("the key is empty")
	case strings.HasPrefix(upper, "AGE-SECRET-KEY-"):
		return nil, errors.New("this is a secret key: it belongs to the recipient alone and has now been shown to others; " +
			"ask for a new pair, and give the public key (age1...), which `age-keygen -y` prints")
	case strings.HasPrefix(key, "ssh-") || strings.HasPrefix(key, "ecdsa-"):
		return nil, errors.New("SSH keys are not accepted: ask for an age public key (age1...), which `age-keygen` makes")
	case strings.HasPrefix(key, "age1pq1"):
		r, err := age.ParseHybridRecipient(key)
		if err != nil {
			return nil, errors.New("not a valid post-quantum age public key (age1pq1...): it is incomplete or mistyped")
		}
		return r, nil
	case strings.HasPrefix(key, "age1"):
		r, err := age.ParseX25519Recipient(key)
		if err != nil {
			return nil, errors.New("not a valid age public key (age1...): it is incomplete, mistyped, or of a plugin")
		}
		return r, nil
	}
	return nil, errors.New("not an age public key: it should begin with age1")
}

// Encrypt returns a writer that encrypts to the recipients. What was written to
// w is complete only once Close has returned nil; w itself is not closed.
func Encrypt(w io.Writer, recipients []age.Recipient) (io.WriteCloser, error) {
	encrypted, err := age.Encrypt(w, recipients...)
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	return encrypted, nil
}
