package contract

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// The contracts of the input are those of the allow-list.
func TestInputIsTheAllowList(t *testing.T) {
	for _, table := range source.TableNames {
		c := Find(Input, table)
		if c == nil {
			t.Errorf("%s has no contract", table)
			continue
		}
		var got, want []string
		for _, column := range c.Columns {
			got = append(got, column.Name)
		}
		for _, column := range source.Columns[table] {
			want = append(want, column.Name)
			for _, found := range c.Columns {
				if found.Name == column.Name && column.Required != strings.Contains(found.EN, "required") {
					t.Errorf("%s.%s: the contract and the allow-list differ in whether it is required", table, column.Name)
				}
			}
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))); diff != "" {
			t.Errorf("columns of %s (-allow-list +contract):\n%s", table, diff)
		}
	}
	if got := len(Of(Input)); got != len(source.TableNames) {
		t.Errorf("%d contracts of the input, for %d tables", got, len(source.TableNames))
	}
}

func TestAFaultInAContractIsNamed(t *testing.T) {
	const row = "row: {nl: een rij, en: a row}\n"
	column := func(rest string) string {
		return row + "columns:\n  - {name: a, type: VARCHAR, class: public, nl: a, en: a" + rest + "}\n"
	}
	for _, c := range []struct{ text, want string }{
		{column(""), ""},
		{column(", codes: {failure: [x]}"), ""},
		{"columns: []\n", "row: say in nl and en what a row is"},
		{row, "columns: there are none"},
		{column(", colour: red"), "unknown field"},
		{strings.Replace(column(""), "VARCHAR", "TEXT", 1), `type "TEXT"`},
		{strings.Replace(column(""), "public", "secret", 1), `class "secret"`},
		{column(", category: 2"), "category 2"},
		{column(", not_null: fatal"), `severity "fatal"`},
		{column(", codes: {fatal: [x]}"), `severity "fatal"`},
		{column(", codes: {failure: [x], warning: [y]}"), "give one severity"},
		{column(", range: {failure: ['1']}"), "give the first and the last value"},
		{column(", matches: {failure: '['}"), "missing closing ]"},
		{column(", refers_to: {failure: branches}"), "write TABLE.COLUMN"},
		{column("") + "unique: {failure: [b]}\n", "there is no column b"},
		{column("") + "rules: [{name: r, severity: failure, nl: r, en: r}]\n", "give name, bad, nl and en"},
		{column("") + "rules: [{name: r, severity: failure, bad: a = 1, tolerate: 1, nl: r, en: r}]\n", "write a percentage"},
		{column("") + "instance: cloud\n", `instance "cloud"`},
		{strings.Replace(column(""), "en: a}", "}", 1), "say in nl and en what it means"},
	} {
		_, _, err := load(fstest.MapFS{"tables/core/t.yaml": {Data: []byte(c.text)}})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%v\n%s", err, c.text)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("got %v, want %q\n%s", err, c.want, c.text)
		}
	}
}

// Every kind of rule finds the rows that break it, and no other.
func TestCheck(t *testing.T) {
	all, _, err := load(fstest.MapFS{
		"tables/core/dictionary.yaml": {Data: []byte("- {name: sex, type: VARCHAR, class: pseudonymous, category: 1, nl: geslacht, en: sex, codes: {warning: [M, F]}}\n")},
		"tables/core/t.yaml": {Data: []byte(`
row: {nl: een rij, en: a row}
unique: {failure: [id, "on"]}
columns:
  - {name: id, type: INTEGER, class: public, nl: i, en: i, not_null: failure, refers_to: {failure: ids.id}, range: {notice: ["1", "3"]}}
  - {name: "on", type: DATE, class: public, nl: d, en: d, range: {failure: [2000-01-01, 2000-12-31]}}
  - {name: sex}
  - {name: code, type: VARCHAR, class: public, nl: c, en: c, matches: {failure: "[a-z]+'?"}}
rules:
  - {name: short, severity: warning, tolerate: 20%, bad: length(code) > 2, nl: te lang, en: too long}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Exec(t.Context(), `CREATE TABLE ids AS SELECT unnest([1, 2, 3, 4]) AS id;
		CREATE TABLE t AS SELECT * FROM (VALUES (1, DATE '2000-02-29', 'M', 'a'), (1, DATE '2000-02-29', 'F', 'b'''), (4, DATE '2001-01-01', 'x', 'A'),
			(5, NULL, NULL, NULL), (NULL, NULL, 'M', 'abc')) AS v(id, "on", sex, code)`); err != nil {
		t.Fatal(err)
	}
	results, err := all[0].Check(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	type found struct {
		Severity Severity
		Count    int64
	}
	got := map[string]found{}
	for _, r := range results {
		got[r.Rule] = found{r.Severity, r.Count}
	}
	want := map[string]found{
		"unique": {Failure, 1}, "id.not_null": {Failure, 1}, "id.refers_to": {Failure, 1}, "id.range": {Notice, 2}, "on.range": {Failure, 1},
		"sex.codes": {Warning, 1}, "code.matches": {Failure, 1}, "short": {Notice, 1}, // one of five is tolerated
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheckFile(t *testing.T) {
	all, _, err := load(fstest.MapFS{"tables/report/t.yaml": {Data: []byte(`
row: {nl: een rij, en: a row}
columns:
  - {name: month, type: MONTH, class: public, nl: m, en: m, not_null: failure}
  - {name: new, type: BIGINT, class: counts, category: 1, nl: n, en: n, range: {failure: ["0", "10"]}}
  - {name: by_age, pattern: "new_.+", type: BIGINT, class: counts, category: 1, nl: l, en: a}
  - {name: note, optional: true, type: VARCHAR, class: public, nl: o, en: o}
  - {name: new_total, type: BIGINT, class: counts, category: 1, nl: t, en: t, editions: [internal]}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1, Dirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		edition, text string
		want          []string
	}{
		{"internal", "month,new,new_0_3,new_65_up,new_total\r\n2024-12,1,1,0,1\r\n", nil},
		{"public", "month,new,new_0_3\n2024-12,,\n", nil},
		{"public", "month,new,note\n2024-12,,\n", nil},
		{"public", "month,new\n2024-13,11\n", []string{"month.not_null", "new.range", "month.type"}},
		{"public", "month,new,new_0_3\n2024-12,1,one\n", []string{"new_0_3.type"}},
		{"public", "new,month\n", []string{"columns"}},
		{"public", "month,new,more\n", []string{"columns"}},
		{"public", "month\n", []string{"columns"}},
	} {
		path := filepath.Join(dir, "t.csv")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		results, err := all[0].Edition(c.edition).CheckFile(t.Context(), db, path)
		if err != nil {
			t.Fatal(err)
		}
		var broken []string
		for _, r := range results {
			if r.Broken() {
				broken = append(broken, r.Rule)
			}
		}
		if diff := cmp.Diff(c.want, broken); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
}
