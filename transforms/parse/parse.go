package parse

import (
	"context"
	"embed"
	"fmt"

	"peil/pipeline/engine"
)

//go:embed *.sql
var definitions embed.FS

// files are the definitions in order: a macro may use only what is there already.
var files = []string{"text.sql", "dates.sql", "postcode.sql", "house.sql", "codes.sql"}

// Install creates the macros in db for as long as it is open; nothing of them is
// written to a database file. zone is the library's time zone, such as
// "Europe/Amsterdam"; installing again changes it.
func Install(ctx context.Context, db *engine.DB, zone string) error {
	if err := db.Exec(ctx, "SELECT TIMESTAMPTZ '2000-01-01 00:00:00Z' AT TIME ZONE "+engine.Literal(zone)); err != nil {
		return fmt.Errorf("install parsers: no time zone %q, use a name such as Europe/Amsterdam: %w", zone, err)
	}
	if err := db.Exec(ctx, "CREATE OR REPLACE TEMP MACRO library_zone() AS "+engine.Literal(zone)); err != nil {
		return fmt.Errorf("install parsers: %w", err)
	}
	for _, name := range files {
		statements, err := definitions.ReadFile(name)
		if err != nil {
			return fmt.Errorf("install parsers: %w", err)
		}
		if err := db.Exec(ctx, string(statements)); err != nil {
			return fmt.Errorf("install parsers: %s: %w", name, err)
		}
	}
	return nil
}
