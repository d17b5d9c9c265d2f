// Package retention removes what the store holds on persons once its time is over, and proves
// by a scan that nothing older is left.
package retention

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/store"
	"peil/pipeline/workdir"
)

// PurgeOptions say what to purge. AtMost may be nil; all other fields but Confirm are
// required.
type PurgeOptions struct {
	Config  *config.Config
	Confirm bool            // else only the list is made
	AtMost  *config.Percent // in the place of retention.purge_at_most

	Version string // of the program, for the certificate
	Env     func(string) (string, bool)
	Now     func() time.Time
	Random  io.Reader // for the name of the purge
}

// Certificate says what a purge removed, why, and that nothing older was left. It stands in
// the store, and the ledger has its hash.
type Certificate struct {
	Version  int    `json:"version"` // of this format
	Purge    string `json:"purge"`   // its name
	Program  string `json:"program"` // version of Peil
	Library  string `json:"library"` // ISIL of the organisation
	KeyID    string `json:"key_id"`
	Who      string `json:"who"` // as the system or CI identifies them
	Begun    string `json:"begun"`
	Finished string `json:"finished,omitempty"` // empty: it was cut off, or is a dry run
	// Retention are the times of the configuration, by category, with the day before which
	// a membership must have ended for its data to go.
	Retention map[string]Kept `json:"retention"`
	Removed   []Removed       `json:"removed"`
	Reduced   []Reduced       `json:"reduced"`
	Held      int             `json:"held"`      // things about persons in the store before
	Share     string          `json:"share"`     // of them that went
	Continues []string        `json:"continues"` // purges before it that were cut off
	// Beyond says, a sentence each, what a purge cannot reach.
	Beyond []string `json:"beyond"`
	Scan   *Scan    `json:"scan,omitempty"`

	At string `json:"-"` // name of the certificate in the store; empty for a dry run
}

// Kept is a time in the configuration and what it means today.
type Kept struct {
	For    string `json:"for"`         // how long after the end, as configured
	Before string `json:"left_before"` // the day before which a membership must have ended
}

// Removed is one thing that was removed.
type Removed struct {
	Holding
	Given []Given `json:"given,omitempty"` // copies that others have
	// Unfrozen is set for an edition of which the figures were never frozen: they go too.
	Unfrozen bool `json:"unfrozen,omitempty"`
}

// Given is a delivery of what was removed.
type Given struct {
	To string `json:"to"`
	At string `json:"at"`
}

// Reduced is one thing of which a part was removed.
type Reduced struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Of   string `json:"of"`
	Rows int64  `json:"rows"` // removed, or taken apart
	Left int64  `json:"left"` // rows that stay
}

// Nothing says that there was nothing to do.
func (c *Certificate) Nothing() bool { return len(c.Removed) == 0 && len(c.Reduced) == 0 }

// Purge removes what the store holds on persons for longer than the configuration allows,
// by the clock, and proves by a scan that nothing older is left. It refuses to remove more
// than a share of what there is.
func Purge(ctx context.Context, o PurgeOptions) (c *Certificate, err error) {
	work, err := workdir.New(0, o.Env) // also removes what dead runs left on this machine
	if err != nil {
		return nil, err
	}
	defer work.Remove()
	err = archive.WithStore(ctx, o.Config, o.Env, o.Now, o.Random, func(ctx context.Context, d archive.Desk) (err error) {
		p := NewPurger(d, work.Path, o.Version, o.Env, o.Now)
		if o.AtMost != nil {
			p.atMost = *o.AtMost
		}
		c, err = p.Purge(ctx, o.Confirm)
		return err
	})
	return c, err
}

// Purger removes under the store's lock.
type Purger struct {
	archive.Desk
	dir     string // of the work, for pipes
	on      cutoffs
	atMost  config.Percent
	now     func() time.Time
	who     string
	version string
}

// NewPurger makes a purger that works in a folder of its own.
func NewPurger(d archive.Desk, dir, version string, env func(string) (string, bool), now func() time.Time) *Purger {
	return &Purger{
		Desk: d, dir: dir, on: cutoffsOn(d.Config, now()), atMost: d.Config.Retention.PurgeAtMost,
		now: now, who: delivery.Identify(env).String(), version: version,
	}
}

// Past counts the things that are held for too long and would go.
func (p *Purger) Past(ctx context.Context) (n int, err error) {
	h, err := holdingsOf(ctx, p.Store, p.on, p.Config.Retention)
	if err != nil {
		return 0, err
	}
	for _, one := range h.all {
		if one.past && one.goes() {
			n++
		}
	}
	return n, nil
}

// Purge makes the certificate of what is past its time and, with confirm, removes it.
func (p *Purger) Purge(ctx context.Context, confirm bool) (*Certificate, error) {
	h, err := holdingsOf(ctx, p.Store, p.on, p.Config.Retention)
	if err != nil {
		return nil, err
	}
	c, err := p.plan(ctx, h)
	if err != nil || !confirm {
		return c, err
	}
	if c.Nothing() {
		if c.Scan, err = p.proof(ctx); err == nil {
			err = c.Scan.fault()
		}
		return c, err
	}
	if going, limit := int64(len(c.Removed)), p.atMost.Of(int64(c.Held)); float64(going) > limit {
		return c, exit.Usagef("purge: %d of %d things held on persons would go, and retention.purge_at_most is %s: look at the list (peil purge) and at the clock of this machine, then give --at-most 100%%", going, c.Held, p.atMost)
	}
	c.At = path.Join(archive.PurgeFolder, p.Run+".json")
	if _, err := p.write(ctx, c); err != nil {
		return c, err
	}
	if _, err := p.Ledger.Append(ctx, p.entry(c, "begun")); err != nil {
		return c, err
	}
	if err := p.remove(ctx, c); err != nil {
		return c, err
	}
	if c.Scan, err = p.proof(ctx); err != nil {
		return c, err
	}
	c.Finished = p.now().UTC().Format(time.RFC3339)
	sum, err := p.write(ctx, c)
	if err != nil {
		return c, err
	}
	e := p.entry(c, "done")
	e.Manifest, e.Sets = sum, nil
	if _, err := p.Ledger.Append(ctx, e); err != nil {
		return c, err
	}
	return c, c.Scan.fault()
}

