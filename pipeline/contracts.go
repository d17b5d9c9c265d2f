package pipeline

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"peil/pipeline/engine"
	"peil/reports/cbs"
	"peil/reports/quality"
	"peil/transforms/contract"
)

// checkContracts asks of every table of an instance, vault or warehouse, whether it is
// what its contract says.
func (r *run) checkContracts(ctx context.Context, db *engine.DB, instance string) error {
	for _, c := range contract.In(instance) {
		results, err := c.Check(ctx, db)
		if err != nil {
			return err
		}
		r.findings.Contracts = append(r.findings.Contracts, results...)
	}
	return nil
}

// checkMembersFile asks the same of the lines of the file for CBS, which are nowhere but
// in the vault. Another layout than Peil's own promises what its own file says.
func (r *run) checkMembersFile(ctx context.Context, d cbs.Delivery) error {
	c := contract.Find("cbs", strings.ReplaceAll(d.Layout.Name, "/", "-"))
	if c == nil {
		return nil
	}
	results, err := c.CheckAs(ctx, r.vault, "("+d.Query()+")")
	r.findings.Contracts = append(r.findings.Contracts, results...)
	return err
}

// promised makes of the writing of a file one that also holds what is written against its
// contract. The copy that this takes lies in the run's folder meanwhile, as the warehouse
// itself does; of a file that is encrypted there is none.
func (r *run) promised(s *staged) func(context.Context, string, writing) writing {
	return func(ctx context.Context, name string, write writing) writing {
		table, isCSV := strings.CutSuffix(name, ".csv")
		c := contract.Find(s.manifest.Output, table)
		if !isCSV || c == nil {
			return write
		}
		return func(w io.Writer) (rows int64, err error) {
			path := filepath.Join(r.work.Path, "promised.csv")
			f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
			if err != nil {
				return 0, fmt.Errorf("check contract %s: %w", c.Name(), err)
			}
			defer os.Remove(path)
			defer f.Close()
			if rows, err = write(io.MultiWriter(w, f)); err != nil {
				return rows, err
			}
			db := r.warehouse
			if db == nil {
				db = r.vault
			}
			results, err := c.Edition(s.manifest.Edition).CheckFile(ctx, db, path)
			r.findings.Contracts = append(r.findings.Contracts, results...)
			return rows, err
		}
	}
}

// concludeContracts makes of what the contracts found since the last time one check a table
// of the input, one for core, and one for the period in hand, which may be nil.
func (r *run) concludeContracts(p *planned) {
	for _, c := range quality.Contracts(r.findings.Contracts[r.concluded:]) {
		if p != nil && c.Name == "contract."+p.Output {
			r.addTo(p, c)
		} else {
			r.add(c)
		}
	}
	r.concluded = len(r.findings.Contracts)
}
