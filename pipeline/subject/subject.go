// Package subject lets members exercise their rights: access, portability, erasure,
// restriction, objection and rectification, wherever Peil keeps something of them.
package subject

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/intake"
	"peil/pipeline/retention"
	"peil/pipeline/rights"
	"peil/pipeline/source"
	filesource "peil/pipeline/source/file"
	"peil/pipeline/store"
	"peil/pipeline/workdir"
)

// Options say which member exercises a right, and how. Members, Config, Version, Env,
// Now and Random are required, By and Basis for all but Access and Export.
type Options struct {
	Config *config.Config
	// Members are ids as the library knows them: one, or many of whom a list was made. They
	// are kept as keyed ids only.
	Members []string
	Right   rights.Right
	On      time.Time // day from which it holds
	Basis   string    // on what ground, or why it is lifted
	By      string    // who accepts it for the library

	Version string
	Env     func(string) (string, bool)
	Now     func() time.Time
	Random  io.Reader // for the name of the work
}

// Exercised is what became of a right.
type Exercised struct {
	Right     rights.Right  `json:"right"`     // objection, restriction, erasure or rectification
	On        string        `json:"on"`        // day from which it holds
	Reference string        `json:"reference"` // that a letter can name; empty for a list
	Members   int           `json:"members"`   // who were named
	New       int           `json:"new"`       // of them did not exercise it before
	Known     int           `json:"known"`     // of them are in something that Peil keeps
	Told      []rights.Told `json:"told"`      // recipients who have data of the member
	Held      []string      `json:"held"`      // folders with the member that were not sent: they cannot be, any more
	Removed   []string      `json:"removed"`   // what was removed, or rewritten without the member
	Entry     int           `json:"entry"`     // of the ledger
}

// Exercise writes down a right of one member or of a list, and makes it hold. What is made
// and what is sent from then on keeps to it.
func Exercise(ctx context.Context, o Options) (*Exercised, error) {
	return atRegister(ctx, o, func(ctx context.Context, w *rightsDesk) error {
		if err := w.exercise(ctx); err != nil {
			return err
		}
		return w.conclude(ctx, string(o.Right))
	})
}

// Lift ends a right of one member or of a list. What an erasure removed does not come back.
func Lift(ctx context.Context, o Options) (*Exercised, error) {
	return atRegister(ctx, o, func(ctx context.Context, w *rightsDesk) error {
		for _, member := range w.members {
			w.done.New += w.register.Lift(member, o.Right, w.done.On, o.Basis)
		}
		if w.done.New == 0 {
			return exit.Usagef("lift %s: the register holds none of this member that is in force: see peil subject access", o.Right)
		}
		if err := w.register.Save(ctx, w.Store, w.Key); err != nil {
			return err
		}
		return w.conclude(ctx, string(o.Right)+" lifted")
	})
}

// rightsDesk is what exercising rights needs.
type rightsDesk struct {
	archive.Desk
	o        Options
	dir      string // of the work, for pipes
	entries  []delivery.Entry
	register *rights.Register
	members  []string // as ids of the source are read
	done     *Exercised

	// What is known of the members, once findInSets looked.
	folders   []string // of files about members in the store
	manifests []*archive.Manifest
	ids       map[string]bool              // keyed
	inSet     map[string]map[string]string // set, member, what was sent in a keyed hash
	known     map[string]bool              // member

	sets    []delivery.Set // that are rewritten
	rewrite []store.Writer // of those: to be committed once the ledger knows
}

func atRegister(ctx context.Context, o Options, do func(context.Context, *rightsDesk) error) (*Exercised, error) {
	for flag, text := range map[string]string{"--by": o.By, "--basis": o.Basis} {
		if strings.TrimSpace(text) == "" {
			return nil, exit.Usagef("%s is empty: the register needs to know", flag)
		}
	}
	work, err := workdir.New(0, o.Env)
	if err != nil {
		return nil, err
	}
	defer work.Remove()
	w := &rightsDesk{o: o, dir: work.Path, done: &Exercised{Right: o.Right, On: o.On.Format(time.DateOnly), Told: []rights.Told{}, Held: []string{}, Removed: []string{}}}
	if w.members, err = intake.ReadIDs(ctx, o.Config, o.Members); err != nil {
		return nil, err
	}
	w.done.Members = len(w.members)
	err = archive.WithStore(ctx, o.Config, o.Env, o.Now, o.Random, func(ctx context.Context, d archive.Desk) error {
		w.Desk = d
		defer w.abort()
		if err := w.open(ctx); err != nil {
			return err
		}
		if len(w.members) == 1 {
			w.done.Reference = w.register.Reference(w.members[0])
		}
		return do(ctx, w)
	})
	return w.done, err
}

