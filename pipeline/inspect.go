package pipeline

import (
	"context"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/dispatch"
	"peil/pipeline/intake"
	"peil/pipeline/source"
)

// Inspected is what check found out about one table of the source.
type Inspected struct {
	Table   string   `json:"table"`
	Parts   []string `json:"parts"` // files, or queries
	Bytes   int64    `json:"bytes"`
	Present []string `json:"columns"` // those of the allow-list that it has
	Missing []string `json:"missing"` // optional columns that the source lacks
	Ignored []string `json:"ignored"` // headings that are not on the allow-list
}

// Inspect opens everything that a run would need, reads headings but no rows, and says
// what is there. Its errors are those of a run.
func Inspect(ctx context.Context, c *config.Config, env func(string) (string, bool)) ([]Inspected, error) {
	s, err := intake.OpenSource(ctx, c, "", env)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, err := archive.LoadKey(ctx, c, env); err != nil {
		return nil, err
	}
	for output := range c.Deliver {
		if err := dispatch.CheckDestination(c, output); err != nil {
			return nil, err
		}
	}
	if c.Outputs.CBS != nil {
		if _, err := cbsRecipients(c, true); err != nil {
			return nil, err
		}
	}
	if c.Outputs.NewMembers != nil {
		if _, err := intake.ReadAreas(ctx, c, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			return nil, err
		}
	}
	store, err := archive.OpenStore(ctx, c)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	var all []Inspected
	for _, t := range s.Tables() {
		in := Inspected{Table: t.Name, Present: t.Present, Ignored: t.Ignored}
		for _, p := range t.Parts {
			in.Parts = append(in.Parts, p.Name())
			in.Bytes += p.Size()
		}
		for _, col := range source.Columns[t.Name] {
			if !t.Has(col.Name) {
				in.Missing = append(in.Missing, col.Name)
			}
		}
		all = append(all, in)
	}
	return all, nil
}
