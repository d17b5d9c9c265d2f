package sqldb_test

import (
	"os"
	"path/filepath"
	"testing"

	"peil/pipeline/source/sqldb"
)

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "password")
	if err := os.WriteFile(path, []byte("ge heim\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(open, []byte("geheim"), 0o644); err != nil {
		t.Fatal(err)
	}
	env := func(name string) (string, bool) { return "ge heim", name == "PW" }
	for _, tt := range []struct {
		name   string
		secret sqldb.Secret
		want   string
		says   string // of the error; empty for none
	}{
		{"none", sqldb.Secret{}, "", ""},
		{"environment", sqldb.Secret{Env: "PW"}, "ge heim", ""},
		{"file", sqldb.Secret{File: path}, "ge heim", ""},
		{"command", sqldb.Secret{Command: []string{"printf", "ge heim\\n"}}, "ge heim", ""},
		{"environment that is not set", sqldb.Secret{Env: "WP"}, "", "the environment variable WP is not set"},
		{"file that is not there", sqldb.Secret{File: path + "x"}, "", "no such file"},
		{"file that others may read", sqldb.Secret{File: open}, "", "chmod 600"},
		{"command that fails", sqldb.Secret{Command: []string{"false"}}, "", "the command false fails"},
		{"command that is not there", sqldb.Secret{Command: []string{"/no/such/command"}}, "", "no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.secret.Read(t.Context(), env)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.says != "" {
				wantError(t, err, tt.says)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
