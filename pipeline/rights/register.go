// Package rights keeps the register of the rights that members exercised, and the keyed
// member sets that tell which deliveries a member was in.
//
// The register names members by keyed ids under a secret of its own: the library's key
// may change without it, since ids cannot be keyed anew without knowing them. It is one
// sealed object, rewritten whole; a right stays in it until it is lifted, which is what
// keeps a person out whom the library system brings back.
//
//	object       out of what goes to others about members: CBS and the KB feeds
//	restrict     out of everything: kept, not used
//	erase        out of everything, and out of all that Peil keeps
//	rectify      what was corrected must reach who got the old value
package rights

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

// RegisterName is where the register stands in the store. It is there once a right was
// exercised.
const RegisterName = "private/rights/register.age"

// Right is what a member asked for.
type Right string

// The rights that stay in force until they are lifted.
const (
	Objection     Right = "objection"
	Restriction   Right = "restriction"
	Erasure       Right = "erasure"
	Rectification Right = "rectification"
)

// Register is all rights that are known.
type Register struct {
	Version int `json:"version"`
	// Revision grows with each change; the ledger knows the last one.
	Revision int     `json:"revision"`
	Keys     []IDKey `json:"keys"` // the last names whoever is added
	Entries  []Entry `json:"entries"`
}

// IDKey is a secret that ids are keyed with.
type IDKey struct {
	ID     string `json:"id"`
	Secret string `json:"secret"` // hexadecimal
}

// Entry is a right that one member exercised.
type Entry struct {
	Subject string `json:"subject"`          // keyed id, hexadecimal
	Key     string `json:"key"`              // of the IDKey
	Right   Right  `json:"right"`            // that was exercised
	On      string `json:"on"`               // day from which it holds
	Basis   string `json:"basis"`            // on what ground
	By      string `json:"by,omitempty"`     // who accepted it
	Lifted  string `json:"lifted,omitempty"` // day on which it ended
	Why     string `json:"why,omitempty"`    // it was lifted
	Told    []Told `json:"told,omitempty"`   // who got data of this member before
}

// Told is a delivery whose recipient must hear of a right (GDPR art. 19).
type Told struct {
	Recipient string `json:"recipient"`
	Output    string `json:"output"`
	Period    string `json:"period"`
	Sent      string `json:"sent"` // RFC 3339
	// Corrected is when a delivery was sent that has it right; empty: not yet.
	Corrected string `json:"corrected,omitempty"`
}

// InForce says whether the right still holds.
func (e Entry) InForce() bool { return e.Lifted == "" }

// ErrRegister is returned for a register that is not the last one that was written.
var ErrRegister = errors.New("the register of rights is not the last one that was written")

// Open reads the register of a store; where there is none, it is empty and its ids are keyed
// with what follows from the library's key. revision is the one that the ledger knows.
func Open(ctx context.Context, s store.Store, key pseudonym.Key, revision int) (*Register, error) {
	r := &Register{Version: 1, Keys: []IDKey{newKey(key.Derive(pseudonym.Subject))}}
	text, err := readSealed(ctx, s, RegisterName, key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read the register of rights: %w", err)
	default:
		r = &Register{}
		if err := json.Unmarshal(text, r); err != nil {
			return nil, fmt.Errorf("read the register of rights: it is damaged: %w", err)
		}
		if r.Version != 1 {
			return nil, fmt.Errorf("read the register of rights: version %d is not known to this program; use the newer one that wrote it", r.Version)
		}
	}
	if r.Revision < revision {
		return nil, fmt.Errorf("read the register of rights: it has revision %d, and the ledger knows of %d: somebody put an old one in its place, or removed it; restore %s: %w", r.Revision, revision, RegisterName, ErrRegister)
	}
	return r, nil
}

// LastRevision is the revision of the register that a ledger knows of.
func LastRevision(entries []delivery.Entry) int {
	last := 0
	for _, e := range entries {
		last = max(last, e.Register)
	}
	return last
}

// Save writes the register as its next revision.
func (r *Register) Save(ctx context.Context, s store.Store, key pseudonym.Key) error {
	r.Revision++
	return r.Keep(ctx, s, key)
}

// Keep writes the register as it is, under a library's key that may be a new one.
func (r *Register) Keep(ctx context.Context, s store.Store, key pseudonym.Key) error {
	text, err := json.Marshal(r)
	if err == nil {
		err = writeSealed(ctx, s, RegisterName, key, func(w io.Writer) error { _, err := w.Write(text); return err })
	}
	if err != nil {
		return fmt.Errorf("write the register of rights: %w", err)
	}
	return nil
}

func newKey(secret [pseudonym.Size]byte) IDKey {
	sum := sha256.Sum256(append([]byte("peil subject key id v1 "), secret[:]...))
	return IDKey{ID: hex.EncodeToString(sum[:6]), Secret: hex.EncodeToString(secret[:])}
}

