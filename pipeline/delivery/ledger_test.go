package delivery

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"hash"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/store"
)

func testLedger(t *testing.T, key string) (*Ledger, string) {
	t.Helper()
	dir := t.TempDir()
	return ledgerIn(t, dir, key), dir
}

func ledgerIn(t *testing.T, dir, key string) *Ledger {
	t.Helper()
	s, err := store.Open(t.Context(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	at := time.Date(2025, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	return NewLedger(s, func() hash.Hash { return hmac.New(sha256.New, []byte(key)) }, "id of "+key[:1], func() time.Time { return at }, Who{User: "anna", Host: "desk"})
}

func write(t *testing.T, l *Ledger, kinds ...string) {
	t.Helper()
	for _, kind := range kinds {
		if _, err := l.Append(t.Context(), Entry{Kind: kind, Folder: "private/cbs/2025-01-01", Reason: "because <of> & é"}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLedgerRoundTrip(t *testing.T) {
	l, _ := testLedger(t, "a key")
	if entries, head, err := l.Entries(t.Context()); err != nil || len(entries) > 0 || head != "" {
		t.Fatalf("an empty ledger: %v %q %v", entries, head, err)
	}
	write(t, l, Approval, Sending, Sent)
	entries, head, err := l.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, strings.Join([]string{e.At, e.Kind, e.Reason}, " "))
	}
	want := []string{"2025-01-02T02:04:05Z approval because <of> & é", "2025-01-02T02:04:05Z sending because <of> & é", "2025-01-02T02:04:05Z sent because <of> & é"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(head) != 64 || entries[0].Previous != "" || entries[2].Previous == entries[1].Previous {
		t.Errorf("head %q, entries %+v", head, entries)
	}
}

// Whatever is done to the files of the ledger is found, but for the end being cut off: see
// TestAnchor.
func TestLedgerTampering(t *testing.T) {
	for name, tamper := range map[string]func(dir string) error{
		"a word changed":             func(dir string) error { return edit(dir, "000002.json", "because", "becausE") },
		"a word of the last changed": func(dir string) error { return edit(dir, "000003.json", "because", "becausE") },
		"a blank added":              func(dir string) error { return edit(dir, "000003.json", `"kind":`, `"kind": `) },
		"a field added":              func(dir string) error { return edit(dir, "000003.json", `"kind":`, `"extra": 1, "kind":`) },
		"an entry removed":           func(dir string) error { return os.Remove(filepath.Join(dir, "000002.json")) },
		"the first removed":          func(dir string) error { return os.Remove(filepath.Join(dir, "000001.json")) },
		"two exchanged": func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, "000001.json"), filepath.Join(dir, "x")), os.Rename(filepath.Join(dir, "000002.json"), filepath.Join(dir, "000001.json")),
				os.Rename(filepath.Join(dir, "x"), filepath.Join(dir, "000002.json")))
		},
		"one copied":     func(dir string) error { return copyFile(dir, "000003.json", "000004.json") },
		"no entry":       func(dir string) error { return copyFile(dir, "000003.json", "note.txt") },
		"one cut off":    func(dir string) error { return os.Truncate(filepath.Join(dir, "000003.json"), 40) },
		"another's code": func(dir string) error { return edit(dir, "000003.json", `"mac": "`, `"mac": "00`) },
	} {
		t.Run(name, func(t *testing.T) {
			l, dir := testLedger(t, "a key")
			write(t, l, Approval, Sending, Sent)
			if err := tamper(filepath.Join(dir, filepath.FromSlash(LedgerFolder))); err != nil {
				t.Fatal(err)
			}
			if _, _, err := l.Entries(t.Context()); !errors.Is(err, ErrLedger) {
				t.Errorf("got %v, want ErrLedger", err)
			}
			if _, err := l.Append(t.Context(), Entry{Kind: Sent}); !errors.Is(err, ErrLedger) {
				t.Errorf("after it something was written: %v", err)
			}
		})
	}
}

func TestLedgerOfAnotherKey(t *testing.T) {
	l, dir := testLedger(t, "a key")
	write(t, l, Approval)
	if _, _, err := ledgerIn(t, dir, "b key").Entries(t.Context()); err == nil || !strings.Contains(err.Error(), "use the key") {
		t.Errorf("got %v", err)
	}
	// somebody who knows the name of the key, but not the key
	if _, _, err := ledgerIn(t, dir, "another key").Entries(t.Context()); !errors.Is(err, ErrLedger) {
		t.Errorf("got %v, want ErrLedger", err)
	}
}

// After a change of key the new key stands for what the old one wrote, through the chain;
// nothing can be added under the old one, and nothing old changed.
func TestLedgerUnderTwoKeys(t *testing.T) {
	old, dir := testLedger(t, "a key")
	write(t, old, Approval, Sending, Sent)
	l := ledgerIn(t, dir, "b key")
	if _, err := l.Append(t.Context(), Entry{Kind: Right}); err == nil {
		t.Error("written under a key that nothing introduced")
	}
	if _, err := l.Succeed(t.Context(), old, Entry{Kind: KeyChange}); err != nil {
		t.Fatal(err)
	}
	write(t, l, Right)
	if entries, _, err := l.Entries(t.Context()); err != nil || len(entries) != 5 {
		t.Fatalf("%d entries, error %v", len(entries), err)
	}
	if _, err := old.Append(t.Context(), Entry{Kind: Sent}); err == nil {
		t.Error("the old key could still write")
	}
	if err := edit(filepath.Join(dir, filepath.FromSlash(LedgerFolder)), "000002.json", "because", "becausE"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Entries(t.Context()); !errors.Is(err, ErrLedger) {
		t.Errorf("an entry of the old key was changed: %v, want ErrLedger", err)
	}
}

// That the end was cut off shows in what remembers it.
func TestAnchor(t *testing.T) {
	l, dir := testLedger(t, "a key")
	if a, err := l.Anchor(t.Context()); a != nil || err != nil {
		t.Fatalf("of an empty ledger: %v, %v", a, err)
	}
	write(t, l, Approval, Sending)
	early, err := l.Anchor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	write(t, l, Sent)
	late, err := l.Anchor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	holds := func() []bool {
		entries, head, err := l.Entries(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return []bool{early.Holds(entries, head), late.Holds(entries, head), Anchor{2, late.Head}.Holds(entries, head), Anchor{}.Holds(entries, head)}
	}
	if diff := cmp.Diff([]bool{true, true, false, false}, holds()); diff != "" {
		t.Errorf("the whole ledger (-want +got):\n%s", diff)
	}
	if err := os.Remove(filepath.Join(dir, filepath.FromSlash(LedgerFolder), "000003.json")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bool{true, false, false, false}, holds()); diff != "" {
		t.Errorf("the end cut off (-want +got):\n%s", diff)
	}
}

func TestIdentify(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"a person", nil, ""},
		{"GitHub", map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.example", "GITHUB_REPOSITORY": "bieb/peil", "GITHUB_RUN_ID": "7", "GITHUB_ACTOR": "anna"},
			"https://github.example/bieb/peil/actions/runs/7 anna"},
		{"GitLab", map[string]string{"GITLAB_CI": "true", "CI_JOB_URL": "https://gitlab.example/j/9", "GITLAB_USER_LOGIN": "anna"}, "https://gitlab.example/j/9 anna"},
		{"another", map[string]string{"CI": "true"}, "unnamed build system"},
	} {
		w := Identify(func(name string) (string, bool) { v, ok := c.env[name]; return v, ok })
		if w.CI != c.want || w.User == "" || w.Host == "" {
			t.Errorf("%s: %+v, want CI %q", c.name, w, c.want)
		}
	}
}

func TestStateOf(t *testing.T) {
	const folder = "private/cbs/2025-01-01"
	entry := func(seq int, kind string, sending int) Entry {
		return Entry{Seq: seq, Kind: kind, Folder: folder, Sending: sending, Manifest: "m"}
	}
	for _, c := range []struct {
		name                string
		entries             []Entry
		delivered, approved bool
	}{
		{"nothing", nil, false, false},
		{"approved", []Entry{entry(1, Approval, 0)}, false, true},
		{"begun, no result", []Entry{entry(1, Approval, 0), entry(2, Sending, 0)}, true, true},
		{"sent", []Entry{entry(1, Sending, 0), entry(2, Sent, 1)}, true, false},
		{"failed", []Entry{entry(1, Sending, 0), entry(2, Failed, 1)}, false, false},
		{"failed, then sent", []Entry{entry(1, Sending, 0), entry(2, Failed, 1), entry(3, Sending, 0), entry(4, Sent, 3)}, true, false},
		{"sent, then again without a result", []Entry{entry(1, Sending, 0), entry(2, Sent, 1), entry(3, Sending, 0)}, true, false},
		{"another folder", []Entry{{Seq: 1, Kind: Sending, Folder: folder + "/r2"}, {Seq: 2, Kind: Approval, Folder: folder + "/r2", Manifest: "m"}}, false, false},
		{"another content was approved", []Entry{{Seq: 1, Kind: Approval, Folder: folder, Manifest: "n"}}, false, false},
	} {
		s := StateOf(c.entries, folder, "m")
		if s.Delivered() != c.delivered || (s.Approved != nil) != c.approved {
			t.Errorf("%s: delivered %t, approved %v", c.name, s.Delivered(), s.Approved)
		}
	}
}

func edit(dir, name, old, new string) error {
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Contains(text, []byte(old)) {
		return errors.New("there is nothing to change")
	}
	return os.WriteFile(path, bytes.Replace(text, []byte(old), []byte(new), 1), 0o600)
}

func copyFile(dir, from, to string) error {
	text, err := os.ReadFile(filepath.Join(dir, from))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, to), text, 0o600)
}
