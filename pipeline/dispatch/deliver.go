// Package dispatch takes published outputs to their recipients, each exactly once, and writes
// into the ledger what went to whom.
package dispatch

import (
	"cmp"
	"context"
	"io"
	"path"
	"strings"
	"time"

	"filippo.io/age"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/store"
)

// DeliverOptions say what to send. Approve, Again and Reason may be empty; all other
// fields are required.
type DeliverOptions struct {
	Config *config.Config
	Output string
	Period string // of its last revision

	Approve string // "NAME, REASON", where deliver.OUTPUT.approve is manual
	Again   bool   // send what was sent before, or may have been
	Reason  string // for sending again

	Env    func(string) (string, bool)
	Now    func() time.Time
	Random io.Reader // for the name of the delivery
}

// Delivery is what was sent.
type Delivery struct {
	Output    string          `json:"output"`
	Period    string          `json:"period"`
	Folder    string          `json:"folder"` // in the store
	To        string          `json:"to"`
	Recipient string          `json:"recipient"`
	Files     []delivery.File `json:"files"`
	Entry     int             `json:"entry"` // of the ledger
}

// Deliver sends a published output to its recipient, once. The ledger is told that it is
// about to happen, and what became of it. The error of a delivery that began and failed has
// exit status 6; nothing is left at the destination under a file's name that is not whole.
func Deliver(ctx context.Context, o DeliverOptions) (sent *Delivery, err error) {
	err = archive.WithStore(ctx, o.Config, o.Env, o.Now, o.Random, func(ctx context.Context, d archive.Desk) error {
		c := Courier{Desk: d}
		if err := c.Address(o.Output); err != nil {
			return err
		}
		if err := archive.RecordReasons(ctx, c.Ledger, c.Run, archive.Sections(o.Config)...); err != nil {
			return err
		}
		sent, err = c.Deliver(ctx, o)
		return err
	})
	return sent, err
}

// Courier takes published folders to where the configuration says.
type Courier struct {
	archive.Desk
	recipient config.Recipient
	keys      []age.Recipient // none: the recipient has none
	to        string
	s3        config.S3 // of the destination
	Target    Opener    // nil: as configured
}

// Address finds recipient and destination of an output.
func (c *Courier) Address(output string) error {
	to, ok := c.Config.Deliver[output]
	if !ok {
		return exit.Usagef("deliver %s: no destination is configured: add deliver.%s.to in %s", output, output, c.Config.File())
	}
	if err := CheckDestination(c.Config, output); err != nil {
		return err
	}
	c.recipient, c.to, c.s3 = c.Config.Recipients[output], archive.Absolute(c.Config, to.To), *cmp.Or(to.S3, &c.Config.S3)
	if len(c.recipient.Keys) > 0 {
		var err error
		if c.keys, err = delivery.ParseRecipients(c.recipient.Keys); err != nil {
			return exit.Usagef("recipients.%s.keys in %s: %w", output, c.Config.File(), err)
		}
	}
	return nil
}

// Parcel is a published folder to be sent.
type Parcel struct {
	Folder   string
	Manifest *archive.Manifest
	sum      string // SHA-256 of the manifest
	State    delivery.State
}

// NewParcel is the last revision of a period among published folders; nil if there is none.
func NewParcel(folders []string, manifests []*archive.Manifest, output, period string) *Parcel {
	p := &Parcel{}
	for i, m := range manifests {
		if m.Output == output && m.Period == period && m.Edition != "internal" && archive.Later(m, p.Manifest) {
			p.Folder, p.Manifest = folders[i], m
		}
	}
	if p.Manifest == nil {
		return nil
	}
	return p
}

// Know finds out what the ledger tells of the parcel as its manifest is.
func (p *Parcel) Know(ctx context.Context, s store.Store, entries []delivery.Entry) error {
	text, err := store.ReadFile(ctx, s, path.Join(p.Folder, store.ManifestName))
	if err != nil {
		return err
	}
	p.sum = archive.HexSum(text)
	p.State = delivery.StateOf(entries, p.Folder, p.sum)
	return nil
}

// pack reads the last revision of a period and what the ledger knows of it.
func (c *Courier) pack(ctx context.Context, output, period string) (*Parcel, error) {
	of, err := archive.ParsePeriod(output, period)
	if err != nil {
		return nil, err
	}
	folders, manifests, err := archive.Publications(ctx, c.Store, of.Folders()...)
	if err != nil {
		return nil, err
	}
	p := NewParcel(folders, manifests, output, period)
	if p == nil {
		return nil, exit.Usagef("deliver %s %s: the store holds no such publication: see peil status, or make it with peil run %s", output, period, output)
	}
	entries, _, err := c.Ledger.Entries(ctx)
	if err != nil {
		return nil, err
	}
	return p, p.Know(ctx, c.Store, entries)
}

