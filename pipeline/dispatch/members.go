package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/rights"
)

// fields are the fields of each person in a file about members.
func (p *Parcel) fields() []string {
	all, _ := p.Manifest.Facts[archive.FactFields].([]any)
	var names []string
	for _, one := range all {
		names = append(names, fmt.Sprint(one))
	}
	return names
}

func (p *Parcel) sets() []delivery.Set {
	if p.Manifest.Members == nil {
		return nil
	}
	return []delivery.Set{*p.Manifest.Members}
}

// checkRights refuses a file that holds somebody who has objected, or is restricted or
// erased, since it was made.
func (c *Courier) checkRights(ctx context.Context, p *Parcel) error {
	if p.Manifest.Edition != "personal" {
		return nil
	}
	register, err := c.Register(ctx)
	if err != nil {
		return err
	}
	output, period := p.Manifest.Output, p.Manifest.Period
	again := fmt.Sprintf("make it anew with: peil run %s --as-of %s", output, p.Manifest.AsOf)
	set := p.Manifest.Members
	if set == nil {
		return exit.Usagef("deliver %s %s: nobody can tell who is in it, since it has no member set; %s", output, period, again)
	}
	_, sum, err := archive.HashObject(ctx, c.Store, set.Name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && sum != set.SHA256 {
		return exit.Usagef("deliver %s %s: its member set %s is missing or not the one that it was made with; %s", output, period, set.Name, again)
	}
	if err != nil {
		return err
	}
	found, err := rights.In(ctx, c.Store, c.Key, set.Name, register.Barred())
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return exit.Usagef("deliver %s %s: %d in it have objected, or are restricted or erased, since it was made; %s", output, period, len(found), again)
	}
	return nil
}

// settleRights notes, once a correction was sent, of which rights its recipient has now
// heard by it.
func (c *Courier) settleRights(ctx context.Context, p *Parcel, at string) error {
	if p.Manifest.Replaces == nil || p.Manifest.Members == nil {
		return nil
	}
	register, err := c.Register(ctx)
	if err != nil {
		return err
	}
	subjects := map[string]bool{}
	for _, e := range register.Entries {
		subjects[e.Subject] = true
	}
	now, err := rights.In(ctx, c.Store, c.Key, p.Manifest.Members.Name, subjects)
	if err != nil {
		return err
	}
	before := map[string]string{}
	if old, err := archive.ReadManifest(ctx, c.Store, p.Manifest.Replaces.Folder); err != nil {
		return err
	} else if old != nil && old.Members != nil {
		if before, err = rights.In(ctx, c.Store, c.Key, old.Members.Name, subjects); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	n := register.Settle(p.Manifest.Output, p.Manifest.Period, at, func(e rights.Entry) bool {
		row, in := now[e.Subject]
		return !in || e.Right == rights.Rectification && row != before[e.Subject]
	})
	if n == 0 {
		return nil
	}
	if err := register.Save(ctx, c.Store, c.Key); err != nil {
		return err
	}
	told := c.entry(p, delivery.Right)
	told.What, told.Counts, told.Register = "recipient heard of it by this correction", map[string]int64{"members": int64(n)}, register.Revision
	_, err = c.Ledger.Append(ctx, told)
	return err
}
