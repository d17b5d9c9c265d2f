package render

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var look = flag.String("look", "", "write the sample reports to this folder, to be looked at")

// TestLook writes pages and workbooks for eyes: what no golden file can judge.
func TestLook(t *testing.T) {
	if *look == "" {
		t.Skip("-look names no folder")
	}
	for name, d := range map[string]*Document{
		"sample":  sampleReport(Dutch, Internal, 20, 36),
		"public":  sampleReport(English, Public, 5, 36),
		"large":   sampleReport(Dutch, Internal, 1000, 36),
		"toronto": torontoReport(t),
	} {
		for ext, write := range map[string]func(*os.File) error{
			".html": func(f *os.File) error { return WriteHTML(f, d) },
			".xlsx": func(f *os.File) error { return WriteXLSX(f, d) },
			".csv":  func(f *os.File) error { return WriteCSV(f, &d.Sections[0].Tables[0]) },
		} {
			f, err := os.Create(filepath.Join(*look, name+ext))
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if err := write(f); err != nil {
				t.Fatal(err)
			}
			size, _ := f.Seek(0, 1)
			t.Logf("%s%s: %v, %d bytes", name, ext, time.Since(start).Round(time.Millisecond), size)
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
