package store

import (
	"path"
	"path/filepath"
	"testing"
)

// FuzzName looks for a name that is accepted and would not be below the store.
func FuzzName(f *testing.F) {
	for _, name := range []string{"a", "public/kb/2024-W52/leden.csv", "../a", "a/./b", `a\..\b`, "a//b", "/a", ".lock", "a\x00", ""} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name) != nil {
			return
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) || path.Clean(name) != name {
			t.Errorf("%q is accepted", name)
		}
		if own, _ := path.Match(".*", path.Base(name)); own {
			t.Errorf("%q is accepted though it begins with a dot", name)
		}
	})
}

// FuzzRecord looks for a commit record that would publish outside the store.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"folder": "public/kb/2024-W52"}`))
	f.Add([]byte(`{"folder": "../x"}`))
	f.Add([]byte(`{"folder": ".staging"}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		folder, err := parseRecord(commitName, data)
		if err == nil && checkName(folder) != nil {
			t.Errorf("%q is accepted as a folder", folder)
		}
	})
}