// Renew adds a new secret, under which ids are keyed from now on. Entries move to it as
// their members are seen: see [Register.Move].
func (r *Register) Renew(random io.Reader) error {
	var secret [pseudonym.Size]byte
	if _, err := io.ReadFull(random, secret[:]); err != nil {
		return fmt.Errorf("make a key for the register of rights: %w", err)
	}
	r.Keys = append(r.Keys, newKey(secret))
	return nil
}

// Move names entries by the last secret instead of an older one. ids gives the new name of
// an old one; entries that it does not know stay. It returns how many moved and stayed.
func (r *Register) Move(ids map[string]string) (moved, stayed int) {
	last := r.Keys[r.KeyNo()]
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Key == last.ID {
			continue
		}
		if id, known := ids[e.Subject]; known {
			e.Subject, e.Key = id, last.ID
			moved++
			continue
		}
		stayed++
	}
	return moved, stayed
}

func (k IDKey) subkey() [pseudonym.Size]byte {
	secret, err := hex.DecodeString(k.Secret)
	if err != nil || len(secret) != pseudonym.Size {
		panic("the register of rights holds a secret that is none") // it is authenticated
	}
	return [pseudonym.Size]byte(secret)
}

// ofMember is the text that is keyed for a member's id, apart from all else that is.
func ofMember(id string) string { return "member " + id }

// id is the keyed id of a member.
func (k IDKey) id(member string) string {
	sum := pseudonym.Pseudonym(k.subkey(), ofMember(member))
	return hex.EncodeToString(sum[:])
}

// IDs are the keyed ids of a member, under every secret.
func (r *Register) IDs(member string) map[string]bool {
	ids := map[string]bool{}
	for _, k := range r.Keys {
		ids[k.id(member)] = true
	}
	return ids
}

// Of lists what one member exercised. member is the id as the library knows it, read as
// those of the source are.
func (r *Register) Of(member string) []Entry {
	var found []Entry
	ids := r.IDs(member)
	for _, e := range r.Entries {
		if ids[e.Subject] {
			found = append(found, e)
		}
	}
	return found
}

// Reference is what a member can be called by in a letter.
func (r *Register) Reference(member string) string {
	return r.Keys[r.KeyNo()].id(member)[:12]
}

// Exercise adds a right of a member. It says false, and changes nothing, where the member
// exercises it already.
func (r *Register) Exercise(member string, e Entry) bool {
	for _, known := range r.Of(member) {
		if known.Right == e.Right && known.InForce() {
			return false
		}
	}
	last := r.Keys[r.KeyNo()]
	e.Subject, e.Key = last.id(member), last.ID
	r.Entries = append(r.Entries, e)
	return true
}

// Barred are the keyed ids of all who may not be in a file about members for others.
func (r *Register) Barred() map[string]bool {
	ids := map[string]bool{}
	for _, e := range r.Entries {
		if e.InForce() && e.Right != Rectification {
			ids[e.Subject] = true
		}
	}
	return ids
}

// Lift ends a member's rights of one kind, and says how many that were.
func (r *Register) Lift(member string, right Right, on, why string) int {
	n := 0
	ids := r.IDs(member)
	for i := range r.Entries {
		e := &r.Entries[i]
		if ids[e.Subject] && e.Right == right && e.InForce() {
			e.Lifted, e.Why = on, why
			n++
		}
	}
	return n
}

// Forget drops of an erased member what is not needed to keep them out.
func (r *Register) Forget(member string) {
	ids := r.IDs(member)
	r.Entries = slices.DeleteFunc(r.Entries, func(e Entry) bool {
		return ids[e.Subject] && (e.Right != Erasure || !e.InForce())
	})
}

// Settle notes that a correction of a period was sent, for each right whose recipient heard
// of it by that, and says how many those are.
func (r *Register) Settle(output, period, at string, heard func(Entry) bool) int {
	n := 0
	for i := range r.Entries {
		e := &r.Entries[i]
		for j := range e.Told {
			if t := &e.Told[j]; t.Corrected == "" && t.Output == output && t.Period == period && heard(*e) {
				t.Corrected = at
				n++
			}
		}
	}
	return n
}

// InForce counts the members who exercise each right.
func (r *Register) InForce() map[Right]int {
	n := map[Right]int{}
	for _, e := range r.Entries {
		if e.InForce() {
			n[e.Right]++
		}
	}
	return n
}

// readSealed reads an object that only Peil can read.
func readSealed(ctx context.Context, s store.Store, name string, key pseudonym.Key) ([]byte, error) {
	sealed, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer sealed.Close()
	plain, err := delivery.Open(sealed, key.Derive(pseudonym.Rights))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(plain)
}

// writeSealed writes one, whole or not at all.
func writeSealed(ctx context.Context, s store.Store, name string, key pseudonym.Key, write func(io.Writer) error) error {
	var sealed bytes.Buffer
	envelope, err := delivery.Seal(&sealed, key.Derive(pseudonym.Rights))
	if err != nil {
		return err
	}
	if err := errors.Join(write(envelope), envelope.Close()); err != nil {
		return err
	}
	return store.WriteFile(ctx, s, name, sealed.Bytes())
}
