// Package rekey puts a new key in the place of the library's.
package rekey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rights"
	"peil/pipeline/store"
	"peil/pipeline/workdir"
)

// RotateOptions say how the library's key is to change. To may be empty where the
// configuration takes the key from a file; all other fields but KeepLinks are required.
type RotateOptions struct {
	Config *config.Config
	// KeepLinks reads the source to name members by the new key in what Peil remembers of
	// them; else that is forgotten, and nothing from before can be linked to anything after.
	KeepLinks bool
	To        string // file for the new key; empty: that of the configuration
	Reason    string

	Env    func(string) (string, bool)
	Now    func() time.Time
	Random io.Reader
}

// Rotated is what a change of key did.
type Rotated struct {
	Old       string `json:"old_key_id"` // of the key that went
	New       string `json:"new_key_id"` // of the key that came
	File      string `json:"file"`       // that holds the new key
	Resealed  int    `json:"resealed"`   // files that were sealed anew
	Forgotten int    `json:"forgotten"`  // folders
	Moved     int64  `json:"moved"`      // members of Peil's state that have new names
	Dropped   int64  `json:"dropped"`    // members of it whom the source does not know any more

	RightsMoved int `json:"rights_moved"` // that are named by a new secret
	// RightsStayed are those whose member the source does not know: they stay under the old
	// secret, and go on to work.
	RightsStayed int `json:"rights_stayed"`
	Entry        int `json:"entry"` // of the ledger
}

// Rotate puts a new key in the place of the library's, and seals everything in the store
// anew. It begins by writing both keys into the file of the new one and ends by taking the
// old one out: when it is cut off, nothing can be done but to let the same command end it.
func Rotate(ctx context.Context, o RotateOptions) (*Rotated, error) {
	if strings.TrimSpace(o.Reason) == "" {
		return nil, exit.Usagef("key rotate needs --reason TEXT: it is kept in the ledger")
	}
	r := &rotation{o: o, c: o.Config, file: o.To}
	if r.file == "" {
		r.file = o.Config.Path(o.Config.Keys.File)
	}
	if r.file == "" {
		return nil, exit.Usagef("key rotate: the configuration takes the key from a%s: give --to FILE, and put the new key there yourself afterwards", strings.TrimPrefix(archive.KeyPlace(o.Config).String(), "a"))
	}
	id, err := archive.NewName(o.Now(), o.Random)
	if err != nil {
		return nil, err
	}
	if r.work, err = workdir.New(0, o.Env); err != nil {
		return nil, err
	}
	defer r.work.Remove()
	if r.store, err = archive.OpenStore(ctx, o.Config); err != nil {
		return nil, err
	}
	defer r.store.Close()
	return &r.done, archive.Locked(ctx, r.store, id, o.Now(), func(ctx context.Context) error { return r.rotate(ctx, id) })
}

// rotation is a change of key under the store's lock.
type rotation struct {
	o        RotateOptions
	c        *config.Config
	store    store.Store
	work     *workdir.Dir
	file     string // of the new key
	old, new pseudonym.Key
	vault    *engine.DB // with who is in the source; nil where links are broken
	done     Rotated
}

func (r *rotation) rotate(ctx context.Context, id string) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	r.done.Old, r.done.New, r.done.File = r.old.ID(), r.new.ID(), r.file
	if r.o.KeepLinks { // first: nothing has changed yet if the source cannot be read
		var err error
		if r.vault, err = r.readMembers(ctx); err != nil {
			return err
		}
		defer r.vault.Close()
	}
	if err := pseudonym.Replace(r.file, r.new.Succeeding(r.old)); err != nil {
		return err
	}
	if err := archive.ForgetExtract(ctx, r.store); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.members, r.reseal} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("change the key: %w; the same command goes on where it stopped", err)
		}
	}
	if err := r.succeed(ctx, id); err != nil {
		return fmt.Errorf("change the key: %w; the same command goes on where it stopped", err)
	}
	if err := pseudonym.Replace(r.file, r.new); err != nil {
		return err
	}
	if err := r.eraseOld(ctx); err != nil {
		return fmt.Errorf("the key is changed, but who has the old one can still open old versions of what it sealed: %w", err)
	}
	return nil
}

