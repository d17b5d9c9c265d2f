package pipeline

import (
	"context"

	"peil/pipeline/retention"
)

// Due says what retention asks of a store, as a run found it.
type Due struct {
	Past    int    `json:"past"`    // things held on persons for too long, before the run
	Removed int    `json:"removed"` // of them by the run, where retention.purge is automatic
	Problem string `json:"problem,omitempty"`
}

// purge looks at what is past retention before a run begins, and removes it where the
// configuration says so. What cannot be removed is told, and stops no run.
func (r *run) purge(ctx context.Context) error {
	p := retention.NewPurger(r.desk(), r.work.Path, r.o.Version, r.o.Env, r.o.Now)
	due := &r.summary.Retention
	var err error
	if due.Past, err = p.Past(ctx); err != nil || due.Past == 0 || !r.c.Retention.Automatic() {
		return err
	}
	c, err := p.Purge(ctx, true)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		due.Problem = err.Error()
		r.o.Events(Event{Kind: Warning, Name: "purge", Text: due.Problem})
	}
	if c != nil && c.Finished != "" {
		due.Removed = len(c.Removed)
	}
	return nil
}
