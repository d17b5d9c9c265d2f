package file

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// A file of some kilobytes that unpacks to a gigabyte is given up long before that, and a
// line of a gigabyte costs one reject and no memory.
func TestADecompressionBombIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "branches.csv.zst")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(z, "branch,name\n"); err != nil {
		t.Fatal(err)
	}
	row := bytes.Repeat([]byte("A,Aa\n"), 1<<20)
	for range 80 { // 400 MB
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	c, err := openFile(t.Context(), Options{Rel: filepath.Base}, path)
	if err != nil {
		t.Fatal(err)
	}
	c.use([]bool{true, true})
	_, err = c.read(t.Context(), vault(t, t.TempDir(), []string{path}), t.TempDir(), func(string, bool) string { return "SELECT 1" })
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Error(), "branches.csv.zst: the file unpacks to more than 250 times its size") {
		t.Fatalf("got %v", err)
	}
}

// longLine is a line of so many bytes, between two that are good.
func longLine(n int64) io.Reader {
	return io.MultiReader(strings.NewReader("A,Aa\n"), io.LimitReader(repeated('x'), n), strings.NewReader("\nB,Bee\n"))
}

type repeated byte

func (r repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

func TestALineOfAGigabyteIsOneReject(t *testing.T) {
	n := int64(64 << 20)
	if os.Getenv("CI") == "true" {
		n = 1 << 30
	}
	s := newScanner(longLine(n), ',', []bool{true, true})
	var records, rejects int
	for {
		r, err := s.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if r.code == lineTooLong && r.line == 2 {
			rejects++
		} else if r.code == "" {
			records += int(r.records)
		}
	}
	if records != 2 || rejects != 1 {
		t.Errorf("%d records and %d rejects, want 2 and 1", records, rejects)
	}
}
