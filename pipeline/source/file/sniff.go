package file

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// layout is what the beginning of a CSV file tells about it.
type layout struct {
	// encoding is utf8Text also where it may turn out to be Windows-1252: only the
	// whole file can tell (see survey).
	encoding encoding
	loneCR   bool // lines end in CR alone
	comma    byte
	head     []string // the headings, as written, without quotes and spaces around them
	// plainHead says that the first line, and no other, is the headings.
	plainHead bool
}

// separators in order of preference where all explain a file equally well.
const separators = ",;\t|"

// sniffed is how much of a file is looked at: one record of the greatest length.
const sniffed = maxRecord

// sniff makes out the layout of the file that begins with b. The error is an [*Error]
// without a path.
func sniff(b []byte) (layout, error) {
	l := layout{encoding: sniffEncoding(b)}
	reading := l.encoding
	if l.encoding == utf8Text && !utf8.Valid(b[:len(b)-cutRune(b)]) {
		reading = windows1252
	}
	text, err := io.ReadAll(decode(bytes.NewReader(b), reading, false))
	if err != nil {
		return l, err
	}
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') >= 0 {
		l.loneCR = true
		text = bytes.ReplaceAll(text, []byte{'\r'}, []byte{'\n'})
	}
	if m := separatorLine.FindSubmatch(text); m != nil {
		l.comma = m[1][0]
	} else {
		l.comma = sniffSeparator(text)
	}
	s := scanText(text, l.comma)
	head, plain, code, err := s.head()
	switch {
	case errors.Is(err, io.EOF):
		return l, &Error{Problem: "the file holds no line of headings", Remedy: "export it again, with headings in the first line"}
	case err != nil:
		return l, err
	case code == lineTooLong:
		return l, &Error{Line: s.line, Problem: "the first line is longer than 1 MiB", Remedy: "check that this is a CSV file with headings in the first line"}
	case code != "":
		return l, &Error{Line: s.line, Problem: "the quotes in the line of headings do not match", Remedy: `write each heading without quotes, or all of it between two "`}
	}
	l.plainHead = plain && !l.loneCR
	for _, f := range head {
		l.head = append(l.head, strings.TrimSpace(f.text()))
	}
	return l, nil
}

// scanText scans what is in memory as a whole.
func scanText(text []byte, comma byte) *scanner {
	s := newScanner(bytes.NewReader(text), comma, nil)
	s.buf = make([]byte, len(text)+3) // all of it, a line end, and room to see that no more comes
	return s
}

// text is the value as it was meant.
func (f field) text() string {
	if f.quoted {
		return strings.ReplaceAll(string(f.raw), `""`, `"`)
	}
	return string(f.raw)
}

func sniffEncoding(b []byte) encoding {
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		return utf8Marked
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		return utf16Little
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		return utf16Big
	}
	// Without a mark: headings are mostly ASCII, half of whose bytes are then NUL.
	var nul [2]int
	b = b[:min(len(b), 1024)]
	for i, c := range b {
		if c == 0 {
			nul[i%2]++
		}
	}
	switch half := len(b) / 2; {
	case half > 1 && nul[1] > half*3/4 && nul[0] < half/4:
		return utf16Little
	case half > 1 && nul[0] > half*3/4 && nul[1] < half/4:
		return utf16Big
	}
	return utf8Text
}

// sniffSeparator picks the separator under which most records have as many values as
// there are headings, and of those the one that gives most headings.
func sniffSeparator(text []byte) byte {
	best, bestShare, bestColumns := separators[0], 0.0, 1
	text = text[:min(len(text), 256<<10)]
	for i := range len(separators) {
		s := scanText(text, separators[i])
		head, _, code, err := s.head()
		if err != nil || code != "" || len(head) < 2 {
			continue
		}
		columns := len(head)
		s.columns, s.needed = columns, make([]bool, columns)
		agree, total := int64(1), int64(1)
		for r, err := s.next(); err == nil; r, err = s.next() {
			total += max(r.records, 1)
			if r.code == "" {
				agree += r.records
			}
		}
		share := float64(agree) / float64(total)
		if share > bestShare || share == bestShare && columns > bestColumns {
			best, bestShare, bestColumns = separators[i], share, columns
		}
	}
	return best
}
