package pipeline

import (
	"cmp"
	"context"
	"io"
	"path"
	"strings"
	"time"

	"filippo.io/age"

	"peil/pipeline/config"
	"peil/pipeline/delivery"
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
	err = withStore(ctx, o.Config, o.Env, o.Now, o.Random, func(ctx context.Context, d desk) error {
		c := courier{desk: d}
		if err := c.address(o.Output); err != nil {
			return err
		}
		if err := recordReasons(ctx, c.ledger, c.run, sections(o.Config)...); err != nil {
			return err
		}
		sent, err = c.deliver(ctx, o)
		return err
	})
	return sent, err
}

// courier takes published folders to where the configuration says.
type courier struct {
	desk
	recipient config.Recipient
	keys      []age.Recipient // none: the recipient has none
	to        string
	s3        config.S3 // of the destination
	target    opener    // nil: as configured
}

// address finds recipient and destination of an output.
func (c *courier) address(output string) error {
	to, ok := c.config.Deliver[output]
	if !ok {
		return Usage("deliver %s: no destination is configured: add deliver.%s.to in %s", output, output, c.config.File())
	}
	if err := checkDestination(c.config, output); err != nil {
		return err
	}
	c.recipient, c.to, c.s3 = c.config.Recipients[output], absolute(c.config, to.To), *cmp.Or(to.S3, &c.config.S3)
	if len(c.recipient.Keys) > 0 {
		var err error
		if c.keys, err = delivery.ParseRecipients(c.recipient.Keys); err != nil {
			return Usage("recipients.%s.keys in %s: %w", output, c.config.File(), err)
		}
	}
	return nil
}

// parcel is a published folder to be sent.
type parcel struct {
	folder   string
	manifest *Manifest
	sum      string // SHA-256 of the manifest
	state    delivery.State
}

// newParcel is the last revision of a period among published folders; nil if there is none.
func newParcel(folders []string, manifests []*Manifest, output, period string) *parcel {
	p := &parcel{}
	for i, m := range manifests {
		if m.Output == output && m.Period == period && m.Edition != "internal" && later(m, p.manifest) {
			p.folder, p.manifest = folders[i], m
		}
	}
	if p.manifest == nil {
		return nil
	}
	return p
}

// know finds out what the ledger tells of the parcel as its manifest is.
func (p *parcel) know(ctx context.Context, s store.Store, entries []delivery.Entry) error {
	text, err := store.ReadFile(ctx, s, path.Join(p.folder, store.ManifestName))
	if err != nil {
		return err
	}
	p.sum = hexSum(text)
	p.state = delivery.StateOf(entries, p.folder, p.sum)
	return nil
}

// pack reads the last revision of a period and what the ledger knows of it.
func (c *courier) pack(ctx context.Context, output, period string) (*parcel, error) {
	folders, manifests, err := publications(ctx, c.store, "public/"+output, "private/"+output)
	if err != nil {
		return nil, err
	}
	p := newParcel(folders, manifests, output, period)
	if p == nil {
		return nil, Usage("deliver %s %s: the store holds no such publication: see peil status, or make it with peil run %s", output, period, output)
	}
	entries, _, err := c.ledger.Entries(ctx)
	if err != nil {
		return nil, err
	}
	return p, p.know(ctx, c.store, entries)
}

func (c *courier) deliver(ctx context.Context, o DeliverOptions) (*Delivery, error) {
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
		if _, err := c.ledger.Append(ctx, e); err != nil {
			return nil, err
		}
	}
	return c.send(ctx, p, o.Reason)
}

// mayGo refuses what must not be sent: in clear, twice, or unapproved.
func (c *courier) mayGo(o DeliverOptions, p *parcel) error {
	if gone := p.manifest.Purged; gone != nil {
		return Usage("deliver %s %s: retention has removed its files on %s, as %s says", o.Output, o.Period, gone.On, gone.Certificate)
	}
	// A configuration without it is right as long as nothing is sent.
	if strings.TrimSpace(c.recipient.Assessment) == "" {
		return Usage("deliver %s: the reference of the data protection impact assessment is missing: write it as recipients.%s.assessment in %s", o.Output, o.Output, c.config.File())
	}
	if p.manifest.Edition == "personal" {
		if len(c.keys) == 0 {
			return Usage("deliver %s: it holds personal data and there is no key to encrypt it to: add the recipient's age public key under recipients.%s.keys in %s, and run again", o.Output, o.Output, c.config.File())
		}
		for _, f := range p.manifest.members() {
			if f.PlaintextHMAC == "" {
				return Usage("deliver %s: %s/%s is in clear and is never sent: add the recipient's key and run again", o.Output, p.folder, f.Name)
			}
		}
	}
	if p.state.Delivered() {
		again := "sent at " + p.state.Last.At
		if p.state.Result == nil {
			again = "begun at " + p.state.Last.At + ", and nobody knows whether it arrived: look at " + p.state.Last.To
		}
		if !o.Again {
			return Usage("deliver %s %s: it was %s (entry %d of the ledger); to send it again give --again --reason TEXT", o.Output, o.Period, again, p.state.Last.Seq)
		}
		if strings.TrimSpace(o.Reason) == "" {
			return Usage("--again needs --reason TEXT: it is kept in the ledger")
		}
	}
	if c.config.Deliver[o.Output].Approve != "automatic" && o.Approve == "" && p.state.Approved == nil {
		return Usage("deliver %s %s: nobody has approved it as it is now: look at %s in the store, then give --approve \"NAME, REASON\"", o.Output, o.Period, p.folder)
	}
	return nil
}

// parseApproval reads "NAME, REASON".
func parseApproval(text string) (name, reason string, err error) {
	name, reason, _ = strings.Cut(text, ",")
	name, reason = strings.TrimSpace(name), strings.TrimSpace(reason)
	if name == "" || reason == "" {
		return "", "", Usage("--approve %q: write who approves and why, as in \"A. de Vries, figures agreed with the director\"", text)
	}
	return name, reason, nil
}

func (c *courier) entry(p *parcel, kind string) delivery.Entry {
	return delivery.Entry{Kind: kind, Run: c.run, Output: p.manifest.Output, Period: p.manifest.Period, Folder: p.folder, Manifest: p.sum}
}

func (c *courier) deliverByItself(ctx context.Context, output, period string, automatic bool) (string, error) {
	p, err := c.pack(ctx, output, period)
	if err != nil {
		return "", err
	}
	if err := c.settle(ctx, p); err != nil {
		return "", err
	}
	switch {
	case p.state.Result != nil && p.state.Delivered():
		return Delivered, nil
	case !automatic && p.state.Approved == nil:
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
