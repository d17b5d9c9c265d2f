package sqldb

import (
	"io"
	"strings"
	"testing"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// FuzzCSV: two values of any bytes come out of the vault's reader as the text that was in
// them.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"", "a", `"`, `""`, "\n", "\r\n", "\r", ",", "\x00", "a\x00b", "\xff", "é", `\`, "'", "#", " ", `a"b,c` + "\n"} {
		f.Add([]byte(s), []byte("x"))
		f.Add([]byte("y"), []byte(s))
	}
	dir := f.TempDir()
	db, err := engine.Open(f.Context(), engine.Options{Threads: 1, Dirs: []string{dir}})
	if err != nil {
		f.Fatal(err)
	}
	defer db.Close()
	present := []string{"branch", "name"}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		err := db.FeedGroups(t.Context(), dir, func(w io.Writer) error {
			c := newCSVWriter(w)
			for _, row := range [][2][]byte{{a, b}, {[]byte("end"), []byte("of rows")}} {
				c.value(row[0])
				c.value(row[1])
				c.endRow()
			}
			return c.flush()
		}, func(pipes string) string {
			return "CREATE OR REPLACE TABLE t AS SELECT coalesce(branch, '') AS a, coalesce(name, '') AS b FROM " + source.FromPipes(source.Branches, present, pipes)
		})
		if err != nil {
			t.Fatal(err)
		}
		var gotA, gotB string
		if err := db.Get(t.Context(), []any{&gotA, &gotB}, "SELECT a, b FROM t WHERE rowid = 0"); err != nil {
			t.Fatal(err)
		}
		if n, _ := db.Count(t.Context(), "SELECT count(*) FROM t"); n != 2 || gotA != arrives(a) || gotB != arrives(b) {
			t.Fatalf("%q, %q arrive as %q, %q in %d rows", a, b, gotA, gotB, n)
		}
	})
}

// arrives is what must come out of a value.
func arrives(b []byte) string {
	var valid strings.Builder
	for _, r := range string(b[:min(len(b), maxValue)]) { // each byte that is no UTF-8 is one replacement character
		if r != 0 {
			valid.WriteRune(r)
		}
	}
	if strings.Trim(valid.String(), " \t\n\v\f\r\u00a0") == "" {
		return ""
	}
	return valid.String()
}
