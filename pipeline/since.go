package pipeline

import (
	"context"

	"peil/pipeline/archive"
	"peil/pipeline/intake"
)

// remember makes the source of this run read only what has changed since the last.
func (r *run) remember(ctx context.Context) error {
	if !r.o.SinceLast {
		return nil
	}
	var err error
	if r.extract, err = archive.OpenExtract(ctx, r.store, r.key, r.begun); err != nil {
		return err
	}
	r.source.(*intake.Database).Remember(r.extract)
	return nil
}

// keepExtract keeps the extract of this run, or sees to it that an old one goes.
func (r *run) keepExtract(ctx context.Context) error {
	if r.extract == nil {
		return archive.DropOldExtract(ctx, r.store, r.begun)
	}
	r.summary.Fetched = r.source.(*intake.Database).Fetched()
	return r.extract.Publish(ctx)
}
