package delivery

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"path"
	"regexp"
	"strings"
	"time"

	"peil/pipeline/store"
)

// LedgerFolder is where the ledger stands in the store, one object an entry:
// 000001.json, 000002.json, ... None is ever changed or removed.
const LedgerFolder = "private/ledger"

// lockedYears is how long an entry cannot be removed from a bucket that has object lock.
const lockedYears = 5

// SetFolder holds the member sets of deliveries. Unlike the entries they end: by
// retention, or because a person asked to be erased.
const SetFolder = LedgerFolder + "/members"

// ErrLedger is returned for a ledger that is not as it was written: an entry is
// missing, changed, or was added by somebody without the library's key.
var ErrLedger = errors.New("the ledger was tampered with or is damaged")

// Ledger is the append-only record of what left the store and who let it. Every entry
// holds the hash of the one before it and a code under the library's key: who lacks the
// key can neither change nor add one unseen. That the last entries were cut off shows in
// what holds an [Anchor]: every manifest that was published after them.
type Ledger struct {
	store store.Store
	mac   func() hash.Hash
	keyID string
	now   func() time.Time
	who   Who
}

// NewLedger opens the ledger of a store. mac makes the keyed hash of the library's key
// that keyID names; who is written into every entry.
func NewLedger(s store.Store, mac func() hash.Hash, keyID string, now func() time.Time, who Who) *Ledger {
	return &Ledger{store: s, mac: mac, keyID: keyID, now: now, who: who}
}

// Anchor is a ledger's state as something else remembers it.
type Anchor struct {
	Entries int    `json:"entries"`
	Head    string `json:"head"` // SHA-256 of the last of them
}

// Anchor is the state of the ledger as it is now; nil while it is empty.
func (l *Ledger) Anchor(ctx context.Context) (*Anchor, error) {
	entries, head, err := l.Entries(ctx)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	return &Anchor{Entries: len(entries), Head: head}, nil
}

// Holds says whether a ledger of these entries is one that the anchor was taken from.
func (a Anchor) Holds(entries []Entry, head string) bool {
	switch {
	case a.Entries < 1 || a.Entries > len(entries):
		return false
	case a.Entries == len(entries):
		return a.Head == head
	}
	return a.Head == entries[a.Entries].Previous
}

var entryName = regexp.MustCompile(`^\d{6}\.json$`)

// Entries reads and verifies the whole ledger. head is the hash of the last entry; it is
// empty where there is none. If the ledger is not whole the error matches [ErrLedger], and
// the entries before the fault are returned.
func (l *Ledger) Entries(ctx context.Context) (entries []Entry, head string, err error) {
	entries, head, err = l.read(ctx)
	if err != nil {
		return entries, head, err
	}
	return entries, head, l.covered(entries)
}

// read reads the chain. Entries under another key are taken as they are, if the chain is
// whole: [Ledger.covered] says whether the key stands for them.
func (l *Ledger) read(ctx context.Context) (entries []Entry, head string, err error) {
	names, err := l.list(ctx)
	if err != nil {
		return nil, "", err
	}
	for _, name := range names {
		text, err := store.ReadFile(ctx, l.store, name)
		if err != nil {
			return entries, head, fmt.Errorf("read the ledger: %w", err)
		}
		e, err := l.verify(text, len(entries)+1, head)
		if err != nil {
			return entries, head, fmt.Errorf("read the ledger: %s: %w", name, err)
		}
		entries, head = append(entries, e), sum(text)
	}
	return entries, head, nil
}

// list names the objects of the entries, in order.
func (l *Ledger) list(ctx context.Context) ([]string, error) {
	objects, err := l.store.List(ctx, LedgerFolder)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	var names []string
	for _, o := range objects {
		if strings.HasPrefix(o.Name, SetFolder+"/") {
			continue
		}
		if path.Dir(o.Name) != LedgerFolder || !entryName.MatchString(path.Base(o.Name)) {
			return nil, fmt.Errorf("read the ledger: %s is no entry: %w", o.Name, ErrLedger)
		}
		names = append(names, o.Name)
	}
	return names, nil
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
	case !bytes.Equal(written, text):
		return e, fmt.Errorf("it is not as it was written: %w", ErrLedger)
	case e.KeyID != l.keyID:
		return e, nil
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

// covered says whether the last entry is under this key: through the chain its code stands
// for all before it, whatever key they were written under.
func (l *Ledger) covered(entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if last := entries[len(entries)-1]; last.KeyID != l.keyID {
		return fmt.Errorf("read the ledger: entry %d was written under key %s, and this is key %s; use the key that the store was begun with", last.Seq, last.KeyID, l.keyID)
	}
	return nil
}

// Append writes one entry after the last; the caller holds the store's lock. Version,
// place in the chain, time, key, code and who does it are set here.
func (l *Ledger) Append(ctx context.Context, e Entry) (Entry, error) {
	return l.Succeed(ctx, l, e)
}

// Succeed is Append for the entry under which this ledger's key takes the place of old's.
func (l *Ledger) Succeed(ctx context.Context, old *Ledger, e Entry) (Entry, error) {
	entries, head, err := old.Entries(ctx)
	if err != nil {
		return e, err
	}
	e.Version, e.Seq, e.Previous = 1, len(entries)+1, head
	e.At, e.KeyID, e.Who = l.now().UTC().Format(time.RFC3339), l.keyID, &l.who
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
	if err := store.WriteNewLocked(ctx, l.store, name, text, l.now().AddDate(lockedYears, 0, 0)); err != nil {
		return e, fmt.Errorf("write the ledger: %w", err)
	}
	return e, nil
}
