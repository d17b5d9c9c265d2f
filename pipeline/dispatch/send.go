package dispatch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/store"
	"peil/reports/cbs"
)

// A delivery happens once, whatever dies: what exactly is about to be sent stands in the
// ledger before the first byte goes, what became of it afterwards. Of a sending without a
// result the next run finds out what arrived, file by file, and only then decides.

// send writes down that the parcel is about to go, sends it, reads it back, and writes down
// the result.
func (c *Courier) send(ctx context.Context, p *Parcel, reason string) (*Delivery, error) {
	d := &Delivery{Output: p.Manifest.Output, Period: p.Manifest.Period, Folder: p.Folder, Recipient: c.recipient.Name, To: c.to}
	items, err := c.wrap(ctx, p)
	if err != nil {
		return nil, c.undelivered(d, err)
	}
	e := c.entry(p, delivery.Sending)
	e.Recipient, e.To, e.Reason = &c.recipient, c.to, reason
	for _, i := range items {
		e.Files = append(e.Files, i.File)
	}
	e.Fields, e.Sets = p.fields(), p.sets()
	begun, err := c.Ledger.Append(ctx, e)
	if err != nil {
		return nil, err
	}
	result := c.entry(p, delivery.Sent)
	result.Sending = begun.Seq
	if result.Files, err = c.carry(ctx, p, items); err != nil {
		result.Kind, result.Error = delivery.Failed, err.Error()
	}
	d.Files = result.Files
	// also after an interrupt: what became of it must be known
	written, ledgerErr := c.Ledger.Append(context.WithoutCancel(ctx), result)
	d.Entry = written.Seq
	if err != nil {
		err = c.undelivered(d, err)
	}
	if err = errors.Join(err, ledgerErr); err != nil {
		return nil, err
	}
	return d, c.settleRights(ctx, p, written.At)
}

func (c *Courier) undelivered(d *Delivery, err error) error {
	return exit.With(exit.Delivery, fmt.Errorf("deliver %s %s to %s: %w; nothing counts as sent, the same command sends it", d.Output, d.Period, c.to, err))
}

// item is one file as it is about to be sent.
type item struct {
	delivery.File
	from   string // in the store
	sha256 string // of the file there
	sealed []byte // what is sent in its place; nil: the file itself
}

// wrap prepares what the recipient gets. Beside personal data everything is encrypted to
// the recipient, here and not on the way, so that the ledger can say what is sent.
func (c *Courier) wrap(ctx context.Context, p *Parcel) ([]item, error) {
	var items []item
	for _, f := range p.files() {
		i := item{
			File: delivery.File{Name: f.Name, Bytes: f.Bytes, Rows: f.Rows, SHA256: f.SHA256, PlaintextHMAC: f.PlaintextHMAC},
			from: path.Join(p.Folder, f.Name), sha256: f.SHA256,
		}
		if p.Manifest.Edition == "personal" && f.PlaintextHMAC == "" {
			if err := c.seal(ctx, &i); err != nil {
				return nil, fmt.Errorf("encrypt %s: %w", f.Name, err)
			}
		}
		items = append(items, i)
	}
	return items, nil
}

func (c *Courier) seal(ctx context.Context, i *item) error {
	text, err := store.ReadFile(ctx, c.Store, i.from)
	if err != nil {
		return err
	}
	if archive.HexSum(text) != i.sha256 {
		return changed(i.from)
	}
	var sealed bytes.Buffer
	envelope, err := delivery.Encrypt(&sealed, c.keys)
	if err != nil {
		return err
	}
	if _, err := envelope.Write(text); err != nil {
		return err
	}
	if err := envelope.Close(); err != nil {
		return err
	}
	i.sealed = sealed.Bytes()
	i.Name, i.Bytes, i.SHA256 = i.Name+".age", int64(sealed.Len()), archive.HexSum(i.sealed)
	return nil
}

func changed(name string) error {
	return fmt.Errorf("%s is not what the manifest of %s says: see peil verify", path.Base(name), path.Dir(name))
}

// files are what the recipient gets, in the order in which they go: the control file,
// which tells that the delivery is whole, comes last.
func (p *Parcel) files() []archive.File {
	files := slices.DeleteFunc(slices.Clone(p.Manifest.Files), func(f archive.File) bool { return f.Own })
	slices.SortStableFunc(files, func(a, b archive.File) int {
		if a.Name == cbs.ControlName {
			return 1
		}
		if b.Name == cbs.ControlName {
			return -1
		}
		return 0
	})
	return files
}