// eraseOld removes what the old key sealed from a bucket that keeps versions. It comes last:
// where the bucket holds on to them, nobody must be left with half a change.
func (r *rotation) eraseOld(ctx context.Context) error {
	for _, prefix := range slices.Concat(sealedFolders, sealedObjects) {
		if err := store.EraseOld(ctx, r.store, prefix); err != nil {
			return err
		}
	}
	return nil
}

// begin makes the new key, or finds the one with which an earlier rotation was cut off, and
// sees that the ledger is whole under the old one.
func (r *rotation) begin(ctx context.Context) error {
	current, err := archive.LoadAnyKey(ctx, r.c, r.o.Env)
	if err != nil {
		return err
	}
	there, err := pseudonym.Load(ctx, pseudonym.Place{File: r.file}, nil)
	if err != nil && !errors.Is(err, pseudonym.ErrNoKey) {
		return exit.With(exit.Usage, err)
	}
	if old, changing := there.Previous(); changing {
		if current.Alone() != old && current.Alone() != there.Alone() {
			return exit.Usagef("key rotate: %s is taking the place of key %s, and the configuration has key %s", r.file, old.ID(), current.ID())
		}
		r.old, r.new = old, there.Alone()
		return nil
	}
	if err == nil && there != current {
		return exit.Usagef("key rotate: %s holds a key already; give the name of a new file", r.file)
	}
	r.old = current
	if _, _, err := archive.LedgerOf(r.store, r.old, r.o.Env, r.o.Now).Entries(ctx); err != nil {
		return err
	}
	r.new, err = pseudonym.New(r.o.Random)
	return err
}

// succeed tells the ledger, under the new key.
func (r *rotation) succeed(ctx context.Context, id string) error {
	before, after := archive.LedgerOf(r.store, r.old, r.o.Env, r.o.Now), archive.LedgerOf(r.store, r.new, r.o.Env, r.o.Now)
	if entries, _, err := after.Entries(ctx); err == nil && len(entries) > 0 {
		r.done.Entry = len(entries)
		return nil // told before it was cut off
	}
	what := "links broken"
	if r.o.KeepLinks {
		what = "links kept"
	}
	entries, _, err := before.Entries(ctx)
	if err != nil {
		return err
	}
	sets, err := r.memberSets(ctx, entries)
	if err != nil {
		return err
	}
	register, err := rights.Open(ctx, r.store, r.new, 0)
	if err != nil {
		return err
	}
	written, err := after.Succeed(ctx, before, delivery.Entry{
		Kind: delivery.KeyChange, What: what, Run: id, Reason: r.o.Reason, Sets: sets, Register: register.Revision,
		Counts: map[string]int64{"resealed": int64(r.done.Resealed), "moved": r.done.Moved, "dropped": r.done.Dropped,
			"rights_moved": int64(r.done.RightsMoved), "rights_stayed": int64(r.done.RightsStayed)},
	})
	r.done.Entry = written.Seq
	return err
}

// memberSets are those that are in the store, with the hashes that they have now.
func (r *rotation) memberSets(ctx context.Context, entries []delivery.Entry) ([]delivery.Set, error) {
	last := map[string]delivery.Set{}
	var names []string
	for _, e := range entries {
		for _, s := range e.Sets {
			if _, known := last[s.Name]; !known {
				names = append(names, s.Name)
			}
			last[s.Name] = s
		}
	}
	var sets []delivery.Set
	for _, name := range names {
		_, sum, err := archive.HashObject(ctx, r.store, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it ended, and the ledger says so
		}
		if err != nil {
			return nil, err
		}
		s := last[name]
		s.SHA256 = sum
		sets = append(sets, s)
	}
	return sets, nil
}
