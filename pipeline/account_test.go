package pipeline

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
	"peil/pipeline/source"
	"peil/pipeline/source/file"
	"peil/reports/quality"
	"peil/transforms"
	"peil/transforms/parse"
)

// dirt makes rows of a table in which about one in five has something wrong with it, as
// exports have. No quote that opens is ever closed by a later one, so that each row is one.
func dirt(random *rand.Rand, headings string, rows int) string {
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	value := map[string]func() string{
		"member_id": func() string {
			return pick(fmt.Sprint(random.IntN(rows)), fmt.Sprint(random.IntN(rows)), "", "12.0", "1,2E+8", "-3", "null")
		},
		"person_id": func() string { return pick("", "", "", "", fmt.Sprint(random.IntN(rows/4+1))) },
		"branch":    func() string { return pick("A", "B", "b", "Z", "", `"A"`) },
		"name":      func() string { return pick("Aa", "CafÃ©", "", `"B, C"`, "\"two\nlines\"") },
		"kind":      func() string { return pick("", "", "", "I", "persoon") },
		"birth_date": func() string {
			return pick("1980-05-03", "00-00-0000", "1900-01-01", "2024-02-31", "1975", "40000", "")
		},
		"date": func() string {
			return pick("2020-01-01", "2024-06-30", "31-12-2023", "0000-00-00", "", "2019-05-05 10:00", "niks")
		},
	}
	var b strings.Builder
	b.WriteString(headings + "\n")
	for range rows {
		var cells []string
		for _, h := range strings.Split(headings, ",") {
			make := value[h]
			if make == nil {
				make = value["date"]
			}
			v := make()
			if strings.Contains(v, ",") && !strings.HasPrefix(v, `"`) {
				v = `"` + v + `"`
			}
			cells = append(cells, v)
		}
		line := strings.Join(cells, ",")
		bare := strings.NewReplacer(`"`, "", "\n", " ").Replace(line)
		switch random.IntN(25) {
		case 0:
			line = strings.Join(cells[1:], ",") // a column too few, unless that was quoted
		case 1:
			line += ",x"
		case 2:
			line = `"never closed` + bare
		case 3:
			line = "\xff" + bare
		case 4:
			line = "\x00" + bare
		}
		b.WriteString(line + "\r\n"[random.IntN(2):])
	}
	return b.String()
}

// Whatever the files hold, every row of theirs is accounted for, and as many rows are
// accounted for as were written.
func TestEveryRowIsAccountedFor(t *testing.T) {
	headings := map[string]string{
		source.Branches: "branch,name,opened_on,closed_on,merged_into", source.Members: "member_id,person_id,branch,kind,birth_date,first_registered_on,last_registered_on,ended_on",
		source.Memberships: "member_id,branch,valid_from,valid_to", source.Loans: "member_id,branch,material,kind,loaned_at",
	}
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 19))
		dir, ctx := t.TempDir(), t.Context()
		tables, written := map[string]file.Input{}, map[string]int64{}
		for _, table := range source.TableNames {
			path, rows := filepath.Join(dir, table+".csv"), random.IntN(300)+1
			if err := os.WriteFile(path, []byte(dirt(random, headings[table], rows)), 0o600); err != nil {
				t.Fatal(err)
			}
			tables[table], written[table] = file.Input{Paths: []string{path}}, int64(rows)
		}
		s, err := file.Open(ctx, file.Options{Tables: tables, RunDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		vault, err := engine.Open(ctx, engine.Options{Dirs: []string{dir}, ReadPaths: s.Paths(), KeepJoinOrder: true, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer vault.Close()
		key, err := pseudonym.Parse([]byte(strings.Repeat("5a", 32)))
		if err != nil {
			t.Fatal(err)
		}
		day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
		params := transforms.Parameters{AsOf: day, Peildatum: day, SnapshotOn: day, AgeClasses: []int{0, 18}}
		for _, err := range []error{
			parse.Install(ctx, vault, "Europe/Amsterdam"), key.Install(vault, pseudonym.Register), params.Install(ctx, vault), transforms.CreatePrior(ctx, vault),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		reads, err := transforms.Run(ctx, vault, transforms.Vault(), s.Tables(), func(transforms.Step) {})
		if err != nil {
			t.Fatal(err)
		}
		if err := rejectUncounted(ctx, vault, reads); err != nil {
			t.Fatal(err)
		}
		accounts, err := account(ctx, vault, reads)
		if err != nil {
			t.Fatal(err)
		}
		warehouse := filepath.Join(dir, "warehouse.duckdb")
		loans, err := transforms.Cross(ctx, vault, warehouse, s.Tables(), func(transforms.Step) {})
		if err != nil {
			t.Fatal(err)
		}
		ofLoans, err := account(ctx, vault, loans)
		if err != nil {
			t.Fatal(err)
		}
		r := &run{findings: quality.Findings{Accounts: append(accounts, ofLoans...)}}
		if r.warehouse, err = engine.Open(ctx, engine.Options{Path: warehouse, Dirs: []string{dir}}); err != nil {
			t.Fatal(err)
		}
		defer r.warehouse.Close()
		if err := r.accountLoans(ctx); err != nil {
			t.Fatal(err)
		}
		if len(r.findings.Accounts) != len(source.TableNames) {
			t.Errorf("seed %d: %d tables are accounted for", seed, len(r.findings.Accounts))
		}
		for _, a := range r.findings.Accounts {
			if !a.Closes() || a.Rows != written[a.Table] {
				t.Errorf("seed %d: %d rows of %s were written; %+v", seed, written[a.Table], a.Table, a)
			}
		}
	}
}
