package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every column says what it is made from, and every name in the lineage is a column.
func TestLineageIsWhole(t *testing.T) {
	columns := map[string]bool{}
	for _, c := range All {
		for _, column := range c.Columns {
			columns[c.Name()+"."+column.Name], columns[c.Folder+"."+column.Name] = true, true
			if _, known := c.madeFrom(column.Name); !known && c.Folder != Input {
				t.Errorf("%s.%s: say in lineage.yaml what it is made from", c.Name(), column.Name)
			}
		}
	}
	columns["new-members.area"] = true // of the tables that the configuration names
	for name, from := range lineage {
		for _, n := range append([]string{name}, from...) {
			if !columns[n] {
				t.Errorf("lineage.yaml: there is no column %s", n)
			}
		}
		for _, n := range from {
			if !strings.HasPrefix(n, Input+".") && ofName(n) == nil && !slices.Contains([]string{"new-members.inhabitants"}, n) {
				t.Errorf("lineage.yaml: %s leads from %s to no column of the source", name, n)
			}
		}
	}
}

func TestSources(t *testing.T) {
	for _, c := range []struct {
		folder, table, column string
		want                  []string
	}{
		{"cbs", "cbs-lgb-1", "postcode", []string{"members.country", "members.postcode"}},
		{"new-members", "survival", "month", nil},
		{"new-members", "new-by-postcode", "pc4", []string{"members.postcode"}},
		{"new-members", "active-borrowers", "loans", []string{"loans.branch", "loans.kind", "loans.loaned_at"}},
		{"new-members", "active-borrowers-by-owner", "loans", []string{"loans.kind", "loans.loaned_at", "loans.owner_branch"}},
		{"kb", "kb-leden", "lidmaatschapsduur", []string{"members.first_registered_on"}},
	} {
		if diff := cmp.Diff(c.want, Find(c.folder, c.table).Sources(c.column)); diff != "" {
			t.Errorf("%s.%s (-want +got):\n%s", c.table, c.column, diff)
		}
	}
}
