package archive

import (
	"context"
	"io"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/rights"
	"peil/reports/privacy"
)

// WriteLedgerPage writes the page of the ledger and the register of rights, for the privacy
// officer. It names no member.
func WriteLedgerPage(ctx context.Context, w io.Writer, c *config.Config, env func(string) (string, bool), now func() time.Time) error {
	v, err := VerifyLedger(ctx, c, env, now)
	if err != nil {
		return err
	}
	key, err := LoadKey(ctx, c, env)
	if err != nil {
		return err
	}
	s, err := OpenStore(ctx, c)
	if err != nil {
		return err
	}
	defer s.Close()
	page := privacy.Ledger{Library: c.Library, On: now(), Head: v.Head, Faults: v.Faults}
	if page.Entries, _, err = LedgerOf(s, key, env, now).Entries(ctx); err != nil && len(v.Faults) == 0 {
		return err
	}
	if page.Register, err = rights.Open(ctx, s, key, rights.LastRevision(page.Entries)); err != nil {
		page.Faults, page.Register = append(page.Faults, err.Error()), &rights.Register{}
	}
	return page.WritePage(w)
}
