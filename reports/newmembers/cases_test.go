package newmembers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"peil/reports/render"
	"peil/transforms/disclosure/attack"
)

// written makes both editions of the small library after a change to its warehouse.
func written(t *testing.T, change string, options func(*Options)) (internal, public *memory, result Result, err error) {
	t.Helper()
	db, o := small(t)
	if change != "" {
		if err := db.Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	if options != nil {
		options(&o)
	}
	internal, public = newMemory(), newMemory()
	result, err = Write(t.Context(), db, about("en"), o, internal, public)
	return internal, public, result, err
}

func TestMovesThatCannotBeKnownAreNotZero(t *testing.T) {
	still := "DELETE FROM movements; UPDATE balance SET end_members = end_members - moved_in + moved_out, moved_in = 0, moved_out = 0"
	for known, want := range map[bool]string{false: "", true: "0"} {
		internal, public, _, err := written(t, fmt.Sprintf("%s; UPDATE months SET moves_known = %t", still, known), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*memory{internal, public} {
			for _, r := range append(s.records(t, "totals"), s.records(t, "balance")...) {
				if r["moved_in"] != want || r["moved_out"] != want {
					t.Errorf("moves known: %t, yet moved in is %q and moved out %q", known, r["moved_in"], r["moved_out"])
				}
				if !known && !strings.Contains(r["cell_status"], "moved_in=not_available;") {
					t.Errorf("cell_status is %q", r["cell_status"])
				}
			}
		}
	}
}

func TestWithoutLoansTheSectionIsLeftOut(t *testing.T) {
	internal, public, _, err := written(t, "DELETE FROM circulation", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*memory{internal, public} {
		for _, name := range s.names {
			if strings.Contains(name, "loans") || strings.Contains(name, "borrowers") {
				t.Errorf("%s is there", name)
			}
		}
		if page := string(s.files["index.html"]); !strings.Contains(page, "No loans were delivered") {
			t.Error("the page does not say that no loans were delivered")
		}
	}
}

func TestUnsafeIsCounted(t *testing.T) {
	// a library of 7 members of whom 5 lapse: nothing can be rounded, and 2 are left
	_, _, result, err := written(t, `DELETE FROM balance WHERE branch_no <> 1; DELETE FROM movements; DELETE FROM new_members; DELETE FROM circulation;
		UPDATE months SET basis = 'exact';
		UPDATE balance SET begin_members = CASE WHEN month = '2024-01-01' THEN 7 ELSE 2 END, end_members = 2, new = 0, re_registered = 0, moved_in = 0, moved_out = 0, gap_unknown = 0,
			lapsed = CASE WHEN month = '2024-01-01' THEN 5 ELSE 0 END`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if result.Unsafe == 0 || !result.OrganisationAlone {
		t.Errorf("got %+v, want unsafe counts", result)
	}
}

func TestContradictionsAreErrors(t *testing.T) {
	for _, c := range []struct{ name, change, want string }{
		{"balance", "UPDATE balance SET new = new + 1 WHERE branch_no = 1", "branch A: it does not close"},
		{"moves", "UPDATE balance SET moved_in = moved_in + 1, end_members = end_members + 1 WHERE branch_no = 2", "moved in and moved out differ"},
		{"details", "UPDATE new_members SET persons = persons + 10 WHERE branch_no = 2", "more new members in 2024-01 at branch B than the balance has"},
		{"branch", "DELETE FROM branches WHERE branch_no = 2", "branch number 2 or month 2024-"},
		{"no table", "DROP TABLE survival", "read survival"},
		{"no month", "DELETE FROM months", "holds no month"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, _, _, err := written(t, c.change, nil); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	if _, _, _, err := written(t, "", func(o *Options) { o.AgeClasses = nil }); err == nil {
		t.Error("no age classes were accepted")
	}
}

func TestYearOnYear(t *testing.T) {
	l := library{seed: 11, branches: 3, months: 36, size: 3000, low: 14, frozen: 10}
	internal := newMemory()
	if _, err := Write(t.Context(), l.warehouse(t), about("en"), l.options(), internal, newMemory()); err != nil {
		t.Fatal(err)
	}
	news := map[string]string{}
	for _, r := range internal.records(t, "totals") {
		news[r["month"]] = r["new"]
	}
	for _, r := range internal.records(t, "year-on-year") {
		first, err := time.Parse("2006-01", r["month"])
		if err != nil {
			t.Fatal(err)
		}
		before := first.AddDate(-1, 0, 0).Format("2006-01")
		if r["new"] != news[r["month"]] || r["new_before"] != news[before] {
			t.Errorf("%s: new %s, before %s; want %s, %s", r["month"], r["new"], r["new_before"], news[r["month"]], news[before])
		}
		// lower bounds until February 2023
		if comparable := before > "2023-02"; (r["new_change"] != "") != comparable {
			t.Errorf("%s: change is %q, comparable: %t", r["month"], r["new_change"], comparable)
		}
	}
}

// TestNobodyIsLeftOfAClosedBranch: what rounding left over goes with those who went last.
func TestNobodyIsLeftOfAClosedBranch(t *testing.T) {
	months := []flow{{begin: 100, new: 3, lapsed: 2, end: 101}, {begin: 101, lapsed: 101, end: 0}, {}}
	f := &figures{months: []month{{first: month2024(1)}, {first: month2024(2)}, {first: month2024(3)}}, branches: []branch{{code: "A"}}, flows: [][]flow{months}}
	f.ages = newBreakdown([]string{"0"}, 1, 3)
	f.ages.n[0][0][0] = 3
	r := newRounder(f, mustPast(t, nil))
	r.round()
	got := r.flows[0]
	if got[1].end != 0 || got[2].end != 0 || got[1].lapsed != got[1].begin {
		t.Errorf("got %+v", got)
	}
}

func mustPast(t *testing.T, earlier []Release) *past {
	t.Helper()
	p, err := newPast(earlier, 5, []int{0, 18})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestHideLoans(t *testing.T) {
	at := func(borrowers ...int64) [][]circulation {
		loans := make([][]circulation, len(borrowers))
		for b, n := range borrowers {
			loans[b] = []circulation{{known: n >= 0, loans: 10, borrowers: n}}
		}
		return loans
	}
	for _, c := range []struct {
		borrowers []int64 // -1: no loans
		hidden    string
	}{
		{[]int64{50, 40, 30}, "..."},
		{[]int64{50, 3, 30}, ".xx"},      // one alone could be subtracted
		{[]int64{50, 3, 2, 30}, ".xxx"},  // together perhaps three persons
		{[]int64{50, 4, -1, 30}, ".x.x"}, // where nobody borrowed there is nothing to hide
		{[]int64{0, 50}, "xx"},           // all anonymised
		{[]int64{2}, "x"},
		{[]int64{-1, -1}, ".."},
	} {
		f := &figures{months: make([]month, 1), loans: at(c.borrowers...)}
		f.hideLoans(5)
		got := ""
		for b := range f.loans {
			got += map[bool]string{true: "x", false: "."}[f.loans[b][0].hidden]
		}
		if got != c.hidden {
			t.Errorf("borrowers %v: hidden %s, want %s", c.borrowers, got, c.hidden)
		}
	}
}

func TestGroups(t *testing.T) {
	members := func(sizes ...int64) *figures {
		f := &figures{months: make([]month, 1)}
		for i, n := range sizes {
			f.branches = append(f.branches, branch{code: fmt.Sprint(i)})
			f.flows = append(f.flows, []flow{{begin: n, end: n}})
		}
		f.ages = newBreakdown([]string{"-1"}, len(sizes), 1)
		f.sexes, f.classes = &f.ages, &f.ages
		return f
	}
	for _, c := range []struct {
		sizes []int64
		want  []string
	}{
		{[]int64{500, 300, 100}, []string{"0", "1", "2"}},
		{[]int64{500, 60, 300, 50}, []string{"0", "2", "other"}},
		{[]int64{500, 300, 99}, []string{"0", "other"}}, // the smallest goes with it
		{[]int64{500, 0, 300}, []string{"0", "1", "2"}}, // without members there is nothing to protect
		{[]int64{40, 30}, []string{"other"}},            // the organisation alone
		{[]int64{90}, []string{"other"}},
	} {
		p := protect(members(c.sizes...), mustPast(t, nil), "Other", "All")
		var got []string
		for _, b := range p.branches {
			got = append(got, b.code)
		}
		if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.sizes, diff)
		}
		if p.whole != (p.branches[0].label == "All") {
			t.Errorf("%v: organisation alone is %t, its label %s", c.sizes, p.whole, p.branches[0].label)
		}
	}
}

func TestCell(t *testing.T) {
	for _, c := range []struct {
		n, added, subtracted, want int64
	}{
		{0, 0, 0, 0}, {5, 9, 9, 5}, {7, -3, 0, 7}, // never changed
		{2, 0, 0, 0}, {3, 0, 0, 5}, // the nearest
		{2, -4, 0, 5}, {3, 4, 0, 0}, // back to the truth
		{3, 0, -4, 0}, {2, 0, 4, 5}, // of what is subtracted the other way
	} {
		r := &rounder{past: mustPast(t, nil), counted: map[attack.Place]int64{}}
		added, subtracted := c.added, c.subtracted
		sums := [][]*int64{{&added}, nil}
		if c.subtracted != 0 {
			sums = [][]*int64{nil, {&subtracted}}
		}
		if got := r.cell(attack.Place{Figure: "new"}, c.n, sums[0], sums[1]); got != c.want {
			t.Errorf("%+v: got %d", c, got)
		}
		if moved := added - c.added - (subtracted - c.subtracted); moved != c.want-c.n {
			t.Errorf("%+v: the sums moved by %d, want %d", c, moved, c.want-c.n)
		}
	}
}

func BenchmarkNational(b *testing.B) {
	l := library{seed: 3, branches: 1000, months: 36, size: 3000, low: 12, frozen: 18, moves: true, loans: true}
	db := l.warehouse(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Write(b.Context(), db, about("nl"), l.options(), newMemory(), newMemory()); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLongTablesStandInTheirFilesOnly(t *testing.T) {
	long := func(id string) render.Table {
		return render.Table{ID: id, Title: "Table " + id, Files: []string{id + ".csv"}, Rows: make([][]render.Value, longTable+1)}
	}
	d := &render.Document{Sections: []render.Section{{
		Charts: []render.Chart{{Table: "drawn"}}, Tables: []render.Table{long("drawn"), long("apart"), {ID: "short"}},
	}}}
	apart := (&report{language: "en"}).setApart(d)
	if len(apart) != 1 || apart[0].ID != "apart" || len(d.Sections[0].Tables) != 2 {
		t.Errorf("%d tables apart, %d in the document", len(apart), len(d.Sections[0].Tables))
	}
	if diff := cmp.Diff([]string{"apart.csv"}, d.Files); diff != "" || len(d.Notes) != 1 {
		t.Errorf("files (-want +got):\n%s\nnotes: %v", diff, d.Notes)
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1.000", 1234567: "1.234.567", -1234: "−1.234", -999: "−999"} {
		if got := language("nl").grouped(n); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
}
