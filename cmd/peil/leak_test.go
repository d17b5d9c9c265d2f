package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"peil/pipeline/delivery"
	"peil/pipeline/demo"
	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
)

// In the marked library every personal value can be told from everything else: ids, names,
// e-mail addresses, telephone numbers and accounts begin with the mark, everybody was born
// on a 23 February, postcodes end in QX, house numbers are 98765 with the addition QXQX.
const mark = "ZQMARKQZ"

var (
	personal = regexp.MustCompile(`(?i)` + mark + `|\b[1-9][0-9]{3} ?QX\b|\b98765\b|\bQXQX\b`)
	// In bytes that are no text a short value may stand by chance.
	certain = regexp.MustCompile(`(?i)` + mark)
)

type markedLibrary struct {
	dir, runtime string
	made         demo.Made
	ids          []string
}

func makeMarked(t *testing.T, members, loans int) markedLibrary {
	t.Helper()
	root := t.TempDir()
	l := markedLibrary{dir: filepath.Join(root, "lib"), runtime: filepath.Join(root, "run")}
	if err := os.Mkdir(l.runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	made, err := demo.Generate(t.Context(), demo.Options{
		Dir: l.dir, Members: members, Loans: loans, Branches: 6, Seed: 3, AsOf: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Mark: mark,
	})
	if err != nil {
		t.Fatal(err)
	}
	l.made = made
	f, err := os.Open(filepath.Join(l.dir, "data", "members.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = ';', -1, true
	for len(l.ids) < 300 {
		row, err := r.Read()
		if err != nil {
			break
		}
		if strings.HasPrefix(row[0], mark) {
			l.ids = append(l.ids, row[0])
		}
	}
	if len(l.ids) < 100 {
		t.Fatalf("only %d marked ids: the test would prove nothing", len(l.ids))
	}
	return l
}

// command runs peil on the library, with temporary files where the test can search them.
func (l markedLibrary) command(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Args[0] = "peil"
	cmd.Dir = l.dir
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+l.runtime, "TMPDIR="+l.runtime, "PEIL_TEST_COMMAND=1")
	return cmd
}

func TestNothingPersonalLeavesTheVault(t *testing.T) {
	l := makeMarked(t, 2000, 12000)
	var output bytes.Buffer
	cmd := l.command(t.Context(), t, "run", "--as-of", "2025-01-01", "--verbose")
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		t.Fatalf("peil run: %v\n%s", err, output.String())
	}
	s := l.searcher(t)
	s.search("what the command printed", output.Bytes())
	files := s.searchTree(filepath.Join(l.dir, "out"))
	files += s.searchTree(l.runtime)
	if s.cbs == 0 || files < 30 {
		t.Errorf("searched %d files, %d of them for CBS: the test would prove nothing", files, s.cbs)
	}
}

func TestNothingPersonalIsLeftByAKilledRun(t *testing.T) {
	l := makeMarked(t, 2000, 60000)
	for _, after := range []time.Duration{300, 600, 900, 1200, 1600} {
		cmd := l.command(t.Context(), t, "run", "--as-of", "2025-01-01")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		cmd.Process.Signal(syscall.SIGKILL)
		cmd.Wait()
		s := l.searcher(t)
		s.searchTree(l.runtime)
		s.searchTree(filepath.Join(l.dir, "out"))
	}
	// the next run sweeps what the dead ones left
	if out, err := l.command(t.Context(), t, "run", "quality", "--as-of", "2025-01-01").CombinedOutput(); err != nil {
		t.Fatalf("peil run after kills: %v\n%s", err, out)
	}
	if left, _ := filepath.Glob(filepath.Join(l.runtime, "*")); len(left) > 0 {
		t.Errorf("left after the next run: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(l.dir, "out", ".staging", "*")); len(left) > 0 {
		t.Errorf("staged files left after the next run: %v", left)
	}
}

// searcher looks for personal values in whatever it is given, decoded as far as it can be.
type searcher struct {
	t        *testing.T
	l        markedLibrary
	key      pseudonym.Key
	identity []age.Identity
	hashes   map[string]string // plain hashes of ids, and keys, raw and in hexadecimal digits
	cbs      int               // files for CBS that were opened
}

func (l markedLibrary) searcher(t *testing.T) *searcher {
	t.Helper()
	s := &searcher{t: t, l: l, hashes: map[string]string{}}
	text, err := os.ReadFile(l.made.KeyPath)
	if err != nil {
		t.Fatal(err)
	}
	if s.key, err = pseudonym.Parse(text); err != nil {
		t.Fatal(err)
	}
	s.addKeys(text)
	identity, err := os.Open(l.made.IdentityPath)
	if err != nil {
		t.Fatal(err)
	}
	defer identity.Close()
	if s.identity, err = age.ParseIdentities(identity); err != nil {
		t.Fatal(err)
	}
	for _, id := range l.ids[:100] {
		m, h1, h2 := md5.Sum([]byte(id)), sha1.Sum([]byte(id)), sha256.Sum256([]byte(id))
		for name, sum := range map[string][]byte{"MD5": m[:], "SHA-1": h1[:], "SHA-256": h2[:]} {
			s.hashes[string(sum[:16])] = "a plain " + name + " of a member's id"
			s.hashes[hex.EncodeToString(sum[:16])] = "a plain " + name + " of a member's id"
		}
	}
	return s
}

// addKeys makes the library's key and all that is derived from it a thing that must be found
// nowhere.
func (s *searcher) addKeys(text []byte) {
	add := func(secret []byte, what string) {
		s.hashes[string(secret)], s.hashes[hex.EncodeToString(secret)], s.hashes[base64.RawStdEncoding.EncodeToString(secret)] = what, what, what
	}
	lines := strings.Fields(string(text))
	secret, err := hex.DecodeString(lines[len(lines)-1])
	if err != nil || len(secret) != pseudonym.Size {
		s.t.Fatalf("the key file ends with no key: %v", err)
	}
	add(secret, "the library's key")
	for _, purpose := range []string{pseudonym.Register, pseudonym.Sealing, pseudonym.Fingerprint, pseudonym.Ledger, pseudonym.Rights, pseudonym.Subject} {
		sub := s.key.Derive(purpose)
		add(sub[:], "the key of "+purpose)
	}
}

// searchTree searches every file below dir and returns how many there were.
func (s *searcher) searchTree(dir string) int {
	s.t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		n++
		name, _ := filepath.Rel(filepath.Dir(dir), path)
		switch {
		case strings.Contains(name, "cbs-lgb") && strings.HasSuffix(name, ".age"):
			s.searchCBS(name, data)
		case strings.HasSuffix(name, ".duckdb"):
			s.searchDatabase(name, path)
		default:
			s.searchFile(name, path, data)
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// searchFile searches a file as it stands and as its kind decodes.
func (s *searcher) searchFile(name, path string, data []byte) {
	s.t.Helper()
	s.search(name, data)
	// what a killed run was writing may end anywhere: then its bytes are all there is
	cut := strings.Contains(name, ".staging")
	switch filepath.Ext(name) {
	case ".xlsx":
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if !cut {
				s.t.Errorf("%s: %v", name, err)
			}
			return
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				s.t.Fatal(err)
			}
			inner, _ := io.ReadAll(r)
			r.Close()
			s.search(name+"/"+f.Name, inner)
		}
	case ".parquet":
		if cut && !bytes.HasSuffix(data, []byte("PAR1")) {
			return
		}
		s.search(name+" as rows", s.rows("SELECT * FROM read_parquet("+engine.Literal(path)+")"))
	case ".gz":
		if r, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
			inner, _ := io.ReadAll(r)
			s.search(name+" unpacked", inner)
		}
	case ".zst":
		if r, err := zstd.NewReader(bytes.NewReader(data)); err == nil {
			inner, _ := io.ReadAll(r)
			s.search(name+" unpacked", inner)
		}
	case ".age":
		purpose := pseudonym.Sealing
		if strings.Contains(name, "private/rights") || strings.Contains(name, delivery.SetFolder) {
			purpose = pseudonym.Rights
		}
		r, err := delivery.Open(bytes.NewReader(data), s.key.Derive(purpose))
		if err != nil {
			if !cut {
				s.t.Errorf("%s: %v", name, err)
			}
			return
		}
		inner, _ := io.ReadAll(r)
		s.search(name+" unsealed", inner)
	}
}

func (s *searcher) search(name string, data []byte) {
	s.t.Helper()
	pattern := personal
	if !utf8.Valid(data) {
		pattern = certain
	}
	if found := pattern.Find(data); found != nil {
		s.t.Errorf("%s holds the personal value %q", name, found)
	}
	for secret, kind := range s.hashes {
		if bytes.Contains(data, []byte(secret)) {
			s.t.Errorf("%s holds %s", name, kind)
		}
	}
}

// cbsLine is the only shape that a line of the file for CBS may have.
var cbsLine = regexp.MustCompile(`^(\d{8})?;[12-];(\d{8})?;NL-\d{10};([1-9]\d{3}[A-Z]{2})?;\d{0,5};[A-Z0-9]{0,5};20250101$`)

// searchCBS asserts that the file for CBS holds its own fields and nothing else.
func (s *searcher) searchCBS(name string, data []byte) {
	s.t.Helper()
	s.search(name, data)
	r, err := age.Decrypt(bytes.NewReader(data), s.identity...)
	if err != nil {
		if !strings.Contains(name, ".staging") {
			s.t.Errorf("%s cannot be opened by its recipient: %v", name, err)
		}
		return
	}
	plain, err := io.ReadAll(r)
	if err != nil && !strings.Contains(name, ".staging") {
		s.t.Errorf("%s: %v", name, err)
	}
	s.cbs++
	lines := strings.Split(strings.TrimSuffix(string(plain), "\r\n"), "\r\n")
	for i, line := range lines[1:] {
		if !cbsLine.MatchString(line) && i < len(lines)-2 {
			s.t.Errorf("%s: line %d is not of its layout", name, i+2)
		}
	}
	if bytes.Contains(plain, []byte(mark)) {
		s.t.Errorf("%s holds a value that CBS does not get", name)
	}
}

// searchDatabase searches every value of a database file that a killed run left.
func (s *searcher) searchDatabase(name, path string) {
	s.t.Helper()
	db, err := engine.Open(s.t.Context(), engine.Options{Path: path})
	if err != nil {
		return // cut off while it was written: its bytes were compressed or are not there
	}
	defer db.Close()
	rows, err := db.Query(s.t.Context(), "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY ALL")
	if err != nil {
		s.t.Fatal(err)
	}
	var columns [][3]string
	for rows.Next() {
		var c [3]string
		if err := rows.Scan(&c[0], &c[1], &c[2]); err != nil {
			s.t.Fatal(err)
		}
		columns = append(columns, c)
	}
	rows.Close()
	for _, c := range columns {
		column, table := engine.Ident(c[1]), engine.Ident(c[0])
		where := fmt.Sprintf("%s: %s.%s", name, c[0], c[1])
		if strings.Contains(c[2], "DATE") || strings.Contains(c[2], "TIMESTAMP") {
			n, err := db.Count(s.t.Context(), "SELECT count(*) FROM "+table+" HAVING count(*) FILTER (month("+column+") = 2 AND day("+column+") = 23) * 4 > count(*) AND count(*) > 20")
			if err == nil && n > 0 {
				s.t.Errorf("%s holds birth dates", where)
			}
			continue
		}
		var all string
		if err := db.Get(s.t.Context(), []any{&all}, "SELECT coalesce(string_agg(DISTINCT "+column+"::VARCHAR, ' '), '') FROM "+table); err == nil {
			s.search(where, []byte(all))
		}
	}
}

// rows are the values of a query's result as text.
func (s *searcher) rows(query string) []byte {
	s.t.Helper()
	dir := s.t.TempDir()
	db, err := engine.Open(s.t.Context(), engine.Options{Dirs: []string{dir}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	var out bytes.Buffer
	if err := db.CopyTo(s.t.Context(), dir, query, "FORMAT csv, HEADER", &out); err != nil {
		s.t.Fatal(err)
	}
	return out.Bytes()
}
