package file

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"unicode/utf8"
)

// Why a row cannot be read as a row.
const (
	tooFewColumns     = "too-few-columns"
	tooManyColumns    = "too-many-columns"
	unterminatedQuote = "unterminated-quote" // a quoted value does not end where it can
	textAfterQuote    = "text-after-quote"   // something stands between a closing quote and the separator
	invalidBytes      = "invalid-bytes"      // bytes that are no text in the file's encoding
	nulByte           = "nul-byte"
	lineTooLong       = "line-too-long"
)

const (
	maxRecord = 1 << 20 // bytes; a longer record is rejected
	scanAhead = 1 << 20 // bytes that are looked at together
)

// run is a stretch of a CSV file: well-formed records, or one record that is not.
type run struct {
	// text, line ends included, is valid until the next call of next.
	text    []byte
	line    int64 // on which it begins, 1-based
	records int64 // each on one line, unless it is 1
	// odd is one record that every reader understands differently: a quote in the
	// middle of a value, a lone CR. It has to be written anew, from fields.
	odd    bool
	fields []field
	// multiline is one record that runs over several lines.
	multiline bool
	// code is why the one record of this run is rejected; else empty.
	code string
}

// field is one value of a record.
type field struct {
	raw    []byte // without the quotes around it; inner quotes doubled if quoted
	quoted bool
}

// scanner cuts the decoded text of a CSV file into runs. It decides what a record
// is, so that readers need not agree: lines without a character are no records; a
// quote opens a value only as its first character; a record that cannot be read
// costs its first line, and reading goes on at the next, so that one quote too many
// does not swallow the file.
type scanner struct {
	r     io.Reader
	comma byte
	// columns is the number of values of a good record.
	columns int
	// needed tells which columns are read. Bytes that are no text in another
	// column spoil nothing.
	needed []bool
	limit  int // bytes of the longest record

	buf      []byte
	pos, end int
	quoteAt  int   // where find saw the next quote
	crAt     int   // and the next CR
	line     int64 // of buf[pos]
	valid    bool  // buf[pos:end] is UTF-8 without NUL
	invalid  bool  // something up to now was not UTF-8
	err      error // of r, io.EOF at its end
	fields   []field
	newlines int64 // within the record that was parsed last
	lf, crlf bool  // the line ends met up to now
}

func newScanner(r io.Reader, comma byte, needed []bool) *scanner {
	return &scanner{r: r, comma: comma, columns: len(needed), needed: needed, line: 1, limit: maxRecord}
}

// next returns the next run, and [io.EOF] after the last.
func (s *scanner) next() (run, error) {
	for {
		if err := s.fill(); err != nil {
			return run{}, err
		}
		if r, ok := s.plainRun(); ok {
			return r, nil
		}
		if s.pos == s.end {
			continue
		}
		if blank := blankLine(s.buf[s.pos:s.end]); blank > 0 {
			s.noteEnd(blank == 2)
			s.pos += blank
			s.line++
			continue
		}
		return s.record()
	}
}

// head takes the line of headings, which next must not see. A line "sep=;" before it,
// which Excel writes and obeys, is left out; plain says that there was nothing but
// one line to take.
func (s *scanner) head() (headings []field, plain bool, code string, err error) {
	columns := s.columns
	defer func() { s.columns = columns }()
	s.columns = 1 << 20 // how many there should be is what we are about to learn
	for {
		if err := s.fill(); err != nil {
			return nil, false, "", err
		}
		b := s.buf[s.pos:s.end]
		skip := blankLine(b)
		if m := separatorLine.Find(b[:min(len(b), 8)]); m != nil && s.line == 1 {
			skip = len(m)
		}
		if skip == 0 {
			break
		}
		s.pos += skip
		s.line++
	}
	n, _, code := s.parse(s.buf[s.pos:min(s.end, s.pos+s.limit)])
	if code != "" {
		return nil, false, code, nil
	}
	plain = s.line == 1 && s.newlines == 1
	s.pos += n
	s.line += s.newlines
	return s.fields, plain, "", nil
}

