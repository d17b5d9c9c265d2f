package parse

import (
	"context"
	_ "embed"
	"fmt"

	"peil/pipeline/engine"
)

var (
	//go:embed text.sql
	textSQL string
	//go:embed dates.sql
	datesSQL string
	//go:embed address.sql
	addressSQL string
	//go:embed codes.sql
	codesSQL string
)

// Install creates the macros in db for as long as it is open; nothing of them
// is written to a database file. zone is the library's time zone, such as
// "Europe/Amsterdam".
func Install(ctx context.Context, db *engine.DB, zone string) error {
	if err := db.Exec(ctx, "SELECT TIMESTAMPTZ '2000-01-01 00:00:00Z' AT TIME ZONE "+engine.Literal(zone)); err != nil {
		return fmt.Errorf("install parsers: unknown time zone %q: use a name such as Europe/Amsterdam", zone)
	}
	for _, statements := range []string{
		"CREATE OR REPLACE TEMP MACRO library_zone() AS " + engine.Literal(zone),
		textSQL, datesSQL, addressSQL, codesSQL,
	} {
		if err := db.Exec(ctx, statements); err != nil {
			return fmt.Errorf("install parsers: %w", err)
		}
	}
	return nil
}