// destination is the parcel's folder at the target.
func (p *Parcel) destination() string {
	if p.Manifest.Revision > 1 {
		return archive.RevisionFolder(p.Manifest.Period, p.Manifest.Revision)
	}
	return p.Manifest.Period
}

// carry sends the items and reads them back, where that is allowed. It returns those that
// were sent.
func (c *Courier) carry(ctx context.Context, p *Parcel, items []item) ([]delivery.File, error) {
	target, err := c.openTarget(ctx)
	if err != nil {
		return nil, err
	}
	defer target.Close()
	var sent []delivery.File
	for _, i := range items {
		if err := c.copy(ctx, target, path.Join(p.destination(), i.Name), i); err != nil {
			return sent, err
		}
		sent = append(sent, i.File)
	}
	missing, err := delivery.Arrived(ctx, target, p.destination(), sent)
	switch {
	case errors.Is(err, fs.ErrPermission): // the target may only be written to
	case err != nil:
		return sent, err
	case len(missing) > 0:
		return sent, fmt.Errorf("read back %s: it is not what was sent", missing[0])
	}
	return sent, nil
}

// openTarget opens the destination that address found.
func (c *Courier) openTarget(ctx context.Context) (delivery.Target, error) {
	if c.Target != nil {
		return c.Target(ctx, c.to, c.s3, c.Run)
	}
	return archive.OpenPlace(ctx, c.s3, c.to, c.Run)
}

// copy sends one file if it is what the manifest says.
func (c *Courier) copy(ctx context.Context, target delivery.Target, name string, i item) error {
	var r io.ReadCloser = io.NopCloser(bytes.NewReader(i.sealed))
	if i.sealed == nil {
		var err error
		if r, err = c.Store.Open(ctx, i.from); err != nil {
			return err
		}
	}
	defer r.Close()
	w, err := target.Create(ctx, name)
	if err != nil {
		return err
	}
	defer w.Abort()
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, sum), r); err != nil {
		return fmt.Errorf("send %s: %w", i.Name, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != i.SHA256 {
		return fmt.Errorf("send %s: %w", i.Name, changed(i.from))
	}
	if err := w.Commit(); err != nil {
		return fmt.Errorf("send %s: %w", i.Name, err)
	}
	return nil
}

// settle finds out what became of a sending that has no result, since its run died: if all
// of it arrived it counts as sent, else as failed. Where the target cannot be read nobody
// knows, and the state stays as it is.
func (c *Courier) settle(ctx context.Context, p *Parcel) error {
	last := p.State.Last
	if last == nil || p.State.Result != nil || len(last.Files) == 0 {
		return nil
	}
	there := *c
	there.to = last.To
	if last.To != c.to {
		there.s3 = c.Config.S3 // of what it was then nothing is known
	}
	target, err := there.openTarget(ctx)
	if err != nil {
		return c.unsettled(last, err)
	}
	defer target.Close()
	if err := target.Sweep(ctx, last.Run, p.destination()); err != nil && !errors.Is(err, fs.ErrPermission) {
		return c.unsettled(last, err)
	}
	missing, err := delivery.Arrived(ctx, target, p.destination(), last.Files)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return c.unsettled(last, err)
	}
	e := c.entry(p, delivery.Sent)
	e.Sending, e.Files, e.Manifest = last.Seq, last.Files, last.Manifest
	e.Reason = "the run that sent it died; everything was found at the destination afterwards"
	if len(missing) > 0 {
		e.Kind, e.Files, e.Reason = delivery.Failed, nil, ""
		e.Error = fmt.Sprintf("the run that sent it died; %d of %d files had not arrived", len(missing), len(last.Files))
	}
	result, err := c.Ledger.Append(ctx, e)
	p.State.Result = &result
	if err != nil || result.Kind == delivery.Failed {
		return err
	}
	return c.settleRights(ctx, p, result.At)
}

func (c *Courier) unsettled(sending *delivery.Entry, err error) error {
	return exit.With(exit.Delivery, fmt.Errorf("find out whether the sending of entry %d arrived at %s: %w; nothing is sent before that is known", sending.Seq, sending.To, err))
}

// Opener opens a target; tests put their own in its place.
type Opener func(ctx context.Context, to string, s config.S3, run string) (delivery.Target, error)
