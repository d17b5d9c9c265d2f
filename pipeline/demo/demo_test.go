package demo_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"peil/pipeline/demo"
)

var asOf = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

func generate(t *testing.T, o demo.Options) (dir string, made demo.Made) {
	t.Helper()
	o.Dir = filepath.Join(t.TempDir(), "demo")
	if o.AsOf.IsZero() {
		o.AsOf = asOf
	}
	made, err := demo.Generate(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Dir, made
}

func hashes(t *testing.T, dir string, made demo.Made) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for name := range made.Files {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		sums[name] = hex.EncodeToString(sum[:])
	}
	return sums
}

// The sizes make every exported table, and what it is made from, larger than DuckDB's
// unit of parallel work, 122,880 rows: with more than one thread the order would vary.
func TestSameSeedSameBytes(t *testing.T) {
	o := demo.Options{Members: 130_000, Loans: 260_000, Branches: 300, Organisations: 40, Seed: 7}
	dir, made := generate(t, o)
	want := hashes(t, dir, made)
	o.Threads, o.Memory = 3, "1GB"
	dir, made = generate(t, o)
	if diff := cmp.Diff(want, hashes(t, dir, made)); diff != "" {
		t.Errorf("files differ under other limits (-first +second):\n%s", diff)
	}
}

func TestAnotherSeedIsAnotherLibrary(t *testing.T) {
	small := demo.Options{Members: 500, Loans: 2_000}
	dir, made := generate(t, small)
	zero := hashes(t, dir, made)
	small.Seed = 1
	dir, made = generate(t, small)
	for name, sum := range hashes(t, dir, made) {
		if sum == zero[name] {
			t.Errorf("%s is the same with seeds 0 and 1", name)
		}
	}
}

func TestRowsAreAsManyAsAskedFor(t *testing.T) {
	for _, o := range []demo.Options{
		{Members: 1, Loans: 1, Branches: 1},
		{Members: 99, Loans: 10, Branches: 2},
		{Members: 100, Loans: 1_000, Branches: 3, AsOf: asOf.AddDate(0, 0, 364)},
		{Members: 1_001, Loans: 12_345, Branches: 5, AsOf: time.Date(2024, time.February, 29, 23, 0, 0, 0, time.UTC)},
		{Members: 2_000, Loans: 5_000, Branches: 30, Organisations: 4},
		{Members: 20_000, Loans: 3_000, Branches: 999, Organisations: 999},
	} {
		_, made := generate(t, o)
		var loans int64
		for name, n := range made.Files {
			if strings.HasPrefix(name, "data/loans-") {
				loans += n
			}
		}
		got := []int64{made.Files["data/members.csv"], loans, made.Files["data/branches.csv"]}
		if diff := cmp.Diff([]int64{int64(o.Members), int64(o.Loans), int64(o.Branches)}, got); diff != "" {
			t.Errorf("%+v: rows of members, loans, branches (-want +got):\n%s", o, diff)
		}
	}
}

func TestRefusesWhatItCannotMake(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*demo.Options)
		want   string
	}{
		"no folder":                   {func(o *demo.Options) { o.Dir = "" }, "no folder to fill"},
		"no date":                     {func(o *demo.Options) { o.AsOf = time.Time{} }, "no reference date"},
		"negative":                    {func(o *demo.Options) { o.Loans = -1 }, "number of loans is -1, want 1 to 1000000000"},
		"more organisations":          {func(o *demo.Options) { o.Organisations = 9 }, "9 organisations need at least as many branches, not 8"},
		"too many branches":           {func(o *demo.Options) { o.Branches = 1_000 }, "1000 branches are too many, want at most 999 an organisation"},
		"mark that would need quotes": {func(o *demo.Options) { o.Mark = "a;b" }, "mark: want letters and digits only"},
		"parent missing":              {func(o *demo.Options) { o.Dir = filepath.Join(o.Dir, "below") }, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			o := demo.Options{Dir: filepath.Join(t.TempDir(), "demo"), AsOf: asOf}
			dir := o.Dir
			c.change(&o)
			_, err := demo.Generate(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the folder was made all the same: %v", err)
			}
		})
	}
}

func TestLeavesAFolderThatIsNotEmptyAlone(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "mine.txt")
	if err := os.WriteFile(kept, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := demo.Generate(t.Context(), demo.Options{Dir: dir, AsOf: asOf})
	if !errors.Is(err, demo.ErrNotEmpty) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got error %v, want ErrNotEmpty with the folder's name", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the folder now holds %v", entries)
	}
}

func TestLeavesNothingBehindWhenItFails(t *testing.T) {
	for _, exists := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "demo")
		if exists {
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := demo.Generate(ctx, demo.Options{Dir: dir, AsOf: asOf, Members: 1_000, Loans: 1_000, Progress: func(what string) {
			if what == "data/loans-2023.csv" {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got error %v, want context.Canceled", err)
		}
		entries, err := os.ReadDir(dir)
		if len(entries) > 0 || exists != (err == nil) {
			t.Errorf("folder existed: %v; now it holds %v, %v", exists, entries, err)
		}
	}
}

func TestPapers(t *testing.T) {
	dir, made := generate(t, demo.Options{Members: 100, Loans: 100, Threads: 2})
	for _, name := range []string{"peil.key", "cbs-identity.txt", "peil.yaml", "README.txt"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want a file of mode 0600", name, info, err)
		}
	}

	key := read(t, made.KeyPath)
	if !regexp.MustCompile(`^(#[^\n]*\n)+[0-9a-f]{64}\n$`).MatchString(key) {
		t.Errorf("key file has not the shape of comments and 64 hexadecimal digits:\n%s", key)
	}

	identities, err := age.ParseIdentities(strings.NewReader(read(t, made.IdentityPath)))
	if err != nil || len(identities) != 1 {
		t.Fatalf("got identities %v, %v; want one", identities, err)
	}
	if got := identities[0].(*age.X25519Identity).Recipient().String(); got != made.Recipient {
		t.Errorf("identity is of %s, want %s", got, made.Recipient)
	}

	var config struct {
		Source     map[string]string
		Keys       map[string]string
		Limits     map[string]any
		Recipients map[string]struct{ Keys []string }
		Outputs    map[string]struct{ Population struct{ File string } }
	}
	if err := yaml.Unmarshal([]byte(read(t, made.ConfigPath)), &config); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{made.Recipient}, config.Recipients["cbs"].Keys); diff != "" {
		t.Errorf("recipients (-want +got):\n%s", diff)
	}
	if got := filepath.Join(dir, config.Keys["file"]); got != made.KeyPath {
		t.Errorf("key is in %s, want %s", got, made.KeyPath)
	}
	if config.Limits["threads"] != uint64(2) || config.Limits["memory"] != "2GB" || len(config.Outputs) != 5 {
		t.Errorf("got limits %v and outputs %v", config.Limits, config.Outputs)
	}
	found := 0
	config.Source["population"] = config.Outputs["new-members"].Population.File
	for what, pattern := range config.Source {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		if what != "type" && len(files) == 0 {
			t.Errorf("%s: nothing at %s", what, pattern)
		}
		found += len(files)
	}
	if found != len(made.Files) {
		t.Errorf("the configuration finds %d files, want %d", found, len(made.Files))
	}
}

func TestKeysAreNotDrawnFromTheSeed(t *testing.T) {
	o := demo.Options{Members: 100, Loans: 100}
	_, one := generate(t, o)
	_, two := generate(t, o)
	if read(t, one.KeyPath) == read(t, two.KeyPath) || one.Recipient == two.Recipient {
		t.Error("two demonstrations of one seed have the same key or identity")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
