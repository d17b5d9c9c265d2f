package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	areaName    = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	serviceArea = regexp.MustCompile(`^([1-9][0-9]{3})(?: ?- ?([1-9][0-9]{3}))?$`)
)

// Serves lists the postcode areas that ServiceArea names, without an order; nil if none.
func (n *NewMembers) Serves() map[string]bool {
	if len(n.ServiceArea) == 0 {
		return nil
	}
	served := map[string]bool{}
	for _, text := range n.ServiceArea {
		from, to := serviceRange(text)
		for pc4 := from; pc4 <= to; pc4++ {
			served[strconv.Itoa(pc4)] = true
		}
	}
	return served
}

// serviceRange is empty for a text that is no range.
func serviceRange(text string) (from, to int) {
	m := serviceArea.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 1, 0
	}
	from, _ = strconv.Atoi(m[1])
	if m[2] == "" {
		return from, from
	}
	to, _ = strconv.Atoi(m[2])
	return from, to
}

func (n *NewMembers) checkAreas(bad faultFunc) *Error {
	const at = "outputs.new-members."
	for _, text := range n.ServiceArea {
		if from, to := serviceRange(text); from > to {
			return bad(at+"service_area", "write postcode areas, as [2711-2719, 2725]", "%q is none", text)
		}
	}
	if n.Population.File == "" && !n.Population.On.IsZero() {
		return bad(at+"population.file", "name an export of CBS StatLine 83502NED", "the file is missing")
	}
	seen := map[string]bool{}
	for i, a := range n.Areas {
		where := fmt.Sprintf("%sareas, table %d", at, i+1)
		switch {
		case !areaName.MatchString(a.Name) || len(a.Name) > 40:
			return bad(where, "write name: with lower case letters, digits and hyphens, as in name: households", "%q is no name for its files", a.Name)
		case seen[a.Name]:
			return bad(where, "give each table a name of its own", "the name %q is used twice", a.Name)
		case a.File == "":
			return bad(where, "name a CSV file with a row an area", "the file is missing")
		case a.Key == "":
			return bad(where, "write key: with the heading of the column that holds the postcode or other area", "the key is missing")
		case len(a.Columns) == 0:
			return bad(where, "write columns: [HEADING, ...] or {HEADING: TITLE, ...}", "the columns to show are missing")
		case a.Postcodes != Postcodes{} && (a.Postcodes.File == "" || a.Postcodes.PC4 == "" || a.Postcodes.Area == ""):
			return bad(where, "write postcodes: {file: FILE, pc4: HEADING, area: HEADING}", "where the postcode areas lie is not told completely")
		}
		seen[a.Name] = true
	}
	return nil
}