// plan says what goes. It opens what is sealed, and changes nothing.
func (p *Purger) plan(ctx context.Context, h *holdings) (*Certificate, error) {
	r := p.Config.Retention
	c := &Certificate{
		Version: 1, Purge: p.Run, Program: p.version, Library: p.Config.Library.ISIL, KeyID: p.Key.ID(), Who: p.who,
		Begun: p.now().UTC().Format(time.RFC3339), Removed: []Removed{}, Reduced: []Reduced{}, Continues: []string{},
		Retention: map[string]Kept{
			"contact": {r.Contact.String(), p.on.contact.Format(time.DateOnly)}, "loans": {r.Loans.String(), p.on.loans.Format(time.DateOnly)},
			"member_sets": {r.MemberSets.String(), p.on.sets.Format(time.DateOnly)},
		},
	}
	entries, _, err := p.Ledger.Entries(ctx)
	if err != nil {
		return nil, err
	}
	frozen := map[string]bool{}
	for _, one := range h.all {
		frozen[one.Name] = one.Kind == FrozenFigures
		if one.goes() {
			c.Held++
		}
	}
	for _, one := range h.all {
		switch {
		case one.past && one.goes():
			gone := Removed{Holding: one, Given: given(entries, one.Name)}
			gone.Unfrozen = one.Kind == InternalEdition && one.manifest.Output == "new-members" && !frozen[path.Join(archive.FrozenFolder, one.manifest.Period)]
			c.Removed = append(c.Removed, gone)
		case one.Kind == MemberState || one.Kind == FirstLoans || one.past:
			reduced, err := p.reduce(ctx, one, "")
			if err != nil {
				return nil, err
			}
			if reduced.Rows > 0 {
				c.Reduced = append(c.Reduced, reduced)
			}
		}
	}
	if c.Held > 0 {
		c.Share = fmt.Sprintf("%.0f%%", 100*float64(len(c.Removed))/float64(c.Held))
	}
	c.Continues, c.Beyond = cutOff(entries), p.beyond(ctx, c)
	return c, nil
}

// given are the deliveries of a folder that arrived, or may have.
func given(entries []delivery.Entry, folder string) []Given {
	var all []Given
	for _, e := range entries {
		if e.Kind == delivery.Sending && e.Folder == folder && e.Recipient != nil {
			all = append(all, Given{e.Recipient.Name, e.At})
		}
	}
	return all
}

// cutOff are the certificates of purges that began and did not end.
func cutOff(entries []delivery.Entry) []string {
	open := []string{}
	for _, e := range entries {
		if e.Kind != delivery.Purge || e.Folder == "" {
			continue
		}
		if e.What == "begun" {
			open = append(open, e.Folder)
		} else {
			open = nil // a purge ends with a scan of everything
		}
	}
	return slices.Clip(open)
}

// beyond says what a purge does not reach.
func (p *Purger) beyond(ctx context.Context, c *Certificate) []string {
	all := []string{}
	to := map[string]bool{}
	for _, r := range c.Removed {
		for _, g := range r.Given {
			if !to[g.To] {
				to[g.To] = true
				all = append(all, "What was delivered to "+g.To+" is kept by them, under the agreement with them.")
			}
		}
	}
	all = append(all, "The exports or the database that Peil reads are the library system's own; Peil keeps no copy of them.")
	if strings.HasPrefix(p.Store.Location(), "s3://") {
		if versioned, err := store.Versioned(ctx, p.Store); err != nil {
			all = append(all, "Whether the bucket keeps versions of what is deleted cannot be seen with this account.")
		} else if versioned {
			all = append(all, "The bucket keeps versions: those of what goes are deleted too, unless object lock holds them.")
		}
	}
	return append(all, "Backups and snapshots of the machine or the bucket that others make end by their own schedule.")
}

// entry is what the ledger is told of a purge.
func (p *Purger) entry(c *Certificate, what string) delivery.Entry {
	e := delivery.Entry{Kind: delivery.Purge, What: what, Run: p.Run, Folder: c.At, Counts: map[string]int64{"removed": int64(len(c.Removed)), "held": int64(c.Held)}}
	for _, r := range c.Removed {
		if r.Kind == MemberSet {
			e.Sets = append(e.Sets, delivery.Set{Name: r.Name})
		}
	}
	for _, r := range c.Reduced {
		e.Counts["rows"] += r.Rows
	}
	if c.Scan != nil {
		e.Counts["older"], e.Counts["unknown"] = int64(len(c.Scan.Older)), int64(len(c.Scan.Unknown))
	}
	return e
}

// write puts the certificate in the store and returns its hash.
func (p *Purger) write(ctx context.Context, c *Certificate) (string, error) {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the certificate: %w", err)
	}
	text = append(text, '\n')
	if err := store.WriteFile(ctx, p.Store, c.At, text); err != nil {
		return "", fmt.Errorf("write the certificate: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
