package render

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func csvOf(t testing.TB, table *Table) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := WriteCSV(&buf, table); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestCSV(t *testing.T) {
	tables := smallReport(Dutch).Sections[0].Tables
	want := "branch,month,new,cell_status\r\n" +
		"A,2024-01,1200,new=lower_bound\r\nA,2024-02,1300,\r\nA,2024-04,0,\r\n" +
		"B,2024-01,,new=protected\r\nB,2024-02,800,\r\nB,2024-04,,new=not_available\r\n"
	if diff := cmp.Diff(want, string(csvOf(t, &tables[0]))); diff != "" {
		t.Errorf("months (-want +got):\n%s", diff)
	}
	want = "class,share,a,b,year,day,mean,cell_status\r\n" +
		"0-3,-0.125,10,5,1999,2024-02-29,1234.5,\r\n" +
		"4-12,0.0004,20,,2024,,-0.001,b=protected;day=not_available\r\n"
	if diff := cmp.Diff(want, string(csvOf(t, &tables[1]))); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

func TestCSVFormulas(t *testing.T) {
	table := &Table{ID: "t", Columns: []Column{{Key: "a"}, {Key: "n", Kind: KindDecimal}}}
	for _, s := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "a=1", "", "'=1", "\x00=1"} {
		table.Rows = append(table.Rows, []Value{Text(s), Float(-1)})
	}
	want := []string{"'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'=1", "'＝1", "a=1", "", "'=1", "'=1"}
	records, err := csv.NewReader(bytes.NewReader(csvOf(t, table))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records[1:] {
		got = append(got, r[0])
		if r[1] != "-1" {
			t.Errorf("a number became %q", r[1])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

// naughty are strings that break programs: as every text of a document.
func naughty(t testing.TB) (*Document, []string) {
	raw, err := os.ReadFile(filepath.Join(sharedData(t), "naughty", "blns.txt"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(raw), "\n")
	lines = append(lines, "\xff\xfe broken", "nul\x00nul", "<script>alert(1)</script>", "</script><!--", "]]>", "_x0041_", "{{.}}")
	d := smallReport(English)
	table := &d.Sections[0].Tables[0]
	table.Rows = nil
	for i, s := range lines {
		table.Rows = append(table.Rows, []Value{Text(s), Month(1900+i/12, time.Month(i%12+1)), Int(int64(i))})
		table.Notes = append(table.Notes, s)
		d.Definitions = append(d.Definitions, Definition{s, s})
	}
	d.Sections[0].Charts = d.Sections[0].Charts[1:]
	for i, s := range lines {
		c := Chart{ID: fmt.Sprintf("n%d", i), Title: s, Description: s, Kind: Bars, Table: "t2", X: "class", Y: []string{"a"}}
		if i%40 == 0 {
			d.Sections[0].Charts = append(d.Sections[0].Charts, c)
		}
	}
	d.Title, d.Library = lines[len(lines)-5]+lines[len(lines)-4], lines[len(lines)-7]
	return d, lines
}

func TestCSVNaughty(t *testing.T) {
	d, lines := naughty(t)
	records, err := csv.NewReader(bytes.NewReader(csvOf(t, &d.Sections[0].Tables[0]))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != len(lines)+1 {
		t.Fatalf("%d records for %d rows", len(records), len(lines))
	}
	for i, s := range lines {
		want := strings.ReplaceAll(Inert(s), "\r\n", "\n")
		if got := records[i+1][0]; got != want {
			t.Errorf("row %d: %q, want %q", i+1, got, want)
		}
	}
}
