package retention

import (
	"context"
	"fmt"
	"math"
	"path"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/store"
	"peil/reports/cbs"
)

// remove carries out a plan. What was removed before a crash is not there to remove again;
// the rest goes with the next purge.
func (p *Purger) remove(ctx context.Context, c *Certificate) error {
	for _, r := range c.Removed {
		if err := p.removeOne(ctx, r.Holding, c.At); err != nil {
			return fmt.Errorf("purge %s: %w", r.Name, err)
		}
	}
	for _, r := range c.Reduced {
		if _, err := p.reduce(ctx, Holding{Name: r.Name, Kind: r.Kind, Of: r.Of}, p.on.today.Format(time.DateOnly)); err != nil {
			return fmt.Errorf("purge %s: %w", r.Name, err)
		}
	}
	return nil
}

func (p *Purger) removeOne(ctx context.Context, h Holding, certificate string) error {
	switch h.Kind {
	case MemberSet, Leftover:
		return store.Erase(ctx, p.Store, h.Name)
	case MemberFile:
		return p.RemoveMembers(ctx, h.Name, h.manifest, certificate)
	}
	if err := store.Erase(ctx, p.Store, path.Join(h.Name, store.ManifestName)); err != nil {
		return err // first: what is left after a crash is then no publication
	}
	return p.eraseFiles(ctx, h.Name, h.Files)
}

// eraseFiles removes files of a folder, and what stood below it in earlier versions.
func (p *Purger) eraseFiles(ctx context.Context, folder string, files []archive.File) error {
	for _, f := range files {
		if err := store.Erase(ctx, p.Store, path.Join(folder, f.Name)); err != nil {
			return err
		}
	}
	return store.EraseOld(ctx, p.Store, folder)
}

// RemoveMembers removes the files of a delivery and leaves its manifest, with counts that
// single nobody out: the next delivery is reconciled with them. The manifest changes first,
// so that a file which a crash leaves is one that no manifest names.
func (p *Purger) RemoveMembers(ctx context.Context, folder string, of *archive.Manifest, certificate string) error {
	m := *of
	m.Files, m.Purged = []archive.File{}, &archive.Purged{On: p.on.today.Format(time.DateOnly), Certificate: certificate, Files: of.Files}
	counts, err := cbs.ParseCounts(m.Facts[archive.FactCounts])
	if err != nil {
		return err
	}
	m.Facts[archive.FactCounts] = coarse(counts, int64(p.Config.Protection.Threshold))
	text, err := m.Encode()
	if err != nil {
		return err
	}
	if err := store.Erase(ctx, p.Store, path.Join(folder, store.ManifestName)); err != nil {
		return err
	}
	if err := store.WriteFile(ctx, p.Store, path.Join(folder, store.ManifestName), text); err != nil {
		return err
	}
	return p.eraseFiles(ctx, folder, of.Files)
}

// coarse rounds counts to multiples of the threshold and leaves out sums over fields.
func coarse(counts cbs.Counts, threshold int64) cbs.Counts {
	kept := cbs.Counts{}
	for _, c := range counts {
		if c.Subject == "sum" {
			continue
		}
		if c.N = int64(math.Round(float64(c.N)/float64(threshold))) * threshold; c.N > 0 {
			kept = append(kept, c)
		}
	}
	return kept
}
