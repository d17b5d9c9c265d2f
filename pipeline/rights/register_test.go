package rights

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

func testStore(t *testing.T) (store.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, dir
}

func testKey(t *testing.T, digit string) pseudonym.Key {
	t.Helper()
	key, err := pseudonym.Parse([]byte(strings.Repeat(digit, 64)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestRegister(t *testing.T) {
	ctx := t.Context()
	s, dir := testStore(t)
	key := testKey(t, "5")
	r, err := Open(ctx, s, key, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Exercise("12", Entry{Right: Objection, On: "2025-01-01"}) || r.Exercise("12", Entry{Right: Objection, On: "2025-01-02"}) {
		t.Error("a right is exercised once")
	}
	r.Exercise("13", Entry{Right: Erasure, On: "2025-01-01"})
	r.Exercise("13", Entry{Right: Rectification, On: "2025-01-01"})
	if err := r.Save(ctx, s, key); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(RegisterName)))
	if err != nil || bytes.Contains(text, []byte("objection")) {
		t.Errorf("the register lies open, or is not there: %v", err)
	}
	again, err := Open(ctx, s, key, 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if _, err := Open(ctx, s, key, 2); !errors.Is(err, ErrRegister) {
		t.Errorf("an old register: %v, want ErrRegister", err)
	}
	if _, err := Open(ctx, s, testKey(t, "6"), 1); !errors.Is(err, delivery.ErrWrongKey) {
		t.Errorf("another key: %v, want ErrWrongKey", err)
	}
	again.Forget("13")
	if got := again.Of("13"); len(got) != 1 || got[0].Right != Erasure {
		t.Errorf("of an erased member there is %+v", got)
	}
	if len(again.Barred()) != 2 || again.Lift("12", Objection, "2025-02-01", "letter") != 1 || len(again.Barred()) != 1 || again.Lift("12", Objection, "", "") != 0 {
		t.Errorf("lifted: %+v", again.Entries)
	}
	if again.Exercise("12", Entry{Right: Objection}); len(again.Of("12")) != 2 {
		t.Error("what was lifted can be exercised anew")
	}
}

// After the library's key changed, the register names the same members still; after its own
// did, those whom the source knew by their new names, the others by their old ones.
func TestRegisterOutlivesKeys(t *testing.T) {
	ctx := t.Context()
	s, _ := testStore(t)
	old := testKey(t, "5")
	r, _ := Open(ctx, s, old, 0)
	r.Exercise("12", Entry{Right: Objection})
	r.Exercise("13", Entry{Right: Objection})
	fresh := testKey(t, "7")
	if err := r.Keep(ctx, s, fresh); err != nil {
		t.Fatal(err)
	}
	r, err := Open(ctx, s, fresh, 0)
	if err != nil || len(r.Of("12")) != 1 {
		t.Fatalf("under a new library's key: %v, %v", r.Of("12"), err)
	}
	if err := r.Renew(bytes.NewReader(bytes.Repeat([]byte{9}, 32))); err != nil {
		t.Fatal(err)
	}
	before, after := r.Keys[0].id("12"), r.Keys[1].id("12")
	moved, stayed := r.Move(map[string]string{before: after})
	if moved != 1 || stayed != 1 || len(r.Of("12")) != 1 || len(r.Of("13")) != 1 || r.Of("12")[0].Subject != after {
		t.Errorf("moved %d, stayed %d: %+v", moved, stayed, r.Entries)
	}
}

func TestSets(t *testing.T) {
	ctx := t.Context()
	s, _ := testStore(t)
	key := testKey(t, "5")
	r, _ := Open(ctx, s, key, 0)
	lines := []string{r.Keys[0].id("12") + ",aaaa", r.Keys[0].id("12b") + ",aaaa", r.Keys[0].id("13") + ",bbbb"}
	set := delivery.Set{Name: SetName("cbs", "2025-01-01/r2"), Persons: 2}
	write(t, ctx, s, key, &set, lines)
	if set.Name != "private/ledger/members/cbs-2025-01-01-r2.age" || len(set.SHA256) != 64 {
		t.Errorf("the set is %+v", set)
	}
	found, err := In(ctx, s, key, set.Name, r.IDs("13"))
	if err != nil || len(found) != 1 || found[r.Keys[0].id("13")] != "bbbb" {
		t.Errorf("found %v, %v", found, err)
	}
	// with one record of a person the others go
	left, w, err := Drop(ctx, s, key, set, r.IDs("12"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil || left.Persons != 1 || left.SHA256 == set.SHA256 {
		t.Errorf("left %+v, %v", left, err)
	}
	for member, want := range map[string]int{"12": 0, "12b": 0, "13": 1} {
		if found, err := In(ctx, s, key, set.Name, r.IDs(member)); err != nil || len(found) != want {
			t.Errorf("%s: found %v, %v", member, found, err)
		}
	}
}

func write(t *testing.T, ctx context.Context, s store.Store, key pseudonym.Key, set *delivery.Set, lines []string) {
	t.Helper()
	w, err := NewSet(ctx, s, key, set, func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
}

// A correction settles what its recipient had to hear.
func TestSettle(t *testing.T) {
	r := &Register{Entries: []Entry{
		{Subject: "a", Right: Erasure, Told: []Told{{Output: "cbs", Period: "2025-01-01"}, {Output: "cbs", Period: "2024-01-01"}}},
		{Subject: "b", Right: Rectification, Told: []Told{{Output: "cbs", Period: "2025-01-01"}}},
	}}
	if n := r.Settle("cbs", "2025-01-01", "2025-02-01T00:00:00Z", func(e Entry) bool { return e.Subject == "a" }); n != 1 {
		t.Errorf("%d were settled", n)
	}
	var open []bool
	for _, e := range r.Entries {
		for _, told := range e.Told {
			open = append(open, told.Corrected == "")
		}
	}
	if !slices.Equal(open, []bool{false, true, true}) {
		t.Errorf("open: %v", open)
	}
}

func TestLetters(t *testing.T) {
	a := &Access{
		Library: "Bieb", Reference: "abc", On: "2025-01-02", Order: []string{"birth_date", "sex"},
		Records: []map[string]string{{"birth_date": "1980-01-01", "sex": "F"}}, Loans: Loans{Events: 3, From: "2024-01-01", Until: "2024-12-31"},
		Kept:        []Kept{{Name: "private/state/2025-01-01", Rows: []map[string]string{{"branch": "01"}}}},
		Disclosures: []Disclosure{{Recipient: "CBS", On: "2025-01-01T00:00:00Z", Fields: []string{"geboortedatum"}, Basis: "public task", Replaces: true}},
		Rights:      []Entry{{Right: Objection, On: "2025-01-01", Basis: "letter", Told: []Told{{Recipient: "CBS", Sent: "2025-01-01T00:00:00Z"}}}},
		Untold:      2, Retention: "6 maanden",
	}
	for language, want := range map[string][]string{
		"nl": {"geboortedatum: 1980-01-01", "geslacht: vrouw", "aan CBS (correctie", "bezwaar tegen levering", "Van 2 oudere", "wordt ingelicht"},
		"en": {"date of birth: 1980-01-01", "sex: female", "to CBS (correction", "objection to delivery", "Of 2 older", "will be told"},
	} {
		var b bytes.Buffer
		if err := a.Write(&b, language); err != nil {
			t.Fatal(err)
		}
		for _, right := range []Right{Objection, Restriction, Erasure, Rectification} {
			if err := WriteConfirmation(&b, language, "Bieb", "abc", right, "2025-01-02", a.Rights[0].Told); err != nil {
				t.Fatal(err)
			}
			if words[language].right(right) == "" {
				t.Errorf("%s has no word for %s", language, right)
			}
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s: the letters lack %q:\n%s", language, w, b.String())
			}
		}
		for _, line := range strings.Split(b.String(), "\n") {
			if len([]rune(line)) > 105 {
				t.Errorf("%s: a line of %d characters: %s", language, len([]rune(line)), line)
			}
		}
	}
	if len(words["nl"].columns) != len(words["en"].columns) {
		t.Error("the languages have other words")
	}
}
