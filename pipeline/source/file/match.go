package file

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"peil/pipeline/source"
)

// normal is what of a heading tells it from another: letters and digits in lower
// case. Spaces, underscores, hyphens, quotes, brackets and marks do not count.
func normal(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// names knows under which headings the columns of one table are found.
type names struct {
	table      string
	configured map[string]string // normal heading → column, from the configuration
	builtIn    map[string]string // the same, from synonyms and canonical names
}

// newNames adds configured headings to the built-in ones of a table. A configured
// heading means what the configuration says, whatever it means elsewhere.
func newNames(table string, configured map[string][]string) (names, error) {
	n := names{table, map[string]string{}, map[string]string{}}
	for _, c := range source.Columns[table] {
		n.builtIn[normal(c.Name)] = c.Name
		for _, s := range synonyms[table][c.Name] {
			n.builtIn[s] = c.Name
		}
	}
	var errs []error
	for _, column := range sortedKeys(configured) {
		if !isColumn(table, column) {
			errs = append(errs, &Error{Column: column, Problem: fmt.Sprintf("source.columns.%s names %q, which is not a column of %s", table, column, table),
				Remedy: "use one of " + strings.Join(columnNames(table), ", ")})
			continue
		}
		for _, h := range configured[column] {
			if other, ok := n.configured[normal(h)]; ok && other != column {
				errs = append(errs, &Error{Column: column, Problem: fmt.Sprintf("source.columns.%s gives the heading %q to both %s and %s", table, h, other, column), Remedy: "give it to one of them"})
			}
			n.configured[normal(h)] = column
		}
	}
	return n, errors.Join(errs...)
}

// match says at which index of headings each column of the table stands, -1 where it
// does not, and which headings are not read. path is for the errors, each an [*Error].
func (n names) match(path string, headings []string) (index map[string]int, ignored []string, err error) {
	found := map[string][]int{}
	byConfiguration := map[string]bool{}
	for i, h := range headings {
		if c, ok := n.configured[normal(h)]; ok {
			if !byConfiguration[c] {
				found[c], byConfiguration[c] = nil, true
			}
			found[c] = append(found[c], i)
		} else if c, ok := n.builtIn[normal(h)]; ok && !byConfiguration[c] {
			found[c] = append(found[c], i)
		}
	}
	index = map[string]int{}
	used := make([]bool, len(headings))
	var errs []error
	for _, c := range source.Columns[n.table] {
		index[c.Name] = -1
		switch at := found[c.Name]; {
		case len(at) == 1:
			index[c.Name] = at[0]
			used[at[0]] = true
		case len(at) > 1:
			errs = append(errs, n.ambiguous(path, c.Name, headings[at[0]], headings[at[1]]))
		case c.Required:
			errs = append(errs, n.missing(path, c.Name, headings))
		}
	}
	for i, h := range headings {
		if !used[i] && h != "" {
			ignored = append(ignored, h)
		}
	}
	return index, ignored, errors.Join(errs...)
}

func (n names) ambiguous(path, column, a, b string) error {
	if normal(a) == normal(b) {
		return &Error{Path: path, Column: column, Problem: fmt.Sprintf("the heading %q occurs twice (as %q and %q)", a, a, b), Remedy: "remove or rename one of the two columns in the export"}
	}
	return &Error{Path: path, Column: column, Problem: fmt.Sprintf("both %q and %q are headings for %s", a, b, column),
		Remedy: fmt.Sprintf("say which one is meant: columns: {%s: {%s: %s}} under source", n.table, column, a)}
}

func (n names) missing(path, column string, headings []string) error {
	e := &Error{Path: path, Column: column, Problem: fmt.Sprintf("no heading for the required column %s of %s", column, n.table)}
	if n.recognised(headings) == 0 || slices.ContainsFunc(headings, rowLike.MatchString) {
		// What stands here may be a person's row: it is not repeated.
		e.Problem += fmt.Sprintf("; the first line, of %d values, does not look like headings", len(headings))
		e.Remedy = fmt.Sprintf("give the file a first line of headings, or map them with columns: {%s: {%s: HEADING}} under source", n.table, column)
		return e
	}
	e.Problem += "; found are " + strings.Join(headings, ", ")
	guess := n.nearest(column, headings)
	if guess != "" {
		e.Problem += fmt.Sprintf("; did you mean %q?", guess)
	} else {
		guess = "HEADING"
	}
	e.Remedy = fmt.Sprintf("add columns: {%s: {%s: %s}} under source", n.table, column, guess)
	return e
}

// rowLike are values, such as dates, numbers and addresses, that no heading holds.
var rowLike = regexp.MustCompile(`\d{4}|@`)

func (n names) recognised(headings []string) (count int) {
	for _, h := range headings {
		if n.configured[normal(h)] != "" || n.builtIn[normal(h)] != "" {
			count++
		}
	}
	return count
}

// nearest is the heading that looks most like a name of the column, empty if none does.
func (n names) nearest(column string, headings []string) (best string) {
	least := 1.0 / 3 // of the letters may differ
	for _, h := range headings {
		if n.configured[normal(h)] != "" || n.builtIn[normal(h)] != "" {
			continue
		}
		for name, c := range n.builtIn {
			if c != column {
				continue
			}
			differ := float64(distance(normal(h), name)) / float64(max(len(name), 1))
			if differ < least {
				least, best = differ, h
			}
		}
	}
	return best
}

// distance is the number of letters to add, leave out or change that makes a of b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

func isColumn(table, column string) bool {
	return slices.Contains(columnNames(table), column)
}

func columnNames(table string) []string {
	var ns []string
	for _, c := range source.Columns[table] {
		ns = append(ns, c.Name)
	}
	return ns
}

// Understood says whether a heading stands for a column of a table without being
// configured.
func Understood(table, column, heading string) bool {
	n := normal(heading)
	return n == normal(column) || slices.Contains(synonyms[table][column], n)
}
