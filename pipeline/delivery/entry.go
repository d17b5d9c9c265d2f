package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"

	"peil/pipeline/config"
)

// Kinds of entries.
const (
	// Plaintext: a personal file was published that is not encrypted.
	Plaintext = "plaintext"
	// Acceptance: a check that had failed was accepted, with a reason.
	Acceptance = "acceptance"
	// Approval: somebody let a publication go.
	Approval = "approval"
	// Sending: a delivery is about to begin. An entry of kind Sent or Failed
	// follows; without one nobody knows whether it arrived.
	Sending = "sending"
	Sent    = "sent"
	Failed  = "failed"
	// Disclosure: data were given to somebody outside of Peil, written down by hand.
	Disclosure = "disclosure"
	// Right: a person exercised a right. What says which; Register is the revision of
	// the register that holds it.
	Right = "right"
	// Purge: something was removed because its time was over. Counts says how much.
	Purge = "purge"
	// KeyChange: from here on entries are written under another key.
	KeyChange = "key"
)

// Entry is one line of the ledger. It holds nothing about a member.
type Entry struct {
	Version   int               `json:"version"`
	Seq       int               `json:"seq"` // from 1, without gaps
	At        string            `json:"at"`  // RFC 3339, UTC
	Kind      string            `json:"kind"`
	What      string            `json:"what,omitempty"` // in a word or two, where the kind does not say it
	Run       string            `json:"run"`            // that wrote it
	Output    string            `json:"output"`         // what it is about
	Period    string            `json:"period"`
	Folder    string            `json:"folder"`             // in the store
	Manifest  string            `json:"manifest,omitempty"` // SHA-256 of the folder's manifest: what exactly
	By        string            `json:"by,omitempty"`       // who approved, by the name that was given
	Who       *Who              `json:"who,omitempty"`      // who that was for the machine
	Reason    string            `json:"reason,omitempty"`
	Check     string            `json:"check,omitempty"`     // that was accepted
	Finding   string            `json:"finding,omitempty"`   // of that check
	Recipient *config.Recipient `json:"recipient,omitempty"` // with its basis, as it was then
	To        string            `json:"to,omitempty"`        // where it was sent
	Fields    []string          `json:"fields,omitempty"`    // of each person that was sent
	Files     []File            `json:"files,omitempty"`
	Sets      []Set             `json:"sets,omitempty"`     // of members, as they are from here on
	Counts    map[string]int64  `json:"counts,omitempty"`   // of what was done
	Register  int               `json:"register,omitempty"` // revision of the register of rights
	Sending   int               `json:"sending,omitempty"`  // Seq of the entry whose result this is
	Error     string            `json:"error,omitempty"`
	KeyID     string            `json:"key_id"`
	Previous  string            `json:"previous"` // SHA-256 of the entry before; empty for the first
	MAC       string            `json:"mac"`      // of everything above, under the library's key
}

// File is a file that was published or sent.
type File struct {
	Name          string `json:"name"`
	Bytes         int64  `json:"bytes"`
	Rows          int64  `json:"rows,omitempty"`
	SHA256        string `json:"sha256"`
	PlaintextHMAC string `json:"plaintext_hmac,omitempty"`
}

// Set is the keyed member set of a delivery: a sealed list of who was in it, under keyed
// ids. SHA256 is empty where the set was removed.
type Set struct {
	Name    string `json:"name"` // of the object in the store
	Persons int64  `json:"persons"`
	SHA256  string `json:"sha256,omitempty"`
}

// code is the keyed hash of an entry without its own code.
func (e Entry) code(mac hash.Hash) ([]byte, error) {
	e.MAC = ""
	text, err := e.encode()
	if err != nil {
		return nil, err
	}
	mac.Write(text)
	return mac.Sum(nil), nil
}

func (e Entry) encode() ([]byte, error) {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

func sum(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}