var separatorLine = regexp.MustCompile(`^(?i:sep)=([,;|\t])\r?\n`)

// fill sees to it that a whole record of any allowed length is in the buffer, or the
// rest of the file.
func (s *scanner) fill() error {
	if s.end-s.pos > s.limit || s.err != nil {
		if s.pos == s.end {
			return s.err
		}
		return nil
	}
	if s.buf == nil {
		s.buf = make([]byte, scanAhead+s.limit)
	}
	s.end = copy(s.buf, s.buf[s.pos:s.end])
	s.pos, s.quoteAt, s.crAt = 0, -1, -1
	for s.end < len(s.buf)-2 && s.err == nil {
		var n int
		n, s.err = s.r.Read(s.buf[s.end : len(s.buf)-2])
		s.end += n
	}
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return s.err
	}
	whole := s.buf[:s.end]
	if s.err == nil {
		whole = whole[:len(whole)-cutRune(whole)]
	} else if s.end > 0 && whole[s.end-1] != '\n' {
		s.end += copy(s.buf[s.end:], s.lineEnd(whole)) // every line has an end: one case less
	}
	utf := utf8.Valid(whole)
	s.invalid = s.invalid || !utf
	s.valid = utf && bytes.IndexByte(whole, 0) < 0
	if s.pos == s.end {
		return s.err
	}
	return nil
}

// lineEnd is what the last line lacks.
func (s *scanner) lineEnd(b []byte) string {
	if b[len(b)-1] != '\r' && (s.crlf || bytes.Contains(b, []byte("\r\n"))) {
		return "\r\n"
	}
	return "\n"
}

// cutRune is how many bytes at the end of b begin a character that b cuts off.
func cutRune(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// plainRun takes the lines from here that hold neither quote nor CR within, have the
// right number of values, and are text: nearly all lines of nearly all files. It
// works with the few functions of package bytes that are written in assembly.
func (s *scanner) plainRun() (run, bool) {
	r := run{line: s.line}
	start := s.pos
	for s.pos < s.end {
		b := s.buf[s.pos:min(s.end, s.pos+s.limit)]
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			break
		}
		line := b[:i]
		if i > 0 && b[i-1] == '\r' {
			line = b[:i-1]
		}
		if s.find(&s.quoteAt, '"') < s.pos+i || s.find(&s.crAt, '\r') < s.pos+len(line) {
			break
		}
		if len(line) == 0 || bytes.Count(line, []byte{s.comma}) != s.columns-1 || !s.valid && !isText(line) {
			break
		}
		s.noteEnd(len(line) < i)
		r.records++
		s.line++
		s.pos += i + 1
	}
	r.text = s.buf[start:s.pos]
	return r, r.records > 0
}

// find returns where c stands next in buf, and keeps the answer in at for as long as
// it holds, so that no byte is looked at twice.
func (s *scanner) find(at *int, c byte) int {
	if *at < s.pos {
		*at = s.end
		if i := bytes.IndexByte(s.buf[s.pos:s.end], c); i >= 0 {
			*at = s.pos + i
		}
	}
	return *at
}

// noteEnd takes note of a line end.
func (s *scanner) noteEnd(crlf bool) {
	s.crlf = s.crlf || crlf
	s.lf = s.lf || !crlf
}

// isText says whether b is UTF-8 without NUL.
func isText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }

// blankLine is the length of an empty line with its line end, 0 if there is none.
func blankLine(b []byte) int {
	switch {
	case b[0] == '\n':
		return 1
	case b[0] == '\r' && len(b) > 1 && b[1] == '\n':
		return 2
	}
	return 0
}

