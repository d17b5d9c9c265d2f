package pipeline

import (
	"context"
	"errors"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/dispatch"
	"peil/pipeline/exit"
)

// delivered sends an output of the run whose delivery needs no approval, and says what
// became of it. An output that was delivered before stays as it is.
func (r *run) delivered(ctx context.Context, out Output) (string, error) {
	to, configured := r.c.Deliver[out.Name]
	if !configured || len(out.Folders) == 0 {
		return "", nil
	}
	c := dispatch.Courier{Desk: r.desk(), Target: r.o.target}
	if err := c.Address(out.Name); err != nil {
		return "", err
	}
	became, err := c.DeliverByItself(ctx, out.Name, out.Period, to.Approve == "automatic")
	var failed *exit.Error
	if errors.As(err, &failed) && ctx.Err() == nil {
		r.o.Events(Event{Kind: Warning, Name: "deliver", Text: err.Error()})
		return dispatch.DeliveryFailed, nil
	}
	return became, err
}

// recordCBS writes down, before a delivery is published, that it is in clear, and which
// failed checks were accepted for it.
func (r *run) recordCBS(ctx context.Context, s *staged, manifest []byte) error {
	entry := delivery.Entry{Run: r.id, Output: s.manifest.Output, Period: s.manifest.Period, Folder: s.folder, Manifest: archive.HexSum(manifest)}
	for _, c := range r.accepted {
		e := entry
		e.Kind, e.Check, e.Reason, e.Finding = delivery.Acceptance, c.Name, c.Accepted, c.Text["en"]
		if _, err := r.ledger.Append(ctx, e); err != nil {
			return err
		}
	}
	if len(r.recipients) > 0 {
		return nil
	}
	entry.Kind = delivery.Plaintext
	for _, f := range s.manifest.MemberFiles() {
		entry.Files = append(entry.Files, delivery.File{Name: f.Name, Bytes: f.Bytes, Rows: f.Rows, SHA256: f.SHA256})
	}
	_, err := r.ledger.Append(ctx, entry)
	return err
}
