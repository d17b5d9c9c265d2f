package transforms

import (
	"slices"
	"testing"

	"peil/transforms/contract"
)

func TestTrace(t *testing.T) {
	all := Trace([]string{"cbs", "new-members", "kb", "wsob", "quality"})
	find := func(model string) Traced {
		t.Helper()
		for _, one := range all {
			if one.Model == model {
				return one
			}
		}
		t.Fatalf("no %s", model)
		return Traced{}
	}
	for _, c := range []struct {
		model        string
		reads, makes []string
		class        contract.Class
	}{
		{"vault/30_record_rows", []string{"source.members"}, []string{"record_rows"}, contract.Identifying},
		{"crossing/10_loans_read", []string{"borrowers", "branch_codes", "code_map", "source.loans"}, []string{"loans_read"}, contract.Pseudonymous},
		{"warehouse/10_loans", []string{"loans_read"}, []string{"loans"}, contract.Pseudonymous},
		{"period/new-members/20_balance", []string{"branches", "months", "stays"}, []string{"balance", "movements"}, contract.Counts},
	} {
		got := find(c.model)
		if !slices.Equal(got.Reads, c.reads) || !slices.Equal(got.Makes, c.makes) || got.Class != c.class {
			t.Errorf("got %+v, want %+v", got, c)
		}
	}
	// Every model makes something, and what identifies ends in the vault.
	made := map[string]bool{}
	for _, one := range all {
		if len(one.Makes) == 0 {
			t.Errorf("%s makes nothing", one.Model)
		}
		if one.Class == contract.Identifying && one.Where != "vault" {
			t.Errorf("%s of %s identifies", one.Model, one.Where)
		}
		for _, table := range one.Makes {
			if one.Where == "period" && made[table] {
				t.Errorf("%s is made twice", table)
			}
			made[table] = true
		}
	}
}
