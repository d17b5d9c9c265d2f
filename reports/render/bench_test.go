package render

import (
	"io"
	"testing"
)

// The size that must stay quick: 1,000 branches × 36 months.
func BenchmarkWrite(b *testing.B) {
	d := sampleReport(Dutch, Internal, 1000, 36)
	for name, write := range map[string]func() error{
		"xlsx": func() error { return WriteXLSX(io.Discard, d) },
		"html": func() error { return WriteHTML(io.Discard, d) },
		"csv":  func() error { return WriteCSV(io.Discard, &d.Sections[0].Tables[1]) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := write(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
