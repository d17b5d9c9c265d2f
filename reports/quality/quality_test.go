package quality

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/source"
	"peil/reports"
	"peil/transforms/contract"
)

// Every finding says in both languages what it does and what to mend, and nobody has
// written advice for what is never found.
func TestEveryFindingHasAdvice(t *testing.T) {
	found, said := map[string]bool{}, map[string]bool{} // said: by a contract
	for _, c := range contract.Of(contract.Input) {
		for _, rule := range c.Names() {
			if code := c.Table + "." + rule; advices[code].Effect.EN != "" {
				found[code], said[code] = true, true
			}
		}
		for _, r := range c.Rules {
			if code := c.Table + "." + r.Name; !found[code] {
				t.Errorf("%s has no advice", code)
			}
		}
	}
	for _, code := range []string{"merged.members", "merged.branches", "unmatched.memberships", "unmapped.branch", "unmapped.subscription_class",
		"unmapped.loan_branch", "unmapped.material", "unmapped.audience", "unmapped.genre", "unmapped.loan_kind",
		"too-few-columns", "too-many-columns", "unterminated-quote", "text-after-quote", "invalid-bytes", "nul-byte", "line-too-long",
		"no-branch", "no-member", "no-member-or-date", "no-date"} {
		found[code] = true
	}
	for _, field := range Fields {
		found["missing."+field] = true
	}
	for code := range found {
		a := advices[code]
		for _, text := range []string{a.Effect.NL, a.Effect.EN, a.Mend.NL, a.Mend.EN} {
			if text == "" {
				t.Errorf("advice of %s is not whole", code)
			}
		}
		if !said[code] && (a.What.NL == "" || a.What.EN == "") {
			t.Errorf("advice of %s does not say what it is", code)
		}
	}
	for code := range advices {
		if !found[code] {
			t.Errorf("advice of %s is of nothing that is found", code)
		}
	}
}

// memory is a sink that keeps files.
type memory map[string]*bytes.Buffer

func (m memory) File(_ context.Context, name string, write func(io.Writer) (int64, error)) error {
	m[name] = &bytes.Buffer{}
	_, err := write(m[name])
	return err
}

var sample = Findings{
	Accounts: []Account{{Table: source.Members, Rows: 10, Accepted: 7, Rejected: 1, Merged: 2}, {Table: source.Loans, Rows: 3, Accepted: 3}},
	Checks: []Check{
		{Name: "rejected.members", Result: Warned, Count: 1, Of: 10, Text: map[string]string{"nl": "1 van 10", "en": "1 of 10"}},
		{Name: "loans.year", Result: Failed, Count: 1, Withholds: Figures, Text: map[string]string{"nl": "verschil <b>", "en": "change <b>"}},
		{Name: "unmapped.material", Result: OK, Count: 4, Of: 9, Text: map[string]string{"nl": "vier", "en": "four"}},
	},
	Rejects:  []source.Reject{{Part: "=cmd|' /C calc'!A0.csv", Line: 12, Code: "too-few-columns"}},
	Unmapped: []Unmapped{{List: "material", Code: "@SUM(A1)", Rows: 4}},
	Contracts: []contract.Result{{Contract: "input.members", Rule: "birth_date.readable", Severity: contract.Notice, Count: 3, Of: 10, NL: "rijen met een datum", EN: "rows with a date"},
		{Contract: "input.members", Rule: "member_id.not_null", Severity: contract.Notice, Count: 1, Of: 10, NL: "x", EN: "x"}},
	Complete: []Completeness{{Branch: "A Aa", Persons: 7, Missing: []int64{3, 0, 0, 1, 0}}},
	Loans:    []YearOfLoans{{Branch: "A Aa", Month: "2024-12", Before: 900, After: 3}},
	Earlier:  []History{{On: "2024-12-01", Rows: map[string]int64{"members": 9}, Persons: 6}},
	Now:      History{On: "2025-01-01", Rows: map[string]int64{"members": 10}, Rejected: map[string]int64{"members": 1}, Persons: 7, Doubtful: 3},
	Places:   []Place{{File: "members.csv", Line: 4, Column: "birth_date", Code: "members.birth_date.readable"}, {File: "branches.csv", Line: 2, Column: "name", Code: "branches.name.encoding", Value: "+31 Oost"}},
}

func write(t *testing.T, language string) memory {
	t.Helper()
	out := memory{}
	day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := Write(t.Context(), reports.About{Library: "Voorbeeld", Language: language, AsOf: day, SnapshotOn: day, Source: "test"}, sample, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWrite(t *testing.T) {
	for language, words := range map[string][]string{
		"nl": {"Wat aandacht vraagt", "verschil &lt;b&gt;", "Vraag de geboortedatum na", "members.csv:4", "Verloop over de rapporten", "Uitleningen naast een jaar eerder"},
		"en": {"What needs attention", "change &lt;b&gt;", "Ask for the birth date", "Trend over the reports"},
	} {
		page := write(t, language)["index.html"].String()
		for _, word := range words {
			if !strings.Contains(page, word) {
				t.Errorf("the page in %s does not say %q", language, word)
			}
		}
	}
	out := write(t, "nl")
	if !bytes.HasPrefix(out["quality.xlsx"].Bytes(), []byte("PK")) {
		t.Error("quality.xlsx is no workbook")
	}
	var checks struct {
		Findings []Finding `json:"findings"`
	}
	if err := json.Unmarshal(out["checks.json"].Bytes(), &checks); err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, f := range checks.Findings {
		got[f.Code] = f.Count
	}
	want := map[string]int64{"members.birth_date.readable": 3, "too-few-columns": 1, "unmapped.material": 4, "merged.members": 2, "missing.birth_date": 3, "missing.postcode": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	var suite junitSuite
	if err := xml.Unmarshal(out["junit.xml"].Bytes(), &suite); err != nil || suite.Tests != 3 || suite.Failures != 1 || suite.Skipped != 1 {
		t.Errorf("junit.xml: %v %+v", err, suite)
	}
}

// What a spreadsheet would take for a formula stands behind an apostrophe.
func TestNoFormulas(t *testing.T) {
	out := write(t, "en")
	for _, name := range []string{"rejects.csv", "mend.csv"} {
		records, err := csv.NewReader(out[name]).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range records {
			for _, v := range record {
				if v != "" && strings.ContainsRune("=+-@", rune(v[0])) {
					t.Errorf("%s holds %q", name, v)
				}
			}
		}
	}
}
