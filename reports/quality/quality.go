// Package quality says what came in, what was wrong with it and where: a page for people,
// checks for machines, and the list of rejected rows. It holds places and counts, never a
// value of a person.
//
//	index.html   the page
//	checks.json  every check with its result, count and text
//	junit.xml    the same for CI: a failed check is a failure, a warning is a skipped test with its text
//	rejects.csv  file, line, column, code of every row that could not be used
//	mend.csv     the same of the rows that were used and have a fault, with the value where it is not personal
//	quality.xlsx the page as a workbook
package quality

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"peil/pipeline/source"
	"peil/reports"
	"peil/reports/render"
	"peil/transforms/contract"
)

// Unmapped is a code of the source that stands in no code list.
type Unmapped struct {
	List string `json:"list"`
	Code string `json:"code"` // empty: all codes too rare to be shown
	Rows int64  `json:"rows"`
}

// Findings are what a run found out about its input.
type Findings struct {
	Accounts []Account
	Checks   []Check
	Rejects  []source.Reject
	Unmapped []Unmapped
	// Contracts are what every rule of every contract found.
	Contracts []contract.Result
	// Complete is what is known of the members of each branch.
	Complete []Completeness
	// Loans are those of each branch beside the year before.
	Loans []YearOfLoans
	// Earlier is what earlier reports kept, oldest first.
	Earlier []History
	// Places are where the rows stand that break a rule of the input.
	Places []Place
	Now    History // what this report keeps for later ones
}

// Write stages the four files.
func Write(ctx context.Context, about reports.About, f Findings, out reports.Sink) error {
	doc := document(about, f)
	for _, file := range []struct {
		name  string
		write func(io.Writer) (int64, error)
	}{
		{"index.html", func(w io.Writer) (int64, error) { return 0, render.WriteHTML(w, doc) }},
		{"checks.json", func(w io.Writer) (int64, error) { return int64(len(f.Checks)), writeJSON(w, f) }},
		{"junit.xml", func(w io.Writer) (int64, error) { return int64(len(f.Checks)), WriteJUnit(w, "peil.quality", f.Checks) }},
		{"quality.xlsx", func(w io.Writer) (int64, error) { return 0, render.WriteXLSX(w, doc) }},
		{"mend.csv", func(w io.Writer) (int64, error) { return int64(len(f.Places)), writePlaces(w, f.Places) }},
		{"rejects.csv", func(w io.Writer) (int64, error) { return int64(len(f.Rejects)), writeRejects(w, f.Rejects) }},
	} {
		if err := out.File(ctx, file.name, file.write); err != nil {
			return err
		}
	}
	return nil
}

func writeJSON(w io.Writer, f Findings) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Version   int               `json:"version"`
		Accounts  []Account         `json:"accounts"`
		Checks    []Check           `json:"checks"`
		Unmapped  []Unmapped        `json:"unmapped"`
		Findings  []Finding         `json:"findings"`
		Contracts []contract.Result `json:"contracts"`
		Complete  []Completeness    `json:"complete"`
		Loans     []YearOfLoans     `json:"loans"`
	}{1, f.Accounts, f.Checks, f.Unmapped, findings(f), f.Contracts, f.Complete, f.Loans})
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Failure *junitText `xml:"failure"`
	Skipped *junitText `xml:"skipped"`
}

type junitText struct {
	Message string `xml:"message,attr"`
}

// WriteJUnit writes checks as CI systems read the results of tests: one that failed is a
// failure, a warning is skipped. class groups them.
func WriteJUnit(w io.Writer, class string, checks []Check) error {
	s := junitSuite{Name: "peil", Tests: len(checks)}
	for _, c := range checks {
		one := junitCase{Class: class, Name: strings.TrimSpace(c.Name + " " + c.Period)}
		switch c.Result {
		case Failed:
			one.Failure = &junitText{c.Text["en"]}
			s.Failures++
		case Warned:
			one.Skipped = &junitText{"warning: " + c.Text["en"]}
			s.Skipped++
		}
		s.Cases = append(s.Cases, one)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("write junit.xml: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func writeRejects(w io.Writer, rejects []source.Reject) error {
	out := csv.NewWriter(w)
	out.Write([]string{"file", "line", "column", "code"})
	for _, r := range rejects {
		out.Write([]string{render.Inert(r.Part), lineOf(r.Line), r.Column, r.Code})
	}
	out.Flush()
	return out.Error()
}

func writePlaces(w io.Writer, places []Place) error {
	out := csv.NewWriter(w)
	out.Write([]string{"file", "line", "column", "code", "value"})
	for _, p := range places {
		out.Write([]string{render.Inert(p.File), lineOf(p.Line), p.Column, p.Code, render.Inert(p.Value)})
	}
	out.Flush()
	return out.Error()
}

func lineOf(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
