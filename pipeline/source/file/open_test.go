package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/source"
)

// open opens branches from the given texts, by name, under a glob or a list of paths.
func openBranches(t *testing.T, texts map[string]string, columns map[string][]string, paths ...string) (source.Table, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		write(t, dir, name, text)
	}
	for i, p := range paths {
		paths[i] = filepath.Join(dir, p)
	}
	s, err := Open(t.Context(), Options{
		Tables: map[string]Input{
			source.Branches: {Paths: paths},
			source.Members:  {Paths: []string{write(t, t.TempDir(), "members.csv", "member_id,branch\n")}},
		},
		Columns: map[string]map[string][]string{source.Branches: columns},
		RunDir:  t.TempDir(), Rel: filepath.Base,
	})
	if err != nil {
		return source.Table{}, err
	}
	return s.Tables()[0], nil
}

func TestErrorsSayWhatWhereAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		name, text string
		columns    map[string][]string
		want       string
	}{
		{"empty", "", nil, `b.csv: the file is empty, even of headings; export it again; a table without rows still has a line of headings`},
		{"empty in gzip", inGzip(""), nil, `b.csv: the file is empty, even of headings; export it again; a table without rows still has a line of headings`},
		{"mark only", "\xEF\xBB\xBF", nil, `b.csv: the file holds no line of headings; export it again, with headings in the first line`},
		{"line ends only", "\n\r\n", nil, `b.csv: the file holds no line of headings; export it again, with headings in the first line`},
		{"cut off", inGzip("branch,name\n1,a\n")[:30], nil, `b.csv: the file is compressed and damaged or cut off; copy or export it again`},
		{"workbook", "PK\x03\x04xl/", nil, `b.csv: this is a workbook or a zip file, not a CSV file; save the sheet as CSV, or unpack it`},
		{"long first line", strings.Repeat("x", maxRecord+1), nil, `b.csv, line 1: the first line is longer than 1 MiB; check that this is a CSV file with headings in the first line`},
		{"quote in headings", "branch,\"name\n1,a\n", nil, `b.csv, line 1: the quotes in the line of headings do not match; write each heading without quotes, or all of it between two "`},
		{"misspelt", "branch;naem;city\n", nil, `b.csv: no heading for the required column name of branches; found are branch, naem, city; did you mean "naem"?; add columns: {branches: {name: naem}} under source`},
		{"missing", "branch;city\n", nil, `b.csv: no heading for the required column name of branches; found are branch, city; add columns: {branches: {name: HEADING}} under source`},
		{"no headings, a person's row", "Jansen;2711EC\n", nil, `b.csv: no heading for the required column branch of branches; the first line, of 2 values, does not look like headings; give the file a first line of headings, or map them with columns: {branches: {branch: HEADING}} under source
b.csv: no heading for the required column name of branches; the first line, of 2 values, does not look like headings; give the file a first line of headings, or map them with columns: {branches: {name: HEADING}} under source`},
		{"a person's row that looks known", "Naam;31-12-1990\n", nil, `b.csv: no heading for the required column branch of branches; the first line, of 2 values, does not look like headings; give the file a first line of headings, or map them with columns: {branches: {branch: HEADING}} under source`},
		{"twice", "branch,Name,NAME\n", nil, `b.csv: the heading "Name" occurs twice (as "Name" and "NAME"); remove or rename one of the two columns in the export`},
		{"two for one", "branch,name,Naam\n", nil, `b.csv: both "name" and "Naam" are headings for name; say which one is meant: columns: {branches: {name: name}} under source`},
		{"mapped twice", "branch,name\n", map[string][]string{"isil": {"a b"}, "name": {"AB"}}, `source.columns.branches gives the heading "AB" to both isil and name; give it to one of them`},
		{"mapped to nothing", "branch,name\n", map[string][]string{"naam": {"x"}}, `source.columns.branches names "naam", which is not a column of branches; use one of branch, name, isil, admin_isil, type, opened_on, closed_on, merged_into`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := openBranches(t, map[string]string{"b.csv": c.text}, c.columns, "b.csv")
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPaths(t *testing.T) {
	good := "branch,name\n"
	for _, c := range []struct{ pattern, want string }{
		{"none.csv", "none.csv: the file does not exist"},
		{"none-*.csv", "none-*.csv: no file matches this pattern"},
		{"[", "[: the pattern cannot be understood"},
		{".", "this is a folder; name the files in it, such as *.csv"},
		{"b.parquet", "b.parquet: this is not a Parquet file"},
	} {
		_, err := openBranches(t, map[string]string{"b.csv": good, "b.parquet": good}, nil, c.pattern)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.pattern, err, c.want)
		}
	}
	got, err := openBranches(t, map[string]string{"b2.csv": good, "b10.csv": "Naam,closed_on,branch,x\n", "b[1].csv": good, "c.csv": ""}, nil, "b*.csv", "b2.csv", "b[1].csv")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range got.Parts {
		names = append(names, p.Name())
	}
	if diff := cmp.Diff([]string{"b10.csv", "b2.csv", "b[1].csv"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"branch", "name", "closed_on"}, got.Present); diff != "" {
		t.Error(diff)
	}
}

