package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rights"
	"peil/pipeline/store"
)

// DisclosureOptions say what somebody received that Peil did not send. All fields are
// required.
type DisclosureOptions struct {
	Config *config.Config
	To     string // who received it
	Basis  string
	What   string // which data; nothing about a member
	Reason string
	By     string // who decided it
	// Members is the id of the member whom it was about; empty: nobody in particular.
	Members []string

	Env    func(string) (string, bool)
	Now    func() time.Time
	Random io.Reader // for the name of the work
}

// AddDisclosure writes a disclosure into the ledger by hand.
func AddDisclosure(ctx context.Context, o DisclosureOptions) (delivery.Entry, error) {
	for flag, text := range map[string]string{"--to": o.To, "--basis": o.Basis, "--what": o.What, "--reason": o.Reason, "--by": o.By} {
		if strings.TrimSpace(text) == "" {
			return delivery.Entry{}, Usage("%s is empty: the ledger needs to know", flag)
		}
	}
	var written delivery.Entry
	err := withStore(ctx, o.Config, o.Env, o.Now, o.Random, func(ctx context.Context, d desk) (err error) {
		e := delivery.Entry{
			Kind: delivery.Disclosure, Run: d.run, What: o.What, Reason: o.Reason, By: o.By,
			Recipient: &config.Recipient{Name: o.To, Basis: o.Basis},
		}
		if len(o.Members) == 0 {
			written, err = d.ledger.Append(ctx, e)
			return err
		}
		set, w, err := d.setOfOne(ctx, o)
		if err != nil {
			return err
		}
		defer w.Abort()
		e.Sets = []delivery.Set{*set}
		if written, err = d.ledger.Append(ctx, e); err != nil {
			return err
		}
		return w.Commit()
	})
	return written, err
}

// setOfOne makes the member set of a disclosure that was about one member.
func (d desk) setOfOne(ctx context.Context, o DisclosureOptions) (*delivery.Set, store.Writer, error) {
	ids, err := readIDs(ctx, o.Config, o.Members)
	if err != nil {
		return nil, nil, err
	}
	entries, _, err := d.ledger.Entries(ctx)
	if err != nil {
		return nil, nil, err
	}
	register, err := rights.Open(ctx, d.store, d.key, rights.LastRevision(entries))
	if err != nil {
		return nil, nil, err
	}
	set := &delivery.Set{Name: rights.SetName("disclosure", date(o.Now())+"/"+d.run), Persons: 1}
	w, err := rights.NewSet(ctx, d.store, d.key, set, func(w io.Writer) error {
		_, err := io.WriteString(w, register.Line(ids[0]))
		return err
	})
	return set, w, err
}

// desk is the store with its lock, its ledger and the library's key: what work needs that is
// no run.
type desk struct {
	config *config.Config
	store  store.Store
	ledger *delivery.Ledger
	key    pseudonym.Key
	run    string // names the work
}

// withStore does some work while it holds the store.
func withStore(ctx context.Context, c *config.Config, env func(string) (string, bool), now func() time.Time, random io.Reader, work func(context.Context, desk) error) error {
	d := desk{config: c}
	var err error
	if d.run, err = runID(now(), random); err != nil {
		return err
	}
	if d.key, err = LoadKey(ctx, c, env); err != nil {
		return err
	}
	if d.store, err = OpenStore(ctx, c); err != nil {
		return err
	}
	defer d.store.Close()
	d.ledger = openLedger(d.store, d.key, env, now)
	lock, err := d.store.Lock(ctx, store.Owner{Run: d.run, Host: hostname(), PID: os.Getpid(), Since: now()})
	if errors.Is(err, store.ErrHeld) {
		return &ExitError{ExitHeld, fmt.Errorf("%w; wait for it to end", err)}
	}
	if err != nil {
		return fmt.Errorf("hold the store: %w", err)
	}
	return errors.Join(work(lock.Context(), d), lock.Release())
}
