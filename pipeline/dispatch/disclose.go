package dispatch

import (
	"context"
	"io"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/intake"
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
			return delivery.Entry{}, exit.Usagef("%s is empty: the ledger needs to know", flag)
		}
	}
	var written delivery.Entry
	err := archive.WithStore(ctx, o.Config, o.Env, o.Now, o.Random, func(ctx context.Context, d archive.Desk) (err error) {
		e := delivery.Entry{
			Kind: delivery.Disclosure, Run: d.Run, What: o.What, Reason: o.Reason, By: o.By,
			Recipient: &config.Recipient{Name: o.To, Basis: o.Basis},
		}
		if len(o.Members) == 0 {
			written, err = d.Ledger.Append(ctx, e)
			return err
		}
		set, w, err := setOfOne(ctx, d, o)
		if err != nil {
			return err
		}
		defer w.Abort()
		e.Sets = []delivery.Set{*set}
		if written, err = d.Ledger.Append(ctx, e); err != nil {
			return err
		}
		return w.Commit()
	})
	return written, err
}

// setOfOne makes the member set of a disclosure that was about one member.
func setOfOne(ctx context.Context, d archive.Desk, o DisclosureOptions) (*delivery.Set, store.Writer, error) {
	ids, err := intake.ReadIDs(ctx, o.Config, o.Members)
	if err != nil {
		return nil, nil, err
	}
	register, err := d.Register(ctx)
	if err != nil {
		return nil, nil, err
	}
	set := &delivery.Set{Name: rights.SetName("disclosure", o.Now().Format(time.DateOnly)+"/"+d.Run), Persons: 1}
	w, err := rights.NewSet(ctx, d.Store, d.Key, set, func(w io.Writer) error {
		_, err := io.WriteString(w, register.Line(ids[0]))
		return err
	})
	return set, w, err
}
