package parse_test

import (
	"testing"

	"peil/pipeline/engine"
	"peil/transforms/parse"
)

func open(t testing.TB) *engine.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := parse.Install(t.Context(), db, "Europe/Amsterdam"); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestInstallRefusesAnUnknownZone(t *testing.T) {
	db := open(t)
	if err := parse.Install(t.Context(), db, "Europe/Zoetermeer"); err == nil {
		t.Error("Install accepted a zone that does not exist")
	}
}
