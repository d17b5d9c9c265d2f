package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

func inUTF16(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func inGzip(parts ...string) string {
	var b bytes.Buffer
	for _, p := range parts { // each a member of its own, as logs are joined
		z := gzip.NewWriter(&b)
		z.Write([]byte(p))
		z.Close()
	}
	return b.String()
}

func inZstd(parts ...string) string {
	var b bytes.Buffer
	for _, p := range parts {
		z, _ := zstd.NewWriter(&b)
		z.Write([]byte(p))
		z.Close()
	}
	return b.String()
}

func TestEncodingsAndCompressions(t *testing.T) {
	const text = "branch;name\n1;Café €5\n2;\"a;b\"\n"
	const latin = "branch;name\r\n1;Caf\xe9 \x805\r\n2;\"a;b\"\r\n"
	want := [][]string{{"1", "Café €5"}, {"2", "a;b"}}
	for name, bytes := range map[string]string{
		"UTF-8":                   text,
		"UTF-8 with mark":         "\xEF\xBB\xBF" + text,
		"UTF-8, mark and CRLF":    "\xEF\xBB\xBF" + strings.ReplaceAll(text, "\n", "\r\n"),
		"no last line end":        strings.TrimSuffix(text, "\n"),
		"CRLF, no last line end":  strings.TrimSuffix(strings.ReplaceAll(text, "\n", "\r\n"), "\r\n"),
		"both line ends":          strings.Replace(text, "\n", "\r\n", 2),
		"old Mac":                 strings.ReplaceAll(text, "\n", "\r"),
		"UTF-16 LE with mark":     inUTF16(binary.LittleEndian, "\uFEFF"+text),
		"UTF-16 BE with mark":     inUTF16(binary.BigEndian, "\uFEFF"+text),
		"UTF-16 LE without mark":  inUTF16(binary.LittleEndian, text),
		"UTF-16 BE without mark":  inUTF16(binary.BigEndian, text),
		"Windows-1252":            latin,
		"Windows-1252, gzip":      inGzip(latin),
		"gzip":                    inGzip(text),
		"gzip, several members":   inGzip(text[:20], text[20:]),
		"zstd":                    inZstd(text),
		"zstd, several frames":    inZstd(text[:20], text[20:]),
		"UTF-16, zstd":            inZstd(inUTF16(binary.LittleEndian, "\uFEFF"+text)),
		"line for Excel":          "sep=;\r\n" + strings.ReplaceAll(text, "\n", "\r\n"),
		"empty lines before":      "\n\r\n" + text,
		"quoted headings":         strings.Replace(text, "branch;name", `"Branch";"Na""me"`, 1),
		"headings on two lines":   strings.Replace(text, "branch;name", "branch;\"na\nme\"", 1),
		"headings in other cases": strings.Replace(text, "branch;name", " BRANCH_ ;- Name", 1),
	} {
		t.Run(name, func(t *testing.T) {
			db, branches := one(t, "b.csv", bytes)
			got, rejects := rows(t, db, branches.Parts[0])
			for i := range got {
				got[i] = got[i][:2]
			}
			if diff := cmp.Diff(want, got); diff != "" || len(rejects) > 0 {
				t.Error(diff, rejects)
			}
		})
	}
}

func TestEncodingIsJudgedByTheWholeFile(t *testing.T) {
	plain := strings.Repeat("1,Forum\n", 300_000) // beyond what sniffing sees
	for _, c := range []struct {
		name, text string
		last       string
		rejects    []source.Reject
	}{
		{"Windows-1252 at the end", "branch,name\n" + plain + "2,Caf\xe9\n", "Café", nil},
		{"UTF-8 with one damaged line", "branch,name\n1,é\n1,é\n1,\xe9\n" + plain + "2,Café\n", "Café", []source.Reject{{Part: "b.csv", Line: 4, Code: invalidBytes}}},
		{"UTF-8 with mark is UTF-8", "\xEF\xBB\xBFbranch,name\n1,\xe9\n2,Cafe\n", "Cafe", []source.Reject{{Part: "b.csv", Line: 2, Code: invalidBytes}}},
		{"a byte that Windows-1252 lacks", "branch,name\n1,\x81\n2,Caf\xe9\n", "Café", []source.Reject{{Part: "b.csv", Line: 2, Code: invalidBytes}}},
		{"half a pair in UTF-16", inUTF16(binary.LittleEndian, "\uFEFFbranch,name\n1,x") + "\x00\xD8" + inUTF16(binary.LittleEndian, "\n2,Café\n"), "Café", []source.Reject{{Part: "b.csv", Line: 2, Code: invalidBytes}}},
		{"half a unit in UTF-16", inUTF16(binary.LittleEndian, "\uFEFFbranch,name\n2,Café\n1,x") + "y", "Café", []source.Reject{{Part: "b.csv", Line: 3, Code: invalidBytes}}},
		{"damage in a column that is not read", "branch,name,notes\n1,é,\xe9\x00\n2,Café,\n", "Café", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, branches := one(t, "b.csv", c.text)
			rejects, err := branches.Parts[0].Read(t.Context(), db, func(relation string) string {
				return "CREATE TABLE t AS SELECT * FROM " + relation
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.rejects, rejects); diff != "" {
				t.Error(diff)
			}
			var last string
			if err := db.Get(t.Context(), []any{&last}, "SELECT name FROM t WHERE branch = '2'"); err != nil || last != c.last {
				t.Errorf("got %q, %v", last, err)
			}
			n, _ := db.Count(t.Context(), "SELECT count(*) FROM t")
			lines, err := branches.Parts[0].Lines(t.Context(), []int64{n - 1})
			if err != nil || lines[0] == 0 {
				t.Error(lines, err)
			}
		})
	}
}

func TestRejects(t *testing.T) {
	long := strings.Repeat("x", maxRecord)
	for _, c := range []struct {
		name, text string
		rows       []string
		rejects    []string // line:code
	}{
		{"headings only", "branch,name", nil, nil},
		{"too few, too many", "branch,name\n1\n2,b\n3,c,\n", []string{"2,b"}, []string{"2:too-few-columns", "4:too-many-columns"}},
		{"a quote too many costs its line", "branch,name\n1,\"a\n2,b\n3,\"c\"\n4,d\n", []string{"2,b", "3,c", "4,d"}, []string{"2:unterminated-quote"}},
		{"a quote that nothing closes", "branch,name\n1,\"a\n2,b\n", []string{"2,b"}, []string{"2:unterminated-quote"}},
		{"text after a quote", "branch,name\n1,\"a\"x\n2,b\n", []string{"2,b"}, []string{"2:text-after-quote"}},
		{"a space after a quote", "branch,name\n1,\"a\" \n2,b\n", []string{"2,b"}, []string{"2:text-after-quote"}},
		{"quotes within", "branch,name\n1,5\" disk\n2, \"b\"\n", []string{"1,5\" disk", "2, \"b\""}, nil},
		{"lone CR within", "branch,name\n1,a\rb\n2,b\n", []string{"1,a\rb", "2,b"}, nil},
		{"NUL", "branch,name\n1,a\x00b\n2,b\n", []string{"2,b"}, []string{"2:nul-byte"}},
		{"long lines", "branch,name\n1," + long + "\n2,b\n" + long + long + long + ",\n3,\"" + long + "\n4,d\n", []string{"2,b", "4,d"}, []string{"2:line-too-long", "4:line-too-long", "5:line-too-long"}},
		{"a long value of many lines", "branch,name\n1,\"" + strings.Repeat("x\n", maxRecord/2) + "\"\n", nil, nil},
		{"lines just short enough", "branch,name\n1," + long[:maxRecord-3] + "\n2,b\n", []string{"1," + long[:maxRecord-3], "2,b"}, nil},
		{"empty lines", "branch,name\n\n1,a\n\r\n\n2,b\n3\n", []string{"1,a", "2,b"}, []string{"7:too-few-columns"}},
		{"a line of spaces", "branch,name\n  \n1,a\n", []string{"1,a"}, []string{"2:too-few-columns"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, branches := one(t, "b.csv", c.text)
			all, rejects := rows(t, db, branches.Parts[0])
			var got, codes []string
			for _, row := range all {
				got = append(got, row[0]+","+row[1])
			}
			for _, r := range rejects {
				codes = append(codes, fmt.Sprintf("%d:%s", r.Line, r.Code))
			}
			if c.name == "a long value of many lines" {
				// every line of it is one: the quote never closes within a megabyte
				if len(codes) != 2+maxRecord/2-1 || codes[0] != "2:unterminated-quote" || len(got) > 0 {
					t.Errorf("got %d rejects, first %s, rows %v", len(codes), codes[0], got)
				}
				return
			}
			if diff := cmp.Diff(c.rows, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.rejects, codes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAFileOfNothingButRejectsIsGivenUp(t *testing.T) {
	db, branches := one(t, "b.csv", "branch,name\n"+strings.Repeat("x\n", maxRejects+1))
	_, err := branches.Parts[0].Read(t.Context(), db, func(relation string) string { return "SELECT * FROM " + relation })
	var e *Error
	if !errors.As(err, &e) || e.Line != 2 || !strings.Contains(err.Error(), "too-few-columns") {
		t.Errorf("got %v", err)
	}
}

func TestAFileThatChangesIsNotBelieved(t *testing.T) {
	db, branches := one(t, "b.csv", "branch,name\n1,a\n")
	p := branches.Parts[0].(*filePart)
	_, err := p.Read(t.Context(), db, func(relation string) string {
		if err := os.WriteFile(p.dataFile.(*csvFile).path, []byte("branch,name\n1,a\n2,b\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return "CREATE TABLE t AS SELECT * FROM " + relation
	})
	if err == nil || !strings.Contains(err.Error(), "changed while") {
		t.Errorf("got %v", err)
	}
}

func TestLinesPastTheEnd(t *testing.T) {
	_, branches := one(t, "b.csv", "branch,name\n1,a\n")
	if lines, err := branches.Parts[0].Lines(t.Context(), []int64{0, 1}); err == nil {
		t.Errorf("got %v, want an error", lines)
	}
}

func TestParquet(t *testing.T) {
	dir, runDir := t.TempDir(), t.TempDir()
	made, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	path := filepath.Join(dir, "b'1.parquet")
	if err := made.Exec(t.Context(), "COPY (SELECT 7 AS branchcode, ' ' AS isil, 'Forum' AS \"Na\"\"me\", DATE '2024-01-31' AS opened_on, [1] AS other) TO "+engine.Literal(path)+" (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "b2.pq", string(b)) // known by what it holds
	o := Options{Tables: map[string]Input{
		source.Branches: {Paths: []string{filepath.Join(dir, "b*")}},
		source.Members:  {Paths: []string{write(t, dir, "members.csv", "member_id,branch\n")}},
	}, RunDir: runDir, Rel: filepath.Base}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	branches := s.Tables()[0]
	if len(branches.Parts) != 2 {
		t.Fatalf("got %d parts", len(branches.Parts))
	}
	db := vault(t, runDir, s.Paths())
	for _, p := range branches.Parts {
		got, rejects := rows(t, db, p)
		if diff := cmp.Diff([][]string{{"7", "Forum", "∅", "∅", "∅", "2024-01-31", "∅", "∅"}}, got); diff != "" || len(rejects) > 0 {
			t.Error(diff, rejects)
		}
	}
	lines, err := branches.Parts[0].Lines(t.Context(), []int64{0})
	if diff := cmp.Diff([]int64{0}, lines); diff != "" || err != nil {
		t.Error(diff, err)
	}

	write(t, dir, "b2.pq", string(b[:len(b)-20]))
	var e *Error
	if _, err := Open(t.Context(), o); !errors.As(err, &e) || !strings.Contains(err.Error(), "b2.pq: the Parquet file is damaged") {
		t.Errorf("got %v", err)
	}
}