// Deliver sends a period once it is addressed, or settles a sending that was cut off.
func (c *Courier) Deliver(ctx context.Context, o DeliverOptions) (*Delivery, error) {
	p, err := c.pack(ctx, o.Output, o.Period)
	if err != nil {
		return nil, err
	}
	if err := c.settle(ctx, p); err != nil {
		return nil, err
	}
	if err := c.mayGo(o, p); err != nil {
		return nil, err
	}
	if err := c.checkRights(ctx, p); err != nil {
		return nil, err
	}
	if o.Approve != "" {
		name, reason, err := parseApproval(o.Approve)
		if err != nil {
			return nil, err
		}
		e := c.entry(p, delivery.Approval)
		e.By, e.Reason = name, reason
		if _, err := c.Ledger.Append(ctx, e); err != nil {
			return nil, err
		}
	}
	return c.send(ctx, p, o.Reason)
}

// mayGo refuses what must not be sent: in clear, twice, or unapproved.
func (c *Courier) mayGo(o DeliverOptions, p *Parcel) error {
	if gone := p.Manifest.Purged; gone != nil {
		return exit.Usagef("deliver %s %s: retention has removed its files on %s, as %s says", o.Output, o.Period, gone.On, gone.Certificate)
	}
	// A configuration without it is right as long as nothing is sent.
	if strings.TrimSpace(c.recipient.Assessment) == "" {
		return exit.Usagef("deliver %s: the reference of the data protection impact assessment is missing: write it as recipients.%s.assessment in %s", o.Output, o.Output, c.Config.File())
	}
	if p.Manifest.Edition == "personal" {
		if len(c.keys) == 0 {
			return exit.Usagef("deliver %s: it holds personal data and there is no key to encrypt it to: add the recipient's age public key under recipients.%s.keys in %s, and run again", o.Output, o.Output, c.Config.File())
		}
		for _, f := range p.Manifest.MemberFiles() {
			if f.PlaintextHMAC == "" {
				return exit.Usagef("deliver %s: %s/%s is in clear and is never sent: add the recipient's key and run again", o.Output, p.Folder, f.Name)
			}
		}
	}
	if p.State.Delivered() {
		again := "sent at " + p.State.Last.At
		if p.State.Result == nil {
			again = "begun at " + p.State.Last.At + ", and nobody knows whether it arrived: look at " + p.State.Last.To
		}
		if !o.Again {
			return exit.Usagef("deliver %s %s: it was %s (entry %d of the ledger); to send it again give --again --reason TEXT", o.Output, o.Period, again, p.State.Last.Seq)
		}
		if strings.TrimSpace(o.Reason) == "" {
			return exit.Usagef("--again needs --reason TEXT: it is kept in the ledger")
		}
	}
	if c.Config.Deliver[o.Output].Approve != "automatic" && o.Approve == "" && p.State.Approved == nil {
		return exit.Usagef("deliver %s %s: nobody has approved it as it is now: look at %s in the store, then give --approve \"NAME, REASON\"", o.Output, o.Period, p.Folder)
	}
	return nil
}

// parseApproval reads "NAME, REASON".
func parseApproval(text string) (name, reason string, err error) {
	name, reason, _ = strings.Cut(text, ",")
	name, reason = strings.TrimSpace(name), strings.TrimSpace(reason)
	if name == "" || reason == "" {
		return "", "", exit.Usagef("--approve %q: write who approves and why, as in \"A. de Vries, figures agreed with the director\"", text)
	}
	return name, reason, nil
}

func (c *Courier) entry(p *Parcel, kind string) delivery.Entry {
	return delivery.Entry{Kind: kind, Run: c.Run, Output: p.Manifest.Output, Period: p.Manifest.Period, Folder: p.Folder, Manifest: p.sum}
}

// DeliverByItself sends a period at the end of a run, where that needs no approval or was
// approved, and says what became of it.
func (c *Courier) DeliverByItself(ctx context.Context, output, period string, automatic bool) (string, error) {
	p, err := c.pack(ctx, output, period)
	if err != nil {
		return "", err
	}
	if err := c.settle(ctx, p); err != nil {
		return "", err
	}
	switch {
	case p.State.Result != nil && p.State.Delivered():
		return Delivered, nil
	case !automatic && p.State.Approved == nil:
		return AwaitingApproval, nil
	}
	if err := c.mayGo(DeliverOptions{Output: output, Period: period}, p); err != nil {
		return "", err
	}
	if err := c.checkRights(ctx, p); err != nil {
		return "", err
	}
	if _, err := c.send(ctx, p, ""); err != nil {
		return "", err
	}
	return Delivered, nil
}

// What can have become of sending an output.
const (
	Delivered        = "delivered"
	AwaitingApproval = "awaiting approval"
	DeliveryFailed   = "failed"
)
