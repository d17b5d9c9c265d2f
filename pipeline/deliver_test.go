package pipeline

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/demo"
	"peil/pipeline/dispatch"
	"peil/pipeline/exit"
	"peil/pipeline/store"
	"peil/pipeline/store/storetest"
)

// shop is a small fictional library with a delivery configured.
type shop struct {
	t   *testing.T
	dir string
	c   *config.Config
}

var (
	newYear  = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	keysLine = regexp.MustCompile(`keys: \[[^\]]*\]`)
)

func newShop(t *testing.T, deliver string) *shop {
	t.Helper()
	s := &shop{t: t, dir: filepath.Join(t.TempDir(), "lib")}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if _, err := demo.Generate(t.Context(), demo.Options{Dir: s.dir, Members: 300, Loans: 100, Branches: 3, Seed: 5, AsOf: newYear}); err != nil {
		t.Fatal(err)
	}
	s.configure(func(text string) string {
		return strings.Replace(text, "basis: public task", "basis: public task\n    assessment: D 7", 1) + "\ndeliver: {cbs: " + deliver + "}\n"
	})
	return s
}

func (s *shop) configure(change func(string) string) {
	s.t.Helper()
	path := filepath.Join(s.dir, "peil.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(change(string(text))), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if s.c, err = config.Load(path); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) run(o Options) Output {
	s.t.Helper()
	o.Config, o.Outputs, o.AsOf, o.Version = s.c, []string{"cbs"}, newYear, "test"
	o.Env, o.Now, o.Random, o.Events = os.LookupEnv, s.now, bytes.NewReader(make([]byte, 3)), func(Event) {}
	summary, err := Run(s.t.Context(), o)
	if err != nil {
		s.t.Fatal(err)
	}
	// in so small a library some checks warn
	if failed := summary.Outputs[0].Delivery == dispatch.DeliveryFailed; failed != (summary.ExitStatus() == exit.Delivery) {
		s.t.Errorf("delivery %q, exit status %d", summary.Outputs[0].Delivery, summary.ExitStatus())
	}
	return summary.Outputs[0]
}

func (s *shop) now() time.Time { return newYear.Add(time.Hour) }

func (s *shop) deliver(o dispatch.DeliverOptions) (*dispatch.Delivery, error) {
	o.Config, o.Output, o.Period, o.Env, o.Now, o.Random = s.c, "cbs", "2025-01-01", os.LookupEnv, s.now, bytes.NewReader(make([]byte, 3))
	return dispatch.Deliver(s.t.Context(), o)
}

// ledger lists the kinds of the entries.
func (s *shop) ledger() []string {
	s.t.Helper()
	l, err := archive.OpenLedger(s.t.Context(), s.c, os.LookupEnv, s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	entries, _, err := l.Entries(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var kinds []string
	for _, e := range entries {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func (s *shop) wantLedger(kinds ...string) {
	s.t.Helper()
	if diff := cmp.Diff(kinds, s.ledger()); diff != "" {
		s.t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func wantExit(t *testing.T, err error, status int, words string) {
	t.Helper()
	var failed *exit.Error
	if !errors.As(err, &failed) || failed.Status != status || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v, want status %d and %q", err, status, words)
	}
}

func TestDeliverToS3ByItself(t *testing.T) {
	server := storetest.NewS3(t)
	t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
	s := newShop(t, "{to: 's3://bucket/cbs', approve: automatic, s3: {within_eu: a test on this machine}}")
	forbidden := func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusForbidden) }

	server.Around(forbidden)
	if out := s.run(Options{}); out.Delivery != dispatch.DeliveryFailed || out.Status != Published {
		t.Errorf("a bucket that refuses: %+v", out)
	}
	s.wantLedger(delivery.Acceptance, delivery.Sending, delivery.Failed)

	server.Around(nil)
	if out := s.run(Options{}); out.Delivery != dispatch.Delivered || out.Status != Unchanged {
		t.Errorf("the next run: %+v", out)
	}
	if out := s.run(Options{}); out.Delivery != dispatch.Delivered || out.Status != Unchanged {
		t.Errorf("the run after it: %+v", out)
	}
	s.wantLedger(delivery.Acceptance, delivery.Sending, delivery.Failed, delivery.Sending, delivery.Sent)

	bucket, err := store.Open(t.Context(), "s3://bucket/cbs", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer bucket.Close()
	objects, err := bucket.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range objects {
		names = append(names, o.Name)
	}
	if diff := cmp.Diff([]string{"2025-01-01/cbs-lgb-1_NL-0823450000_20250101.csv.age", "2025-01-01/control.csv.age"}, names); diff != "" {
		t.Errorf("in the bucket (-want +got):\n%s", diff)
	}
}

// A sending that was begun and never ended may have arrived: it is not begun again by
// itself.
func TestDeliverAfterACrash(t *testing.T) {
	s := newShop(t, "{to: sent}")
	if out := s.run(Options{}); out.Delivery != dispatch.AwaitingApproval {
		t.Errorf("got %+v", out)
	}
	l, err := archive.OpenLedger(t.Context(), s.c, os.LookupEnv, s.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), delivery.Entry{Kind: delivery.Sending, Folder: "private/cbs/2025-01-01", To: "sent"}); err != nil {
		t.Fatal(err)
	}
	_, err = s.deliver(dispatch.DeliverOptions{Approve: "A, b"})
	wantExit(t, err, exit.Usage, "nobody knows whether it arrived")
	if d, err := s.deliver(dispatch.DeliverOptions{Approve: "A, b", Again: true, Reason: "it was not there"}); err != nil || len(d.Files) != 2 {
		t.Errorf("got %+v, %v", d, err)
	}
	s.wantLedger(delivery.Sending, delivery.Approval, delivery.Sending, delivery.Sent)
}

func TestDeliverWhatWasChanged(t *testing.T) {
	s := newShop(t, "{to: sent}")
	s.run(Options{})
	files, err := filepath.Glob(filepath.Join(s.dir, "out", "private", "cbs", "2025-01-01", "*.age"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)-1] ^= 1
	if err := os.WriteFile(files[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = s.deliver(dispatch.DeliverOptions{Approve: "A, b"})
	wantExit(t, err, exit.Delivery, "is not what the manifest of private/cbs/2025-01-01 says")
	if left, _ := filepath.Glob(filepath.Join(s.dir, "sent", "*", "*")); len(left) > 0 {
		t.Errorf("left at the destination: %v", left)
	}
	s.wantLedger(delivery.Approval, delivery.Sending, delivery.Failed)
}

func TestPlaintextIsRecordedAndNeverSent(t *testing.T) {
	s := newShop(t, "{to: sent}")
	key := ""
	s.configure(func(text string) string {
		key = keysLine.FindString(text)
		return keysLine.ReplaceAllString(text, "keys: []")
	})
	s.run(Options{PlaintextOK: true})
	s.wantLedger(delivery.Plaintext)
	_, err := s.deliver(dispatch.DeliverOptions{Approve: "A, b"})
	wantExit(t, err, exit.Usage, "there is no key to encrypt it to")
	s.configure(func(text string) string { return strings.Replace(text, "keys: []", key, 1) })
	_, err = s.deliver(dispatch.DeliverOptions{Approve: "A, b"})
	wantExit(t, err, exit.Usage, "is in clear and is never sent")
	// the same persons, now encrypted, take the place of what was never sent
	if out := s.run(Options{}); out.Status != Published || out.Folders[0] != "private/cbs/2025-01-01" {
		t.Errorf("got %+v", out)
	}
	s.wantLedger(delivery.Plaintext)
}

func TestNothingIsSentWithoutAnAssessment(t *testing.T) {
	s := newShop(t, "{to: outbox}")
	s.configure(func(text string) string { return strings.Replace(text, "    assessment: D 7\n", "", 1) })
	if out := s.run(Options{}); out.Delivery != dispatch.AwaitingApproval {
		t.Errorf("the file is made and waits: got %+v", out)
	}
	_, err := s.deliver(dispatch.DeliverOptions{Output: "cbs", Period: "2025-01-01", Approve: "A. Jansen, yearly"})
	wantExit(t, err, exit.Usage, "impact assessment is missing")
}
