// Package transforms holds what happens to the data between the source and the
// outputs: SQL models in two ordered folders, the allow-list of what may cross from
// one to the other, and the runner.
//
//	vault/      raw rows to typed, merged, dated members: identifying, in memory
//	crossing/   the only way out of the vault: keyed, generalised
//	warehouse/  members under a run-local number to counted figures
//
// A model is a .sql file that creates the tables it is headed by; the heading says
// what a row is, its key and its privacy class. Models run in the order of their
// names. What a model needs to know of the run stands in the one row of the table
// parameters, so that no value is ever spliced into SQL.
package transforms

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"peil/pipeline/engine"
)

//go:embed vault/*.sql crossing/*.sql warehouse/*.sql
var files embed.FS

// Model is one SQL file.
type Model struct {
	Name string // such as "vault/30_persons"
	SQL  string
}

// Vault are the models that run in the vault, in order.
func Vault() []Model { return models("vault") }

// Warehouse are the models that run in the warehouse, in order.
func Warehouse() []Model { return models("warehouse") }

func models(folder string) []Model {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		panic(err) // the folder is part of the program
	}
	ms := make([]Model, len(entries))
	for i, e := range entries {
		ms[i] = Model{path.Join(folder, strings.TrimSuffix(e.Name(), ".sql")), text(path.Join(folder, e.Name()))}
	}
	return ms
}

func text(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return string(b)
}

// Run runs models in order. before is called with each model's name.
func Run(ctx context.Context, db *engine.DB, ms []Model, before func(model string)) error {
	for _, m := range ms {
		before(m.Name)
		if err := db.Exec(ctx, m.SQL); err != nil {
			return fmt.Errorf("run %s: %w", m.Name, err)
		}
	}
	return nil
}
