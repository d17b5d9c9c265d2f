package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"peil/pipeline/config"
	"peil/pipeline/dispatch"
	"peil/pipeline/exit"
)

func TestNothingPrivateIsShown(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"out/public/kb", "out/private/cbs", "elsewhere", "linked"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"alias": "out", "linked/cbs": "../out/private/cbs"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		store, place        string
		destination, public bool // may be one
	}{
		{"out", "sent", true, true},
		{"out", "out", false, false},
		{"out", ".", false, false},
		{"out", "out/public", false, true},
		{"out", "out/public/kb/2024-W52", false, true},
		{"out", "out/private", false, false},
		{"out", "out/private/cbs", false, false},
		{"out", "out/publicity", false, false},
		{"out", "outbox", true, true},
		{"out", "out/../out/private", false, false},
		{"out", "alias/private", false, false},
		{"alias", "out/private", false, false},
		{"alias", "alias/public", false, true},
		{"out", "linked", true, false}, // a link in it leads to what is private
		{"out", "s3://bucket/peil", true, true},
		{"s3://bucket/peil", "s3://bucket/peil/", false, false},
		{"s3://bucket/peil", "s3://bucket", false, false},
		{"s3://bucket/peil", "s3://bucket/peil/public", false, true},
		{"s3://bucket/peil", "s3://bucket/peil/private/cbs", false, false},
		{"s3://bucket/peil", "s3://bucket/peil2", true, true},
		{"s3://bucket/peil", "s3://other/peil", true, true},
		{"s3://bucket/peil", "out", true, true},
	} {
		path := filepath.Join(dir, "peil.yaml")
		text := strings.NewReplacer("store: %s", "store: "+tt.store, "[%s]", "[]", "%q", "'"+tt.place+"'").Replace(dispatchConfig)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		for what, got := range map[string]struct {
			err error
			may bool
		}{"destination": {dispatch.CheckDestination(c, "cbs"), tt.destination}, "public": {dispatch.CheckPublic(c, tt.place), tt.public}} {
			var failed *exit.Error
			if (got.err == nil) != got.may || got.err != nil && (!errors.As(got.err, &failed) || failed.Status != exit.Usage) {
				t.Errorf("store %s, %s %s: %v, want allowed: %v", tt.store, what, tt.place, got.err, got.may)
			}
		}
	}
}
