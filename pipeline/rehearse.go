package pipeline

import (
	"context"
	"path"
	"path/filepath"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/dispatch"
	"peil/pipeline/store"
)

// Rehearsal is what a run would do, found out by doing all of it on a store and to
// destinations that forget.
type Rehearsal struct {
	AsOf       string      `json:"as_of"`
	Store      string      `json:"store"`
	Due        []Task      `json:"due,omitempty"` // of a run of what is due
	Outputs    []Output    `json:"outputs"`
	Writes     []Write     `json:"writes"`
	Removes    []string    `json:"removes"` // names in the store
	Deliveries []WouldSend `json:"deliveries"`
	Status     int         `json:"status"` // that the run would end with
}

// Write is a file that would be written into the store.
type Write struct {
	Name  string `json:"name"`
	Rows  int64  `json:"rows,omitempty"`
	Bytes int64  `json:"bytes"`
}

// WouldSend is a delivery that would be made.
type WouldSend struct {
	Output    string   `json:"output"`
	Period    string   `json:"period"`
	Recipient string   `json:"recipient"`
	To        string   `json:"to"`
	Files     []string `json:"files"` // names at the destination; none while it awaits approval
	// Delivery is delivered, awaiting approval or failed.
	Delivery string `json:"delivery"`
}

// Rehearse does what a run with these options would do, and changes nothing: the source is
// read, everything is counted, checked and staged, and what would be written is told.
func Rehearse(ctx context.Context, o Options) (*Rehearsal, error) {
	h := &Rehearsal{AsOf: o.AsOf.Format(time.DateOnly), Store: o.Config.Store, Writes: []Write{}, Removes: []string{}, Deliveries: []WouldSend{}}
	o.rehearsal = h
	s, err := Run(ctx, o)
	if err != nil {
		return nil, err
	}
	h.Status = s.ExitStatus()
	return h, nil
}

// RehearseDue is Rehearse for a run of what is due.
func RehearseDue(ctx context.Context, o Options) (*Rehearsal, error) {
	h := &Rehearsal{AsOf: o.AsOf.Format(time.DateOnly), Store: o.Config.Store, Writes: []Write{}, Removes: []string{}, Deliveries: []WouldSend{}}
	o.rehearsal = h
	d, err := RunDue(ctx, o)
	if err != nil {
		return nil, err
	}
	h.Due, h.Status = d.Due, d.ExitStatus()
	return h, nil
}

// rehearse puts a store and destinations that forget in the place of the run's own.
func (r *run) rehearse(ctx context.Context) error {
	if r.o.rehearsal == nil {
		return nil
	}
	scratch, err := store.Open(ctx, filepath.Join(r.work.Path, "store"), store.Options{})
	if err != nil {
		return err
	}
	r.store = store.Rehearse(r.store, scratch)
	r.o.target = func(ctx context.Context, _ string, _ config.S3, run string) (delivery.Target, error) {
		return store.Open(ctx, filepath.Join(r.work.Path, "destination"), store.Options{Run: run})
	}
	return nil
}

// rehearsed takes down what was done.
func (r *run) rehearsed(ctx context.Context) error {
	h := r.o.rehearsal
	if h == nil {
		return nil
	}
	written, removed, err := store.Changes(ctx, r.store)
	if err != nil {
		return err
	}
	manifests := map[string]*archive.Manifest{}
	for _, o := range written {
		folder := path.Dir(o.Name)
		if _, seen := manifests[folder]; !seen && path.Dir(folder) != archive.StateFolder && path.Dir(folder) != archive.FrozenFolder {
			if manifests[folder], err = archive.ReadManifest(ctx, r.store, folder); err != nil {
				return err
			}
		}
		h.Writes = append(h.Writes, Write{Name: o.Name, Rows: rowsIn(manifests[folder], path.Base(o.Name)), Bytes: o.Size})
	}
	h.Removes = append(h.Removes, removed...)
	h.Outputs = append(h.Outputs, r.summary.Outputs...)
	entries, _, err := r.ledger.Entries(ctx)
	if err != nil {
		return err
	}
	for _, out := range r.summary.Outputs {
		if d := r.wouldSend(out, entries); d != nil {
			h.Deliveries = append(h.Deliveries, *d)
		}
	}
	return nil
}

func rowsIn(m *archive.Manifest, file string) int64 {
	if m != nil {
		for _, f := range m.Files {
			if f.Name == file {
				return f.Rows
			}
		}
	}
	return 0
}

// wouldSend is the delivery of an output in this run; nil if there was none.
func (r *run) wouldSend(out Output, entries []delivery.Entry) *WouldSend {
	d := &WouldSend{
		Output: out.Name, Period: out.Period, Delivery: out.Delivery,
		Recipient: r.c.Recipients[out.Name].Name, To: archive.Absolute(r.c, r.c.Deliver[out.Name].To), Files: []string{},
	}
	for _, e := range entries {
		if e.Kind == delivery.Sending && e.Run == r.id && e.Output == out.Name && e.Period == out.Period {
			for _, f := range e.Files {
				d.Files = append(d.Files, f.Name)
			}
		}
	}
	if len(d.Files) == 0 && out.Delivery != dispatch.AwaitingApproval && out.Delivery != dispatch.DeliveryFailed {
		return nil
	}
	return d
}
