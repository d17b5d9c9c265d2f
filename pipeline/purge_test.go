package pipeline_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/pipeline/retention"
	"peil/pipeline/store/storetest"
)

// Four members on 1 January: one who stays, one who left in August, one in December, and one
// whom the source calls deleted since June of the year before.
const purgeMembers = "member_id,branch,first_registered_on,last_registered_on,ended_on,deleted\n" +
	"1,A,2020-01-01,2020-01-01,,\n2,A,2024-08-02,2024-08-02,2024-08-15,\n3,B,2024-11-01,2024-11-01,2024-12-20,\n4,B,2019-01-01,2019-01-01,,true\n"

func (l later) load() *config.Config {
	l.t.Helper()
	c, err := config.Load(filepath.Join(l.dir, "peil.yaml"))
	if err != nil {
		l.t.Fatal(err)
	}
	return c
}

func (l later) runOn(day string) *pipeline.Summary {
	l.t.Helper()
	asOf := at(l.t, day)
	s, err := pipeline.Run(l.t.Context(), pipeline.Options{
		Config: l.load(), AsOf: asOf, Version: "test", Env: os.LookupEnv, Now: func() time.Time { return asOf }, Random: rand.Reader, Events: func(pipeline.Event) {},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

func at(t *testing.T, day string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// purge purges on a day and lists what went or was reduced, with the number of rows.
func (l later) purge(day string, confirm bool) (*retention.Certificate, []string, error) {
	l.t.Helper()
	all := config.Percent(100)
	c, err := retention.Purge(l.t.Context(), retention.PurgeOptions{
		Config: l.load(), Confirm: confirm, AtMost: &all, Version: "test", Env: os.LookupEnv, Now: func() time.Time { return at(l.t, day) }, Random: rand.Reader,
	})
	if c == nil {
		return c, nil, err
	}
	var went []string
	for _, r := range c.Removed {
		went = append(went, r.Name)
	}
	for _, r := range c.Reduced {
		went = append(went, "part of "+r.Name)
	}
	slices.Sort(went)
	return c, went, err
}

func TestPurgeByTheClock(t *testing.T) {
	for _, where := range []string{"folder", "bucket"} {
		t.Run(where, func(t *testing.T) {
			l := newLater(t)
			if where == "bucket" {
				server := storetest.NewS3(t)
				t.Setenv("AWS_ENDPOINT_URL", server.URL)
				l.write("peil.yaml", strings.Replace(laterConfig, "store: out", "store: s3://"+storetest.Bucket+"/peil", 1))
			}
			l.write("members.csv", purgeMembers)
			l.runOn("2025-01-01")
			for _, c := range []struct {
				day  string
				want []string
			}{
				{"2025-02-15", nil},
				{"2025-02-16", []string{"part of private/state/2025-01-01"}}, // of who left on 15 August
				{"2025-02-16", nil},
				{"2025-02-28", nil},
				{"2025-03-01", []string{"part of private/frozen/new-members/2024-08"}},
				{"2025-06-20", []string{"part of private/frozen/new-members/2024-09", "part of private/frozen/new-members/2024-10", "part of private/frozen/new-members/2024-11"}},
				{"2025-06-21", []string{"part of private/state/2025-01-01"}}, // of who left on 20 December
				{"2025-07-01", []string{"part of private/frozen/new-members/2024-12"}},
				{"2025-07-02", []string{"private/new-members/2024-12", "private/state/2025-01-01", "private/state/firsts-2024", "private/state/firsts-2025"}},
				{"2026-07-02", nil},
			} {
				if _, would, err := l.purge(c.day, false); err != nil || !cmp.Equal(c.want, would) {
					t.Fatalf("on %s would go %v, want %v; %v", c.day, would, c.want, err)
				}
				made, went, err := l.purge(c.day, true)
				if err != nil || !cmp.Equal(c.want, went) {
					t.Fatalf("on %s went %v, want %v; %v", c.day, went, c.want, err)
				}
				if made.Scan == nil || !made.Scan.Clean() || (made.Finished == "") != (len(went) == 0) {
					t.Errorf("on %s: finished %q, scan %+v", c.day, made.Finished, made.Scan)
				}
			}
			ledger, err := archive.OpenLedger(t.Context(), l.load(), os.LookupEnv, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			entries, _, err := ledger.Entries(t.Context())
			if err != nil || len(entries) != 12 || entries[11].Manifest == "" {
				t.Errorf("%d entries in the ledger, want two for each of six purges; %v", len(entries), err)
			}
		})
	}
}

// Of a member whom the source calls deleted a mark stays: they do not leave once more.
func TestAPurgedDeletionIsNotCountedAgain(t *testing.T) {
	l := newLater(t)
	l.write("members.csv", purgeMembers)
	l.runOn("2024-06-01")
	if _, went, err := l.purge("2024-12-31", true); err != nil || !slices.Contains(went, "private/state/2024-06-01") {
		t.Fatal(went, err)
	}
	l = newLater(t)
	l.write("members.csv", purgeMembers)
	l.runOn("2024-06-01")
	l.runOn("2024-11-01")
	if _, _, err := l.purge("2024-12-02", true); err != nil {
		t.Fatal(err)
	}
	s := l.runOn("2025-01-01")
	// One left in June by being deleted, another in December.
	left := map[string]string{}
	for month, row := range l.balance(filepath.Join(l.dir, "out", "private", "new-members", s.Outputs[0].Period, "balance.csv")) {
		if lapsed := strings.Fields(row)[4]; strings.Contains(month, "Bee") && lapsed != "0" {
			left[month] = lapsed
		}
	}
	want := map[string]string{"2024-06 Bee frozen": "1", "2024-12 Bee exact": "1"}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("lapsed (-want +got)\n%s", diff)
	}
}

func TestPurgeRefusesTooMuchAndWhatItDoesNotKnow(t *testing.T) {
	l := newLater(t)
	l.write("members.csv", purgeMembers)
	l.runOn("2025-01-01")
	_, err := retention.Purge(t.Context(), retention.PurgeOptions{
		Config: l.load(), Confirm: true, Version: "test", Env: os.LookupEnv, Now: func() time.Time { return at(t, "2036-01-01") }, Random: rand.Reader,
	})
	if err == nil || !strings.Contains(err.Error(), "the clock of this machine") {
		t.Errorf("a clock ten years ahead: %v", err)
	}
	if _, err := os.Stat(filepath.Join(l.dir, "out/private/state/2025-01-01")); err != nil {
		t.Error("something went all the same")
	}
	if err := os.Mkdir(filepath.Join(l.dir, "out/private/extra"), 0o700); err != nil {
		t.Fatal(err)
	}
	l.write("out/private/extra/members.csv", purgeMembers)
	c, _, err := l.purge("2025-01-02", true)
	if err == nil || !strings.Contains(err.Error(), "private/extra/members.csv") || c.Scan.Clean() {
		t.Errorf("a file that nobody knows: %v", err)
	}
}

// A purge that was killed is ended by the next, whatever it had got to.
func TestPurgeAfterACrash(t *testing.T) {
	l := newLater(t)
	l.write("members.csv", purgeMembers)
	l.runOn("2025-01-01")
	// the manifest of an edition went, and its files did not
	edition := filepath.Join(l.dir, "out/private/new-members/2024-12")
	if err := os.Remove(filepath.Join(edition, "manifest.json")); err != nil {
		t.Fatal(err)
	}
	_, went, err := l.purge("2025-01-02", true)
	if err != nil || !slices.Contains(went, "private/new-members/2024-12/index.html") {
		t.Errorf("went %v, %v", went, err)
	}
	if _, err := os.Stat(edition); err == nil {
		t.Error("the folder is still there")
	}
}

func TestARunPurgesWhereItIsAutomatic(t *testing.T) {
	l := newLater(t)
	l.write("members.csv", purgeMembers)
	l.runOn("2025-01-01")
	if s := l.runOn("2025-08-01"); s.Retention.Past < 2 || s.Retention.Removed != 0 || s.ExitStatus() != exit.Done {
		t.Errorf("by hand: %+v", s.Retention)
	}
	l.write("peil.yaml", laterConfig+"retention: {purge: automatic}\n")
	if s := l.runOn("2025-08-02"); s.Retention.Removed < 1 || s.Retention.Problem != "" {
		t.Errorf("automatic: %+v", s.Retention)
	}
	l.write("peil.yaml", laterConfig+"retention: {purge: automatic, purge_at_most: 1%}\n")
	if s := l.runOn("2026-08-02"); s.Retention.Removed != 0 || s.Retention.Problem == "" || s.ExitStatus() != exit.Warned {
		t.Errorf("too much: %+v", s.Retention)
	}
}

// A manifest that somebody changed leads nobody out of its folder, and a link nobody out of
// the store.
func TestPurgeStaysWhereItIs(t *testing.T) {
	l := newLater(t)
	l.write("members.csv", purgeMembers)
	l.runOn("2025-01-01")
	outside := t.TempDir()
	l.write("out/private/runs/keep.json", "{}")
	if err := os.WriteFile(filepath.Join(outside, "manifest.json"), []byte(`{"version":1,"key_id":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(l.dir, "out/private/state/2024-01-01")); err != nil {
		t.Fatal(err)
	}
	manifest := filepath.Join(l.dir, "out/private/new-members/2024-12/manifest.json")
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../../runs/keep.json", "..", "a/../../b", "/etc/passwd"} {
		changed := strings.Replace(string(text), `"name": "balance.csv"`, `"name": "`+name+`"`, 1)
		if changed == string(text) {
			t.Fatal("the manifest names no balance.csv")
		}
		if err := os.WriteFile(manifest, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := l.purge("2026-01-01", true); err == nil || !strings.Contains(err.Error(), "somebody changed it") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(manifest, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.purge("2026-01-01", true); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(outside, "manifest.json"), filepath.Join(l.dir, "out/private/runs/keep.json")} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}