func (w *rightsDesk) open(ctx context.Context) (err error) {
	if w.entries, _, err = w.Ledger.Entries(ctx); err != nil {
		return err
	}
	w.register, err = rights.Open(ctx, w.Store, w.Key, rights.LastRevision(w.entries))
	return err
}

// exercise makes the right of each member hold: in the register first, so that a crash
// after it lets nobody slip back.
func (w *rightsDesk) exercise(ctx context.Context) error {
	if err := w.findInSets(ctx); err != nil {
		return err
	}
	for _, member := range w.members {
		w.enter(member)
	}
	if err := w.register.Save(ctx, w.Store, w.Key); err != nil {
		return err
	}
	if err := w.holdBack(ctx); err != nil {
		return err
	}
	if err := w.findInStates(ctx); err != nil {
		return err
	}
	w.done.Known = len(w.known)
	return nil
}

// enter writes the right of one member into the register, with who has data of them.
func (w *rightsDesk) enter(member string) {
	e := rights.Entry{Right: w.o.Right, On: w.done.On, Basis: w.o.Basis, By: w.o.By}
	if w.o.Right != rights.Objection { // of an objection, which is for what comes, art. 19 says nothing
		for _, g := range w.given(member) {
			e.Told = append(e.Told, rights.Told{Recipient: g.Recipient.Name, Output: g.Output, Period: g.Period, Sent: g.At})
		}
	}
	if w.register.Exercise(member, e) {
		w.done.New++
	}
	if w.o.Right == rights.Erasure {
		w.register.Forget(member)
	}
	for _, known := range w.register.Of(member) {
		if known.Right == w.o.Right && known.InForce() {
			w.done.Told = append(w.done.Told, known.Told...)
		}
	}
}

// conclude writes the ledger, and then lets go of the member sets that were rewritten.
func (w *rightsDesk) conclude(ctx context.Context, what string) error {
	e, err := w.Ledger.Append(ctx, delivery.Entry{
		Kind: delivery.Right, Run: w.Run, What: what, By: w.o.By, Sets: w.sets, Register: w.register.Revision,
		Counts: map[string]int64{"members": int64(w.done.Members), "new": int64(w.done.New), "to be told": int64(len(w.done.Told)), "removed": int64(len(w.done.Removed))},
	})
	if err != nil {
		return err
	}
	w.done.Entry = e.Seq
	for _, one := range w.rewrite {
		if err := one.Commit(); err != nil {
			return fmt.Errorf("rewrite a member set: %w; give the same command again", err)
		}
	}
	if len(w.rewrite) == 0 {
		return nil
	}
	return store.EraseOld(ctx, w.Store, delivery.SetFolder)
}

func (w *rightsDesk) abort() {
	for _, one := range w.rewrite {
		one.Abort() // does nothing once it was committed
	}
}

// findInSets finds the members in the member sets that are kept: those of what was sent or
// disclosed, and of what is in the store still.
func (w *rightsDesk) findInSets(ctx context.Context) (err error) {
	if w.folders, w.manifests, err = archive.Publications(ctx, w.Store, "private/cbs"); err != nil {
		return err
	}
	names := map[string]bool{}
	for _, set := range delivery.SetsOf(w.entries) {
		names[set.Name] = set.SHA256 != ""
	}
	for _, m := range w.manifests {
		if m.Members != nil {
			names[m.Members.Name] = true
		}
	}
	byID, ids := map[string]string{}, map[string]bool{}
	for _, member := range w.members {
		for id := range w.register.IDs(member) {
			byID[id], ids[id] = member, true
		}
	}
	w.ids, w.inSet, w.known = ids, map[string]map[string]string{}, map[string]bool{}
	for name, kept := range names {
		if !kept {
			continue
		}
		found, err := rights.In(ctx, w.Store, w.Key, name, ids)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its time was over
		}
		if err != nil {
			return err
		}
		rows := map[string]string{}
		for id, row := range found {
			rows[byID[id]], w.known[byID[id]] = row, true
		}
		w.inSet[name] = rows
	}
	return nil
}

