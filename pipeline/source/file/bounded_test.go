package file

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"peil/pipeline/source"
)

// commas gives so many separators.
type commas struct{ left int64 }

func (z *commas) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), z.left))
	for i := range p[:n] {
		p[i] = ','
	}
	z.left -= int64(n)
	return n, nil
}

// A small file that unpacks to a large one is given up, and is told from a damaged one.
func TestUnpackingIsBounded(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "b.csv.zst"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(f)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(z, "branch,name\n1,a\n")
	if _, err := io.Copy(z, &commas{2 * expandsFreely}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	o := Options{
		Tables: map[string]Input{
			source.Branches: {Paths: []string{f.Name()}}, source.Members: {Paths: []string{write(t, dir, "members.csv", "member_id,branch\n")}},
		}, RunDir: t.TempDir(), Threads: 1, Rel: filepath.Base,
	}
	s, err := Open(t.Context(), o)
	if err == nil {
		_, err = s.Tables()[0].Parts[0].Read(t.Context(), vault(t, o.RunDir, s.Paths()), func(relation string) string {
			return "CREATE TABLE t AS SELECT * FROM " + relation
		})
	}
	if err == nil || !strings.Contains(err.Error(), "b.csv.zst: it unpacks to more than 500 times its size") {
		t.Errorf("got %v", err)
	}
}
