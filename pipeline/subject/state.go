package subject

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"

	"peil/pipeline/archive"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rights"
)

// stateColumns are the other columns of the tables of the state, by their files.
var stateColumns = map[string][]string{
	archive.StateMembers: {"branch", "deleted_on", "until"}, archive.StateMoves: {"moved_on", "from_branch"},
	"markers.csv.age": {"first_loan_in_quarter", "first_loan_in_month"}, "gone.csv.age": {},
}

// pids are the pseudonyms under which a member may stand in the state: by the member's id,
// and by a number that the records of one person share.
func pids(key pseudonym.Key, member string) []string {
	subkey := key.Derive(pseudonym.Register)
	var all []string
	for _, id := range []string{member, "person " + member} {
		p := pseudonym.Pseudonym(subkey, id)
		all = append(all, fmt.Sprintf("%x-%x-%x-%x-%x", p[:4], p[4:6], p[6:8], p[8:10], p[10:]))
	}
	return all
}

// findInStates looks for the members in the state that runs leave each other. An erasure takes
// them out of it, and removes what was kept of the source.
func (w *rightsDesk) findInStates(ctx context.Context) error {
	erase := w.o.Right == rights.Erasure
	if erase {
		if err := archive.ForgetExtract(ctx, w.Store); err != nil {
			return err
		}
	}
	byPID := map[string]string{}
	for _, member := range w.members {
		for _, pid := range pids(w.Key, member) {
			byPID[pid] = member
		}
	}
	folders, err := w.StateFolders(ctx)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		found := map[string]bool{}
		if err := w.EachRow(ctx, folder, func(_, pid, _ string) error {
			if member, asked := byPID[pid]; asked {
				found[pid], w.known[member] = true, true
			}
			return nil
		}); err != nil {
			return err
		}
		if len(found) > 0 && erase {
			if err := w.DropRows(ctx, folder, found); err != nil {
				return err
			}
			w.done.Removed = append(w.done.Removed, fmt.Sprintf("%d of %s", len(found), folder))
		}
	}
	return nil
}

// keptOf reads what the state holds of a member, under the pseudonyms that the source gives,
// or without it under those that may be the member's.
func (w *rightsDesk) keptOf(ctx context.Context, known []string, member string) ([]rights.Kept, error) {
	kept := []rights.Kept{}
	asked := map[string]bool{}
	for _, pid := range append(pids(w.Key, member), known...) {
		asked[pid] = true
	}
	folders, err := w.StateFolders(ctx)
	if err != nil {
		return kept, err
	}
	for _, folder := range folders {
		var rows []map[string]string
		if err := w.EachRow(ctx, folder, func(file, pid, line string) error {
			if !asked[pid] {
				return nil
			}
			values, err := csv.NewReader(strings.NewReader(line)).Read()
			if err != nil {
				return err
			}
			row := map[string]string{}
			for i, name := range stateColumns[file] {
				if i+1 < len(values) && values[i+1] != "" {
					row[name] = values[i+1]
				}
			}
			rows = append(rows, row)
			return nil
		}); err != nil {
			return kept, err
		}
		if len(rows) > 0 {
			kept = append(kept, rights.Kept{Name: folder, Rows: rows})
		}
	}
	return kept, nil
}