// given lists the disclosures that a member was in, as far as member sets are kept.
func (w *rightsDesk) given(member string) []delivery.Entry {
	failed := map[int]bool{}
	for _, e := range w.entries {
		if e.Kind == delivery.Failed {
			failed[e.Sending] = true
		}
	}
	var all []delivery.Entry
	for _, e := range w.entries {
		if e.Kind != delivery.Sending && e.Kind != delivery.Disclosure || failed[e.Seq] || e.Recipient == nil {
			continue
		}
		for _, set := range e.Sets {
			if _, in := w.inSet[set.Name][member]; in {
				all = append(all, e)
			}
		}
	}
	return all
}

// holdBack looks at the files about members that one of these is in. What was not sent is
// named, since it cannot be any more; an erasure removes both kinds, and takes the member
// out of the sets of those that were sent.
func (w *rightsDesk) holdBack(ctx context.Context) error {
	for i, m := range w.manifests {
		if m.Members == nil || len(w.inSet[m.Members.Name]) == 0 {
			continue
		}
		sent := delivery.StateOf(w.entries, w.folders[i], "").Delivered()
		if !sent && w.o.Right != rights.Rectification {
			w.done.Held = append(w.done.Held, w.folders[i])
		}
		if w.o.Right == rights.Erasure {
			if err := w.eraseFile(ctx, w.folders[i], m, sent); err != nil {
				return err
			}
		}
	}
	if w.o.Right != rights.Erasure {
		return nil
	}
	return w.eraseFromSets(ctx)
}

// eraseFile removes a file about members that an erased member is in. What was sent leaves
// its manifest, since corrections and later deliveries are held against it.
func (w *rightsDesk) eraseFile(ctx context.Context, folder string, m *archive.Manifest, sent bool) error {
	if !sent {
		if err := store.RemoveAll(ctx, w.Store, folder); err != nil {
			return err
		}
		if err := store.Erase(ctx, w.Store, m.Members.Name); err != nil {
			return err
		}
		w.done.Removed = append(w.done.Removed, folder)
		return nil
	}
	if len(m.Files) == 0 {
		return nil
	}
	p := retention.NewPurger(w.Desk, w.dir, w.o.Version, w.o.Env, w.o.Now)
	if err := p.RemoveMembers(ctx, folder, m, "erasure, "+w.Run); err != nil {
		return err
	}
	for _, f := range m.Files {
		w.done.Removed = append(w.done.Removed, path.Join(folder, f.Name))
	}
	return nil
}

func (w *rightsDesk) eraseFromSets(ctx context.Context) error {
	for _, set := range delivery.SetsOf(w.entries) {
		if set.SHA256 == "" || len(w.inSet[set.Name]) == 0 {
			continue
		}
		left, writer, err := rights.Drop(ctx, w.Store, w.Key, set, w.ids)
		if err != nil {
			return err
		}
		w.sets, w.rewrite = append(w.sets, *left), append(w.rewrite, writer)
		w.done.Removed = append(w.done.Removed, fmt.Sprintf("%d of %s", set.Persons-left.Persons, set.Name))
	}
	return nil
}

// ReadMemberList reads the members' ids of a CSV file; column is their heading, empty where
// it is one that sources have too. Errors name lines of it, never a value.
func ReadMemberList(c *config.Config, file, column string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, exit.Usagef("read the list of members: %w", err)
	}
	defer f.Close()
	isID := func(heading string) bool { return heading == column }
	if column == "" {
		configured := c.Source.Columns[source.Members]["member_id"]
		isID = func(heading string) bool {
			return slices.Contains(configured, heading) || filesource.Understood(source.Members, "member_id", heading)
		}
	}
	ids, err := rights.ReadList(f, isID)
	if err != nil {
		return nil, exit.Usagef("read the list of members %s: %w", file, err)
	}
	return ids, nil
}
