package pipeline

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/dispatch"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rights"
	"peil/pipeline/store"
	"peil/pipeline/store/storetest"
)

// sendings is as much of a run as publishes and delivers a member file.
type sendings struct {
	t    *testing.T
	c    *config.Config
	key  pseudonym.Key
	to   []age.Recipient
	runs int
}

const dispatchConfig = `version: 1
library: {name: Voorbeeld, isil: NL-0823450000}
source: {type: file, members: members.csv, branches: branches.csv}
keys: {file: peil.key}
store: %s
recipients:
  cbs: {name: CBS, basis: public task, agreement: A 1, assessment: D 1, keys: [%s]}
outputs: {cbs: {}}
deliver:
  cbs: {to: %q, approve: automatic}
`

func newSendings(t *testing.T, place, to string) *sendings {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "peil.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, dispatchConfig, place, identity.Recipient(), to), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &sendings{t: t, to: []age.Recipient{identity.Recipient()}}
	if d.c, err = config.Load(path); err != nil {
		t.Fatal(err)
	}
	if _, err := pseudonym.Create(d.c.Path("peil.key"), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if d.key, err = archive.LoadKey(t.Context(), d.c, os.LookupEnv); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *sendings) now() time.Time { return newYear.Add(time.Duration(d.runs) * time.Hour) }

// run publishes and delivers the file, through a store and to a destination that both fail
// from their n-th call on; with n = 0 they do not. It returns the call that failed first.
func (d *sendings) run(n int) (failed string, became string, err error) {
	d.runs++
	s, err := archive.OpenStore(d.t.Context(), d.c)
	if err != nil {
		d.t.Fatal(err)
	}
	defer s.Close()
	faulty := storetest.FailAt(s, n)
	if n == 0 {
		faulty = storetest.FailAt(s, 1<<30)
	}
	r := &run{
		c: d.c, id: fmt.Sprint("run-", d.runs), store: faulty, key: d.key, recipients: d.to, ledger: archive.LedgerOf(faulty, d.key, os.LookupEnv, d.now),
		o: Options{Now: d.now, Events: func(Event) {}, target: func(ctx context.Context, to string, s3 config.S3, run string) (delivery.Target, error) {
			target, err := archive.OpenPlace(ctx, s3, to, run)
			return faulty.With(target), err
		}},
	}
	lock, err := faulty.Lock(d.t.Context(), store.Owner{Run: r.id, Host: "host", PID: 1, Since: d.now()})
	if err != nil {
		return faulty.Failed(), "", err
	}
	became, err = d.publishAndDeliver(lock.Context(), r)
	return faulty.Failed(), became, errors.Join(err, lock.Release())
}

func (d *sendings) publishAndDeliver(ctx context.Context, r *run) (string, error) {
	set, err := r.store.Stage(ctx, "private/cbs/2025-01-01")
	if err != nil {
		return "", err
	}
	defer set.Discard()
	s := &staged{
		folder: "private/cbs/2025-01-01", set: set, recipients: d.to,
		fingerprint: func() hash.Hash { return d.key.Hash(pseudonym.Fingerprint) },
		manifest:    archive.Manifest{Version: archive.ManifestVersion, Output: "cbs", Period: "2025-01-01", Edition: "personal", KeyID: d.key.ID()},
	}
	lines := func(w io.Writer) (int64, error) {
		_, err := io.WriteString(w, "19800101;1\r\n")
		return 1, err
	}
	if err := (encrypted{s}).File(ctx, "members.csv", lines); err != nil {
		return "", err
	}
	if err := s.File(ctx, "control.csv", lines); err != nil {
		return "", err
	}
	s.manifest.Members = &delivery.Set{Name: rights.SetName("cbs", "2025-01-01"), Persons: 1}
	if s.members, err = rights.NewSet(ctx, r.store, d.key, s.manifest.Members, func(w io.Writer) error {
		_, err := io.WriteString(w, "6e1fa3,\n")
		return err
	}); err != nil {
		return "", err
	}
	defer s.members.Abort()
	if _, err := r.publishOne(ctx, s); err != nil {
		return "", err
	}
	return r.delivered(ctx, Output{Name: "cbs", Period: "2025-01-01", Folders: []string{s.folder}})
}

// Whatever call of the store or of the destination a run dies at, and the one after it: in
// the end there is one complete delivery, and the ledger tells of one that arrived.
func TestExactlyOneDelivery(t *testing.T) {
	for _, kind := range []struct{ name, store, to string }{
		{"directory", "out", "sent"}, {"S3", "s3://" + storetest.Bucket + "/%d/peil", "s3://" + storetest.Bucket + "/%d/sent"},
	} {
		t.Run(kind.name, func(t *testing.T) {
			server := storetest.NewS3(t)
			t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
			calls := map[string]bool{}
			for n := 1; ; n++ {
				d := newSendings(t, number(kind.store, n), number(kind.to, n))
				first, _, _ := d.run(n)
				if first == "" {
					break
				}
				again := 1 + 7*n%40 // any call, in another order
				second, _, _ := d.run(again)
				calls[strings.Fields(first)[0]] = true
				when := fmt.Sprintf("dead at call %d (%s), then at %d (%s)", n, first, again, second)
				if _, became, err := d.run(0); err != nil || became != dispatch.Delivered {
					t.Fatalf("%s, then: %s, %v", when, became, err)
				}
				d.wantOneDelivery(when)
			}
			for _, call := range []string{"lock", "stage", "open", "list", "create", "write", "commit", "publish"} {
				if !calls[call] {
					t.Errorf("no run died at a call of %s: the test proves less than it says", call)
				}
			}
		})
	}
}

// number gives each library its own place in a bucket.
func number(place string, n int) string { return strings.Replace(place, "%d", fmt.Sprint(n), 1) }

// wantOneDelivery fails unless the destination holds one whole delivery and nothing else,
// the store is as its manifests say, and the ledger holds one result that is good.
func (d *sendings) wantOneDelivery(when string) {
	t := d.t
	t.Helper()
	s, err := archive.OpenStore(t.Context(), d.c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	entries, _, err := archive.LedgerOf(s, d.key, os.LookupEnv, d.now).Entries(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	var kinds []string
	for _, e := range entries {
		kinds = append(kinds, e.Kind)
	}
	sent := slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return kind != delivery.Sent })
	if len(sent) != 1 || kinds[len(kinds)-1] != delivery.Sent {
		t.Errorf("%s: the ledger holds %v", when, kinds)
	}
	target, err := archive.OpenPlace(t.Context(), d.c.S3, archive.Absolute(d.c, d.c.Deliver["cbs"].To), "")
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	missing, err := delivery.Arrived(t.Context(), target, "2025-01-01", entries[len(entries)-1].Files)
	if err != nil || len(missing) > 0 {
		t.Errorf("%s: missing at the destination: %v, %v", when, missing, err)
	}
	if objects, err := target.List(t.Context(), ""); err != nil || len(objects) != 2 {
		t.Errorf("%s: the destination holds %v, want 2 files: %v", when, objects, err)
	}
	for _, place := range []store.Store{s, target} {
		if left, _ := filepath.Glob(filepath.Join(place.Location(), ".*")); len(left) > 0 {
			t.Errorf("%s: left behind: %v", when, left)
		}
	}
	found, err := archive.Verify(t.Context(), s, "")
	if err != nil || len(found) != 1 || len(found[0].Differs) > 0 {
		t.Errorf("%s: the store holds %+v, %v", when, found, err)
	}
}

// A destination that may only be written to is not read back. If a run died over it a
// person must look there: it is neither sent again nor counted as sent.
func TestDeliverToWhatCannotBeRead(t *testing.T) {
	d := newSendings(t, "out", "sent")
	s, err := archive.OpenStore(t.Context(), d.c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	blind := func(ctx context.Context, to string, s3 config.S3, run string) (delivery.Target, error) {
		target, err := archive.OpenPlace(ctx, s3, to, run)
		return writeOnly{target}, err
	}
	lock, err := s.Lock(t.Context(), store.Owner{Run: "run"})
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	var warned string
	r := &run{c: d.c, id: "run", store: s, key: d.key, recipients: d.to, ledger: archive.LedgerOf(s, d.key, os.LookupEnv, d.now), o: Options{
		Now: d.now, target: blind, Events: func(e Event) { warned = e.Text },
	}}
	if became, err := d.publishAndDeliver(t.Context(), r); err != nil || became != dispatch.Delivered {
		t.Errorf("got %s, %v", became, err)
	}
	entries, _, err := r.ledger.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sending := entries[0]
	if _, err := r.ledger.Append(t.Context(), sending); err != nil {
		t.Fatal(err)
	}
	if became, err := d.publishAndDeliver(t.Context(), r); err != nil || became != dispatch.DeliveryFailed || !strings.Contains(warned, "nobody knows whether it arrived") {
		t.Errorf("got %s, %v, warning %q", became, err, warned)
	}
	if entries, _, _ := r.ledger.Entries(t.Context()); len(entries) != 3 {
		t.Errorf("the ledger holds %d entries, want 3", len(entries))
	}
}

type writeOnly struct{ store.Store }

func (writeOnly) Open(context.Context, string) (io.ReadCloser, error) { return nil, fs.ErrPermission }