func TestAFileBehindALinkIsRead(t *testing.T) {
	dir, runDir := t.TempDir(), t.TempDir()
	target := write(t, dir, "branches-2024.csv", "branch,name\n1,a\n")
	link := filepath.Join(dir, "branches.csv")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{
		Tables: map[string]Input{source.Branches: {Paths: []string{link}}, source.Members: {Paths: []string{write(t, dir, "m.csv", "member_id,branch\n")}}},
		RunDir: runDir, Rel: filepath.Base,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := s.Tables()[0].Parts[0]
	if got, _ := rows(t, vault(t, runDir, s.Paths()), p); len(got) != 1 || p.Name() != "branches.csv" {
		t.Errorf("got %v from %s", got, p.Name())
	}
}

func TestAPathThatLooksLikeAPattern(t *testing.T) {
	db, branches := one(t, "b[1]*?.csv", "branch,name\n1,a\n")
	got, _ := rows(t, db, branches.Parts[0])
	if len(got) != 1 || got[0][1] != "a" {
		t.Errorf("got %v", got)
	}
}

func TestUnreadableFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	path := write(t, t.TempDir(), "b.csv", "branch,name\n")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	var e *Error
	if err := readable(path, filepath.Base); !errors.As(err, &e) || !strings.Contains(err.Error(), "may not be read") {
		t.Errorf("got %v", err)
	}
}

func TestCauseKeepsThePathOut(t *testing.T) {
	if got := cause(&fs.PathError{Op: "open", Path: "/home/x", Err: fs.ErrPermission}); got != "permission denied" {
		t.Errorf("got %q", got)
	}
}

func TestTables(t *testing.T) {
	path := write(t, t.TempDir(), "b.csv", "branch,name\n")
	for _, c := range []struct {
		tables map[string]Input
		want   string
	}{
		{map[string]Input{"branches": {Paths: []string{path}}}, "the table members is not configured; add members: FILE under source"},
		{map[string]Input{"branches": {Paths: []string{path}}, "members": {}}, "the table members needs either files or a query"},
		{map[string]Input{"branches": {Paths: []string{path}}, "members": {Paths: []string{path}, Query: path}}, "the table members needs either files or a query"},
		{map[string]Input{"leden": {}}, `source has no table "leden"; use branches, members, memberships, loans`},
	} {
		_, err := Open(t.Context(), Options{Tables: c.tables})
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

// The headings of two library systems, as their own documentation gives them.
func TestKnownHeadings(t *testing.T) {
	named, err := newNames(source.Members, map[string][]string{"branch": {"GROEPSNAAM"}})
	if err != nil {
		t.Fatal(err)
	}
	koha := strings.Split("cardnumber,surname,streetnumber,address,city,zipcode,country,email,B_zipcode,B_country,dateofbirth,branchcode,categorycode,dateenrolled,dateexpiry,date_renewed,sex,password", ",")
	index, ignored, err := named.match("koha.csv", koha)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for c, i := range index {
		if i >= 0 {
			got[c] = koha[i]
		}
	}
	want := map[string]string{"member_id": "cardnumber", "birth_date": "dateofbirth", "sex": "sex", "postcode": "zipcode", "house_number": "streetnumber", "country": "country",
		"branch": "branchcode", "subscription": "categorycode", "first_registered_on": "dateenrolled", "last_registered_on": "date_renewed", "valid_until": "dateexpiry"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"surname", "address", "city", "email", "B_zipcode", "B_country", "password"}, ignored); diff != "" {
		t.Error(diff)
	}
	wise := []string{"LENERNUMMER", "GROEPSNAAM", "NAAM", "HUISNR", "HUISNUMMERTOE(VOEGING)", "GEBOORTEDATUM", "GESLACHT", "POSTCODE", "INSCHRIJFDATUM"}
	index, ignored, err = named.match("wise.csv", wise)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []string{"member_id", "branch", "", "house_number", "house_number_addition", "birth_date", "sex", "postcode", "first_registered_on"} {
		if c != "" && index[c] != i {
			t.Errorf("%s was not found under %s", c, wise[i])
		}
	}
	if diff := cmp.Diff([]string{"NAAM"}, ignored); diff != "" {
		t.Error(diff)
	}
}

func TestConfigurationDecidesWhatAHeadingMeans(t *testing.T) {
	got, err := openBranches(t, map[string]string{"b.csv": "branch,Code,name,naam\n"}, map[string][]string{"branch": {"code"}, "merged_into": {"branch"}, "name": {"naam"}}, "b.csv")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"branch": 1, "name": 3, "merged_into": 0, "isil": -1, "admin_isil": -1, "type": -1, "opened_on": -1, "closed_on": -1}, got.Parts[0].(*filePart).index); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"name"}, got.Ignored); diff != "" {
		t.Error(diff)
	}
}

// A synonym that [normal] would change, or that stands for two columns, is never found.
func TestSynonymsAreNormalAndMeanOneColumn(t *testing.T) {
	for table, columns := range synonyms {
		meaning := map[string]string{}
		for _, c := range columnNames(table) {
			meaning[normal(c)] = c
		}
		for _, c := range sortedKeys(columns) {
			if !isColumn(table, c) {
				t.Errorf("%s has no column %s", table, c)
			}
			for _, s := range columns[c] {
				if s != normal(s) {
					t.Errorf("%s.%s: %q should be %q", table, c, s, normal(s))
				}
				if other := meaning[s]; other != "" {
					t.Errorf("%s: %q stands for both %s and %s", table, s, other, c)
				}
				meaning[s] = c
			}
		}
	}
}
