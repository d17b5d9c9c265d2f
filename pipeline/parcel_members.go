package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"peil/pipeline/delivery"
	"peil/pipeline/rights"
)

// fields are the fields of each person in a file about members.
func (p *parcel) fields() []string {
	all, _ := p.manifest.Facts[factFields].([]any)
	var names []string
	for _, one := range all {
		names = append(names, fmt.Sprint(one))
	}
	return names
}

func (p *parcel) sets() []delivery.Set {
	if p.manifest.Members == nil {
		return nil
	}
	return []delivery.Set{*p.manifest.Members}
}

// checkRights refuses a file that holds somebody who has objected, or is restricted or
// erased, since it was made.
func (c *courier) checkRights(ctx context.Context, p *parcel) error {
	if p.manifest.Edition != "personal" {
		return nil
	}
	register, err := c.register(ctx)
	if err != nil {
		return err
	}
	output, period := p.manifest.Output, p.manifest.Period
	again := fmt.Sprintf("make it anew with: peil run %s --as-of %s", output, p.manifest.AsOf)
	set := p.manifest.Members
	if set == nil {
		return Usage("deliver %s %s: nobody can tell who is in it, since it has no member set; %s", output, period, again)
	}
	_, sum, err := hashObject(ctx, c.store, set.Name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && sum != set.SHA256 {
		return Usage("deliver %s %s: its member set %s is missing or not the one that it was made with; %s", output, period, set.Name, again)
	}
	if err != nil {
		return err
	}
	found, err := rights.In(ctx, c.store, c.key, set.Name, register.Barred())
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return Usage("deliver %s %s: %d in it have objected, or are restricted or erased, since it was made; %s", output, period, len(found), again)
	}
	return nil
}

// settleRights notes, once a correction was sent, of which rights its recipient has now
// heard by it.
func (c *courier) settleRights(ctx context.Context, p *parcel, at string) error {
	if p.manifest.Replaces == nil || p.manifest.Members == nil {
		return nil
	}
	register, err := c.register(ctx)
	if err != nil {
		return err
	}
	subjects := map[string]bool{}
	for _, e := range register.Entries {
		subjects[e.Subject] = true
	}
	now, err := rights.In(ctx, c.store, c.key, p.manifest.Members.Name, subjects)
	if err != nil {
		return err
	}
	before := map[string]string{}
	if old, err := readManifest(ctx, c.store, p.manifest.Replaces.Folder); err != nil {
		return err
	} else if old != nil && old.Members != nil {
		if before, err = rights.In(ctx, c.store, c.key, old.Members.Name, subjects); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	n := register.Settle(p.manifest.Output, p.manifest.Period, at, func(e rights.Entry) bool {
		row, in := now[e.Subject]
		return !in || e.Right == rights.Rectification && row != before[e.Subject]
	})
	if n == 0 {
		return nil
	}
	if err := register.Save(ctx, c.store, c.key); err != nil {
		return err
	}
	told := c.entry(p, delivery.Right)
	told.What, told.Counts, told.Register = "recipient heard of it by this correction", map[string]int64{"members": int64(n)}, register.Revision
	_, err = c.ledger.Append(ctx, told)
	return err
}
