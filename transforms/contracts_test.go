package transforms_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/transforms"
	"peil/transforms/contract"
)

var promised = library{
	members: `id=1 branch=A first=2020-01-01 last=2024-08-01 born=1990-05-05 sex=V postcode=2711EC house_number=12a subscription=VOLW
		id=2 branch=B last=2024-09-01 until=2024-11-30`,
	memberships: "id=1 branch=A from=2024-08-01",
	loans:       "id=1 branch=A material=boek kind=uitlening at=2024-12-24",
}

// The contracts of core name the columns and types that the models really make, and a
// library without a fault keeps them all.
func TestContractsAreWhatTheModelsMake(t *testing.T) {
	vault, warehouse := inVault(t, promised), count(t, promised)
	for _, c := range contract.All {
		db := map[string]*engine.DB{"vault": vault, "warehouse": warehouse}[c.Instance]
		if db == nil || c.Folder != contract.Input && c.Folder != contract.Core {
			continue
		}
		results, err := c.Check(t.Context(), db)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, r := range results {
			if r.Broken() && r.Severity != contract.Notice {
				t.Errorf("%s: %d %s", c.Name(), r.Count, r.EN)
			}
		}
		if c.Folder == contract.Core {
			want := lines(t, db, "SELECT column_name, CASE WHEN column_type LIKE 'ENUM%' THEN 'VARCHAR' ELSE column_type END FROM (DESCRIBE "+c.Relation+")")
			var got []string
			for _, column := range c.Columns {
				got = append(got, column.Name+" "+column.Type)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-made +contract):\n%s", c.Name(), diff)
			}
		}
	}
}

// What crosses is promised, with its privacy class.
func TestWhatCrossesHasAContract(t *testing.T) {
	for _, r := range append([]transforms.Relation{transforms.Loans}, transforms.AllowList...) {
		c := contract.Find(contract.Core, r.Name)
		if c == nil {
			t.Errorf("%s crosses without a contract: add transforms/contract/tables/core/%s.yaml", r.Name, r.Name)
			continue
		}
		var want, got []transforms.Column
		for _, column := range c.Columns {
			want = append(want, transforms.Column{Name: column.Name, Type: column.Type, Class: transforms.Class(column.Class)})
		}
		for _, column := range r.Columns {
			column.Codes = "" // how a text is stored is no promise
			got = append(got, column)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-contract +allow-list):\n%s", r.Name, diff)
		}
	}
}
