package pipeline_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/dispatch"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rekey"
	"peil/pipeline/rights"
)

func (l later) key() pseudonym.Key {
	l.t.Helper()
	k, err := archive.LoadKey(l.t.Context(), l.load(), os.LookupEnv)
	if err != nil {
		l.t.Fatal(err)
	}
	return k
}

func (l later) rotate(keep bool) (*rekey.Rotated, error) {
	return rekey.Rotate(l.t.Context(), rekey.RotateOptions{
		Config: l.load(), KeepLinks: keep, Reason: "yearly", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader,
	})
}

func (l later) register() *rights.Register {
	l.t.Helper()
	s, err := archive.OpenStore(l.t.Context(), l.load())
	if err != nil {
		l.t.Fatal(err)
	}
	defer s.Close()
	r, err := rights.Open(l.t.Context(), s, l.key(), 0)
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

// prepared is a library of a month ago, with a right of a member and one of somebody whom
// the source does not know any more.
func prepared(t *testing.T) later {
	l := newLater(t)
	l.run("2024-12-01", "1,A,2020-01-01,2020-01-01,,\n2,A,2021-01-01,2021-01-01,,\n9,B,2021-01-01,2021-01-01,,\n")
	l.write("members.csv", strings.Replace(purgeMembers, "2,A,2024-08-02,2024-08-02,2024-08-15,", "2,B,2021-01-01,2021-01-01,,", 1))
	r := l.register()
	r.Exercise("2", rights.Entry{Right: rights.Objection, On: "2024-12-01", Basis: "letter"})
	r.Exercise("99", rights.Entry{Right: rights.Erasure, On: "2024-12-01", Basis: "letter"})
	s, err := archive.OpenStore(t.Context(), l.load())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := r.Save(t.Context(), s, l.key()); err != nil {
		t.Fatal(err)
	}
	_, err = dispatch.AddDisclosure(t.Context(), dispatch.DisclosureOptions{
		Config: l.load(), To: "police", Basis: "order", What: "nothing", Reason: "test", By: "me", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// holds asserts what goes on to work after every change of key.
func (l later) holds(before pseudonym.Key) {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.dir, "peil.key"))
	if err != nil || bytes.Contains(text, []byte("previous ")) || l.key() == before {
		l.t.Errorf("the key file: %v", err)
	}
	r := l.register()
	if len(r.Of("2")) != 1 || len(r.Of("99")) != 1 || len(r.Of("1")) != 0 {
		l.t.Errorf("rights of 2, 99 and 1: %v %v %v", r.Of("2"), r.Of("99"), r.Of("1"))
	}
	found, err := archive.OpenLedger(l.t.Context(), l.load(), os.LookupEnv, time.Now)
	if err != nil {
		l.t.Fatal(err)
	}
	entries, _, err := found.Entries(l.t.Context())
	if err != nil || len(entries) != 2 || entries[1].KeyID != l.key().ID() || entries[0].KeyID != before.ID() {
		l.t.Errorf("the ledger has %d entries: %v", len(entries), err)
	}
}

func TestRotateKeepsLinks(t *testing.T) {
	l := prepared(t)
	before := l.key()
	done, err := l.rotate(true)
	if err != nil {
		t.Fatal(err)
	}
	l.holds(before)
	if done.Moved != 2 || done.Dropped != 1 || done.RightsMoved != 1 || done.RightsStayed != 1 || done.Resealed < 5 {
		t.Errorf("done: %+v", done)
	}
	if e := l.register().Of("2")[0]; e.Key == l.register().Of("99")[0].Key {
		t.Error("a member whom the source knows is still named by the old secret")
	}
	s := l.runOn("2025-01-01")
	balance := l.balance(filepath.Join(l.dir, "out", "private", "new-members", s.Outputs[0].Period, "balance.csv"))
	t.Log(balance)
	k, err := archive.ShowKey(t.Context(), l.load(), os.LookupEnv, time.Now)
	if err != nil || k.ID == before.ID() || k.Sealed[before.ID()] != 0 || k.Sealed[k.ID] < 2 || len(k.Ledger) != 2 {
		t.Errorf("the key: %+v, %v", k, err)
	}
}

func TestRotateBreaksLinks(t *testing.T) {
	l := prepared(t)
	before := l.key()
	done, err := l.rotate(false)
	if err != nil {
		t.Fatal(err)
	}
	l.holds(before)
	if done.Forgotten != 2 || done.Moved != 0 { // the state and the first loans of the year
		t.Errorf("done: %+v", done)
	}
	if left, _ := filepath.Glob(filepath.Join(l.dir, "out/private/state/*")); len(left) > 0 {
		t.Errorf("still there: %v", left)
	}
}

// A change that is cut off holds everything up until it is ended, and then all is well.
func TestRotateAfterACrash(t *testing.T) {
	l := prepared(t)
	before := l.key()
	frozen, _ := filepath.Glob(filepath.Join(l.dir, "out/private/frozen/new-members/*/balance.csv.age"))
	if len(frozen) < 3 {
		t.Fatalf("only %d frozen months", len(frozen))
	}
	victim := frozen[1]
	text, err := os.ReadFile(victim)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(victim, 50); err != nil {
		t.Fatal(err)
	}
	if _, err := l.rotate(true); err == nil || !strings.Contains(err.Error(), "goes on where it stopped") {
		t.Fatalf("with a damaged file: %v", err)
	}
	if _, err := archive.LoadKey(t.Context(), l.load(), os.LookupEnv); err == nil || !strings.Contains(err.Error(), "peil key rotate ends it") {
		t.Errorf("in the middle of it: %v", err)
	}
	if err := os.WriteFile(victim, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.rotate(true); err != nil {
		t.Fatal(err)
	}
	l.holds(before)
	l.runOn("2025-01-01")
}

// A key that comes from elsewhere is written to a file, from where its owner takes it.
func TestRotateAKeyOfTheEnvironment(t *testing.T) {
	l := prepared(t)
	before := l.key()
	text, err := os.ReadFile(filepath.Join(l.dir, "peil.key"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PEIL_TEST_KEY", string(text))
	l.write("peil.yaml", strings.Replace(laterConfig, "file: peil.key", "env: PEIL_TEST_KEY", 1))
	if _, err := l.rotate(false); err == nil || !strings.Contains(err.Error(), "--to FILE") {
		t.Errorf("without a file: %v", err)
	}
	o := rekey.RotateOptions{Config: l.load(), To: filepath.Join(l.dir, "new.key"), Reason: "yearly", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader}
	if _, err := rekey.Rotate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := rekey.Rotate(t.Context(), o); err == nil {
		t.Error("a second change over a file with a key was let through")
	}
	if text, err = os.ReadFile(filepath.Join(l.dir, "new.key")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PEIL_TEST_KEY", string(text))
	l.holds(before)
}
