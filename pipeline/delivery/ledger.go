package delivery

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"path"
	"regexp"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/store"
)

// LedgerFolder is where the ledger stands in the store, one object an entry:
// 000001.json, 000002.json, ... None is ever changed or removed.
const LedgerFolder = "private/ledger"

// ErrLedger is returned for a ledger that is not as it was written: an entry is
// missing, changed, or was added by somebody without the library's key.
var ErrLedger = errors.New("the ledger was tampered with or is damaged")

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
)

// Entry is one line of the ledger. It holds nothing about a member.
type Entry struct {
	Version   int               `json:"version"`
	Seq       int               `json:"seq"` // from 1, without gaps
	At        string            `json:"at"`  // RFC 3339, UTC
	Kind      string            `json:"kind"`
	Run       string            `json:"run"`    // that wrote it
	Output    string            `json:"output"` // what it is about
	Period    string            `json:"period"`
	Folder    string            `json:"folder"`             // in the store
	Manifest  string            `json:"manifest,omitempty"` // SHA-256 of the folder's manifest: what exactly
	By        string            `json:"by,omitempty"`       // who approved
	Reason    string            `json:"reason,omitempty"`
	Check     string            `json:"check,omitempty"`     // that was accepted
	Finding   string            `json:"finding,omitempty"`   // of that check
	Recipient *config.Recipient `json:"recipient,omitempty"` // with its basis, as it was then
	To        string            `json:"to,omitempty"`        // where it was sent
	Files     []File            `json:"files,omitempty"`
	Sending   int               `json:"sending,omitempty"` // Seq of the entry whose result this is
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

// Ledger is the append-only record of what left the store and who let it. Every entry
// holds the hash of the one before it and a code under the library's key: who lacks the
// key can neither change nor add one unseen. That the last entries were cut off shows only
// to who noted the head elsewhere.
type Ledger struct {
	store store.Store
	mac   func() hash.Hash
	keyID string
	now   func() time.Time
}

// NewLedger opens the ledger of a store. mac makes the keyed hash of the library's key
// that keyID names.
func NewLedger(s store.Store, mac func() hash.Hash, keyID string, now func() time.Time) *Ledger {
	return &Ledger{store: s, mac: mac, keyID: keyID, now: now}
}

var entryName = regexp.MustCompile(`^\d{6}\.json$`)

// Entries reads and verifies the whole ledger. head is the hash of the last entry; it is
// empty where there is none. If the ledger is not whole the error matches [ErrLedger], and
// the entries before the fault are returned.
func (l *Ledger) Entries(ctx context.Context) (entries []Entry, head string, err error) {
	objects, err := l.store.List(ctx, LedgerFolder)
	if err != nil {
		return nil, "", fmt.Errorf("read the ledger: %w", err)
	}
	for _, o := range objects {
		if !entryName.MatchString(path.Base(o.Name)) {
			return entries, head, fmt.Errorf("read the ledger: %s is no entry: %w", o.Name, ErrLedger)
		}
		text, err := store.ReadFile(ctx, l.store, o.Name)
		if err != nil {
			return entries, head, fmt.Errorf("read the ledger: %w", err)
		}
		e, err := l.verify(text, len(entries)+1, head)
		if err != nil {
			return entries, head, fmt.Errorf("read the ledger: %s: %w", o.Name, err)
		}
		entries, head = append(entries, e), sum(text)
	}
	return entries, head, nil
}

func (l *Ledger) verify(text []byte, seq int, previous string) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("it cannot be read: %w", ErrLedger)
	}
	written, err := e.encode()
	if err != nil {
		return e, err
	}
	switch {
	case e.Version != 1:
		return e, fmt.Errorf("version %d is not known to this program; use the newer one that wrote it", e.Version)
	case e.Seq != seq:
		return e, fmt.Errorf("entry %d was expected here, this is %d: %w", seq, e.Seq, ErrLedger)
	case e.Previous != previous:
		return e, fmt.Errorf("the entry before it is not the one it follows: %w", ErrLedger)
	case e.KeyID != l.keyID:
		return e, fmt.Errorf("it was written under key %s, and this is key %s; use the key that the store was begun with", e.KeyID, l.keyID)
	case !bytes.Equal(written, text):
		return e, fmt.Errorf("it is not as it was written: %w", ErrLedger)
	}
	given, err := hex.DecodeString(e.MAC)
	if err != nil {
		return e, fmt.Errorf("its code cannot be read: %w", ErrLedger)
	}
	if want, err := e.code(l.mac()); err != nil || !hmac.Equal(given, want) {
		return e, fmt.Errorf("it was not written with the library's key: %w", ErrLedger)
	}
	return e, nil
}

// Append writes one entry after the last; the caller holds the store's lock. Version,
// place in the chain, time, key and code are set here.
func (l *Ledger) Append(ctx context.Context, e Entry) (Entry, error) {
	entries, head, err := l.Entries(ctx)
	if err != nil {
		return e, err
	}
	e.Version, e.Seq, e.Previous = 1, len(entries)+1, head
	e.At, e.KeyID = l.now().UTC().Format(time.RFC3339), l.keyID
	code, err := e.code(l.mac())
	if err != nil {
		return e, fmt.Errorf("write the ledger: %w", err)
	}
	e.MAC = hex.EncodeToString(code)
	text, err := e.encode()
	if err != nil {
		return e, fmt.Errorf("write the ledger: %w", err)
	}
	name := path.Join(LedgerFolder, fmt.Sprintf("%06d.json", e.Seq))
	if err := store.WriteNew(ctx, l.store, name, text); err != nil {
		return e, fmt.Errorf("write the ledger: %w", err)
	}
	return e, nil
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

// State is what the ledger knows of the sending of one folder.
type State struct {
	// Last is the last Sending; nil if there was none.
	Last *Entry
	// Result is what became of it: Sent or Failed; nil if nobody knows.
	Result *Entry
	// Approved is the last approval of the folder as the manifest has it; nil if there
	// is none.
	Approved *Entry
}

// Delivered says whether the folder arrived, or may have.
func (s State) Delivered() bool {
	return s.Last != nil && (s.Result == nil || s.Result.Kind == Sent)
}

// StateOf finds the state of a folder's sending. manifest is the SHA-256 of its manifest,
// for the approval.
func StateOf(entries []Entry, folder, manifest string) State {
	var s State
	for i := range entries {
		e := &entries[i]
		if e.Folder != folder {
			continue
		}
		switch e.Kind {
		case Sending:
			s.Last, s.Result = e, nil
		case Sent, Failed:
			if s.Last != nil && e.Sending == s.Last.Seq {
				s.Result = e
			}
		case Approval:
			if e.Manifest == manifest {
				s.Approved = e
			}
		}
	}
	return s
}
