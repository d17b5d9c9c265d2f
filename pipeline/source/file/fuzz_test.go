package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/source"
)

func FuzzSniff(f *testing.F) {
	for _, s := range []string{
		"", "a", "a,b\n1,2\n", "a;b\n1,5;2\n", "sep=|\na,b|c\n", "\xEF\xBB\xBFa\tb\n", "\xFF\xFEa\x00,\x00b\x00\n\x00", "\xFE\xFF\x00a", "a\x00,\x00b\x00",
		"a,b\r1,2\r", "\"a\nb\",c\n", "\"a,b\n", "\n\n,\n", "\xff;\xfe\n", "\"\"\"\",\"\"\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := sniff(b)
		var e *Error
		switch {
		case err == nil && len(l.head) == 0:
			t.Fatal("neither headings nor an error")
		case err == nil && strings.IndexByte(separators, l.comma) < 0:
			t.Fatalf("separator %q", l.comma)
		case err != nil && (!errors.As(err, &e) || e.Problem == "" || e.Remedy == ""):
			t.Fatalf("got %v", err)
		}
		if again, _ := sniff(b); !cmp.Equal(l, again, cmp.AllowUnexported(layout{})) {
			t.Fatal("not the same twice")
		}
	})
}

// FuzzScan compares the scanner, with a buffer so small that every kind of record
// meets its end, with the slow reader.
func FuzzScan(f *testing.F) {
	for seed := range uint64(50) {
		f.Add([]byte(dirty(rand.New(rand.NewPCG(seed, 7)), ",")), uint8(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte, extra uint8) {
		text := "branch,name,other\n" + string(b) + "\n"
		needed := []bool{true, true, false}
		limit := 24 + int(extra)
		got, err := scanAll(text, needed, limit, limit+2+int(extra)%7)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(readSlowly("b.csv", text, ',', needed, limit), got); diff != "" {
			t.Fatalf("%s\n%q", diff, text)
		}
	})
}

// scanAll makes of the scanner's runs what readSlowly makes of the text.
func scanAll(text string, needed []bool, limit, buffer int) (read, error) {
	var out read
	s := newScanner(strings.NewReader(text), ',', needed)
	s.limit, s.buf = limit, make([]byte, buffer+2)
	if _, _, _, err := s.head(); err != nil {
		return out, err
	}
	for {
		r, err := s.next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		switch {
		case r.code != "":
			out.Rejects = append(out.Rejects, source.Reject{Part: "b.csv", Line: r.line, Code: r.code})
			continue
		case r.odd:
			r.text = nil
			for i, v := range r.fields {
				if i > 0 {
					r.text = append(r.text, ',')
				}
				if needed[i] {
					r.text = fmt.Appendf(r.text, `"%s"`, v.requoted())
				}
			}
			r.text = append(r.text, '\n')
		case r.records > 1 && int64(bytes.Count(r.text, []byte{'\n'})) != r.records:
			return out, fmt.Errorf("%d records in %q", r.records, r.text)
		}
		all := readSlowly("b.csv", "header\n"+string(r.text), ',', needed, 10*limit)
		if int64(len(all.Rows)) != r.records {
			return out, fmt.Errorf("%d records, not %d, in %q", len(all.Rows), r.records, r.text)
		}
		out.Rows = append(out.Rows, all.Rows...)
		for i := range r.records {
			out.Lines = append(out.Lines, r.line+i)
		}
	}
}