// record takes one record that plainRun left.
func (s *scanner) record() (run, error) {
	b := s.buf[s.pos:s.end]
	r := run{line: s.line, records: 1}
	n, odd, code := s.parse(b[:min(len(b), s.limit)])
	if code != "" {
		r.code = code
		return r, s.skipLine()
	}
	r.text, r.fields, r.odd, r.multiline = b[:n], s.fields, odd, s.newlines > 1
	s.pos += n
	s.line += s.newlines
	switch {
	case len(s.fields) < s.columns:
		r.code = tooFewColumns
	case len(s.fields) > s.columns:
		r.code = tooManyColumns
	case !s.valid && !isText(r.text):
		r.odd = true
		r.code = s.unreadable()
	}
	return r, nil
}

// unreadable is the code for a record of which a needed column is no text.
func (s *scanner) unreadable() string {
	for i, f := range s.fields {
		switch {
		case !s.needed[i]:
		case !utf8.Valid(f.raw):
			return invalidBytes
		case bytes.IndexByte(f.raw, 0) >= 0:
			return nulByte
		}
	}
	return ""
}

// skipLine leaves out what remains of one physical line, however long.
func (s *scanner) skipLine() error {
	s.line++
	for {
		b := s.buf[s.pos:s.end]
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			s.pos += i + 1
			return nil
		}
		s.pos = s.end
		if err := s.fill(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// parse reads one record at the start of b into s.fields and returns its length with
// the line end. A code says that there is no telling where the record ends.
func (s *scanner) parse(b []byte) (n int, odd bool, code string) {
	s.fields, s.newlines = s.fields[:0], 1
	for i := 0; ; i++ {
		var f field
		if i < len(b) && b[i] == '"' {
			f = field{raw: b[i+1:], quoted: true}
			length := quotedLength(f.raw)
			if length < 0 {
				return 0, false, endless(b)
			}
			f.raw = f.raw[:length]
			s.newlines += int64(bytes.Count(f.raw, []byte{'\n'}))
			i += length + 2
		} else {
			length, marked := unquotedLength(b[i:], s.comma)
			f.raw = b[i : i+length]
			i += length
			if marked {
				if i < len(b) && b[i] == '\n' {
					f.raw = bytes.TrimSuffix(f.raw, []byte{'\r'})
				}
				odd = odd || bytes.IndexByte(f.raw, '"') >= 0 || bytes.IndexByte(f.raw, '\r') >= 0
			}
		}
		s.fields = append(s.fields, f)
		switch {
		case i == len(b) || i == len(b)-1 && b[i] == '\r':
			return 0, false, endless(b)
		case b[i] == s.comma:
			if len(s.fields) > s.columns+100 && s.newlines > 1 {
				return 0, false, unterminatedQuote // quotes out of step: each closes where it should open
			}
		case b[i] == '\n':
			s.noteEnd(!f.quoted && i > 0 && b[i-1] == '\r')
			return i + 1, odd, ""
		case b[i] == '\r' && b[i+1] == '\n':
			s.noteEnd(true)
			return i + 2, odd, ""
		case s.newlines > 1:
			return 0, false, unterminatedQuote // the quote that opens here was meant to close
		default:
			return 0, false, textAfterQuote
		}
	}
}

// endless is the code for a record that begins with b and has no end in it.
func endless(b []byte) string {
	if bytes.IndexByte(b, '\n') < 0 {
		return lineTooLong
	}
	return unterminatedQuote
}

// quotedLength is the length of a quoted value up to its closing quote, -1 if there is none.
func quotedLength(b []byte) int {
	for i := 0; ; i += 2 {
		j := bytes.IndexByte(b[min(i, len(b)):], '"')
		if j < 0 {
			return -1
		}
		i += j
		if i+1 == len(b) || b[i+1] != '"' {
			return i
		}
	}
}

// unquotedLength is the length of a value that no quote opens; marked says that a
// quote or a CR is in it.
func unquotedLength(b []byte, comma byte) (length int, marked bool) {
	for i, c := range b {
		switch c {
		case comma, '\n':
			return i, marked
		case '"', '\r':
			marked = true
		}
	}
	return len(b), marked
}
