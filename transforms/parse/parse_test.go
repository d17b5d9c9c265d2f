package parse_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/transforms/parse"
)

func open(t testing.TB) *engine.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := parse.Install(t.Context(), db, "Europe/Amsterdam"); err != nil {
		t.Fatal(err)
	}
	return db
}

// null is how a NULL is written in the tables of cases.
const null = "∅"

// evaluator runs expressions over v, a column of texts, all in one query.
type evaluator struct {
	stmt  *sql.Stmt
	width int
}

func newEvaluator(t testing.TB, db *engine.DB, expressions ...string) *evaluator {
	t.Helper()
	columns := make([]string, len(expressions))
	for i, e := range expressions {
		columns[i] = "coalesce(CAST(" + e + " AS VARCHAR), '" + null + "')"
	}
	stmt, err := db.Conn().PrepareContext(t.Context(), "SELECT "+strings.Join(columns, ", ")+
		" FROM (SELECT unnest(CAST($1 AS VARCHAR[])) AS v)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stmt.Close() })
	return &evaluator{stmt, len(expressions)}
}

// eval returns one row of results a value, in order.
func (e *evaluator) eval(ctx context.Context, t testing.TB, values []string) [][]string {
	t.Helper()
	rows, err := e.stmt.QueryContext(ctx, values)
	if err != nil {
		t.Fatalf("evaluate %q: %v", values, err)
	}
	defer rows.Close()
	var results [][]string
	for rows.Next() {
		row := make([]string, e.width)
		into := make([]any, e.width)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		results = append(results, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("evaluate %q: %v", values, err)
	}
	return results
}

// check runs expressions over the first column of cases and compares the others.
func check(t *testing.T, expressions []string, cases [][]string) {
	t.Helper()
	values := make([]string, len(cases))
	want := make([][]string, len(cases))
	for i, c := range cases {
		values[i], want[i] = c[0], c[1:]
	}
	got := newEvaluator(t, open(t), expressions...).eval(t.Context(), t, values)
	for i := range cases {
		if d := cmp.Diff(want[i], got[i]); d != "" {
			t.Errorf("%q (-want +got):\n%s", values[i], d)
		}
	}
}

func TestInstallRefusesAnUnknownZone(t *testing.T) {
	db := open(t)
	err := parse.Install(t.Context(), db, "Europe/Zoetermeer")
	if err == nil || !strings.Contains(err.Error(), "Europe/Zoetermeer") {
		t.Errorf("got error %v, want one that names the zone", err)
	}
}

func TestInstallAgainChangesTheZone(t *testing.T) {
	db := open(t)
	if err := parse.Install(t.Context(), db, "America/Paramaribo"); err != nil {
		t.Fatal(err)
	}
	got := newEvaluator(t, db, "parse_time(v)").eval(t.Context(), t, []string{"2024-05-03T01:30:00Z"})
	if d := cmp.Diff([][]string{{"2024-05-02 22:30:00"}}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestInstallWritesNothingToAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	for range 2 {
		db, err := engine.Open(t.Context(), engine.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		n, err := db.Count(t.Context(), "SELECT count(*) FROM duckdb_functions() WHERE function_name = 'parse_date'")
		if err != nil || n != 0 {
			t.Errorf("a file knows %d parse_date before Install, want 0 (%v)", n, err)
		}
		if err := parse.Install(t.Context(), db, "Europe/Amsterdam"); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
}

// macros are all that take one text; each must yield NULL or a code for NULL.
var macros = []string{
	"parse_date", "date_code", "parse_birth_year", "parse_time", "parse_postcode", "postcode_code", "parse_pc4",
	"parse_sex", "sex_code", "parse_bool", "parse_id", "member_ref", "isil_code", "isil_organisation", "clean_text", "text_code",
}

func TestNull(t *testing.T) {
	db := open(t)
	for _, m := range macros {
		want := sql.NullString{}
		if strings.HasSuffix(m, "_code") {
			want = sql.NullString{String: "empty", Valid: true}
		}
		for _, arg := range []string{"NULL", "CAST(NULL AS VARCHAR)"} {
			var got sql.NullString
			if err := db.Get(t.Context(), []any{&got}, "SELECT CAST("+m+"("+arg+") AS VARCHAR)"); err != nil || got != want {
				t.Errorf("%s(%s) = %v, %v, want %v", m, arg, got, err, want)
			}
		}
	}
}

// A macro's inner names must not catch a column of the same name.
func TestColumnNamesOfTheCaller(t *testing.T) {
	db := open(t)
	for _, column := range strings.Fields("v s number letter stripped rewritten parsed word id isil line head parts given joined character found") {
		q := fmt.Sprintf(`SELECT concat_ws(' ', parse_date(%[1]s), date_code(%[1]s), parse_time(%[1]s), parse_house(%[1]s, %[1]s, %[1]s).code,
			parse_sex(%[1]s), sex_code(%[1]s), parse_id(%[1]s), isil_code(%[1]s), clean_text(%[1]s), postcode_code(%[1]s))
			FROM (SELECT '3 mei 2024' AS %[1]s)`, engine.Ident(column))
		var got string
		if err := db.Get(t.Context(), []any{&got}, q); err != nil {
			t.Errorf("column %s: %v", column, err)
		}
		if want := "2024-05-03 ok 2024-05-03 00:00:00 addition-too-long invalid 3 mei 2024 invalid 3 mei 2024 invalid"; got != want {
			t.Errorf("column %s: got %q, want %q", column, got, want)
		}
	}
}

// The list of naughty strings must pass every macro without an error.
func TestNaughtyStrings(t *testing.T) {
	dir := os.Getenv("PEIL_SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(dir, "naughty", "blns.txt"))
	if err != nil {
		t.Skip("no naughty strings: set PEIL_SHARED_DATA")
	}
	defer f.Close()
	var values []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		values = append(values, strings.ToValidUTF8(lines.Text(), "�"))
	}
	expressions := []string{"parse_house(v, v, v)"}
	for _, m := range macros {
		expressions = append(expressions, m+"(v)")
	}
	results := newEvaluator(t, open(t), expressions...).eval(t.Context(), t, values)
	if len(results) != len(values) || len(values) < 500 {
		t.Errorf("got %d rows of %d values, want all of at least 500", len(results), len(values))
	}
}
