package file

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// csvFile is one CSV file of which the beginning has been read.
type csvFile struct {
	stamp
	layout
	compression string
	// needed tells which columns are read. It is set before any row is read.
	needed []bool

	mu       sync.Mutex
	surveyed *survey
}

// survey is what one pass over the whole file tells.
type survey struct {
	rejects []source.Reject
	// direct says that DuckDB reads the file itself as the scanner does; else it is
	// given the good records through a pipe.
	direct bool
	// crlf says that every line ends in CR LF, mixed that some do and some do not.
	crlf, mixed bool
	// multiline says that a record runs over several lines.
	multiline bool
}

// maxRejects is where a file is given up: by then it is not the rows that are wrong.
const maxRejects = 1_000_000

// globbing are the characters for which DuckDB takes a path for a pattern.
const globbing = "*?["

// openCSV reads the beginning of a file.
func openCSV(ctx context.Context, s stamp) (*csvFile, error) {
	f := &csvFile{stamp: s}
	b, err := f.firstBytes(ctx, uncompressed, 8)
	if err != nil {
		return nil, f.unreadable(err)
	}
	f.compression = sniffCompression(b)
	if b, err = f.firstBytes(ctx, f.compression, sniffed); err != nil {
		return nil, f.unreadable(err)
	}
	if problem, remedy := notCSV(b); problem != "" {
		return nil, &Error{Path: f.shown, Problem: problem, Remedy: remedy}
	}
	if f.layout, err = sniff(b); err != nil {
		return nil, f.unreadable(err)
	}
	return f, nil
}

func (f *csvFile) headings() []string { return f.head }
func (f *csvFile) use(needed []bool)  { f.needed = needed }

func (s stamp) firstBytes(ctx context.Context, compression string, n int) ([]byte, error) {
	r, err := s.open(ctx, compression)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, int64(n)))
}

func sniffCompression(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\x1F\x8B")):
		return gzipped
	case bytes.HasPrefix(b, []byte("\x28\xB5\x2F\xFD")):
		return zstandard
	}
	return uncompressed
}

// notCSV recognises what people hand in as CSV and is not.
func notCSV(b []byte) (problem, remedy string) {
	switch {
	case len(b) == 0:
		return "the file is empty, even of headings", "export it again; a table without rows still has a line of headings"
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("\xD0\xCF\x11\xE0")):
		return "this is a workbook or a zip file, not a CSV file", "save the sheet as CSV, or unpack it"
	}
	return "", ""
}

// unreadable turns an error of reading into one that says what to do.
func (f *csvFile) unreadable(err error) error {
	var e *Error
	switch {
	case errors.As(err, &e):
		located := *e
		located.Path = f.shown
		return &located
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case f.compression == gzipped || f.compression == zstandard:
		return &Error{Path: f.shown, Problem: "the file is compressed and damaged or cut off", Remedy: "copy or export it again"}
	}
	return &Error{Path: f.shown, Problem: "the file cannot be read: " + cause(err), Remedy: "copy or export it again"}
}

// scan passes over all records, good and bad, of the decoded file. What each returns
// as an error ends it.
func (f *csvFile) scan(ctx context.Context, each func(*scanner, run) error) error {
	r, err := f.open(ctx, f.compression)
	if err != nil {
		return f.unreadable(err)
	}
	defer r.Close()
	s := newScanner(decode(untilDone{ctx, r}, f.encoding, f.loneCR), f.comma, f.needed)
	if _, _, _, err := s.head(); err != nil {
		return f.unreadable(err)
	}
	for {
		r, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return f.unreadable(err)
		}
		if err := each(s, r); err != nil {
			return err
		}
	}
}

// untilDone stops reading when the context ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

var errNotUTF8 = errors.New("not UTF-8")

// survey passes over the file once, and keeps what it learnt. It settles the encoding.
func (f *csvFile) survey(ctx context.Context) (*survey, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.surveyed != nil {
		return f.surveyed, nil
	}
	v, err := f.surveyAs(ctx, f.encoding == utf8Text)
	if errors.Is(err, errNotUTF8) {
		if err = f.settleEncoding(ctx); err == nil {
			v, err = f.surveyAs(ctx, false)
		}
	}
	if err != nil {
		return nil, err
	}
	f.surveyed = v
	return v, nil
}

func (f *csvFile) surveyAs(ctx context.Context, onlyUTF8 bool) (*survey, error) {
	// DuckDB makes a row of an empty line where there is one column.
	direct := f.bucket == nil && f.plainHead && (f.encoding == utf8Text || f.encoding == utf8Marked) && len(f.head) > 1 && !strings.ContainsAny(f.path, globbing)
	v := &survey{direct: direct}
	err := f.scan(ctx, func(s *scanner, r run) error {
		v.crlf, v.mixed = s.crlf && !s.lf, s.crlf && s.lf
		if onlyUTF8 && s.invalid {
			return errNotUTF8
		}
		if r.code != "" {
			if len(v.rejects) == maxRejects {
				return &Error{Path: f.shown, Line: v.rejects[0].Line, Problem: fmt.Sprintf("more than %d rows cannot be read, this one first (%s)", maxRejects, v.rejects[0].Code),
					Remedy: "check the separator and the quotes of the export"}
			}
			v.rejects = append(v.rejects, source.Reject{Part: f.shown, Line: r.line, Code: r.code})
			v.direct = false
			return nil
		}
		v.direct = v.direct && !r.odd
		v.multiline = v.multiline || r.multiline
		return nil
	})
	v.direct = v.direct && !v.mixed
	return v, err
}

func (f *csvFile) settleEncoding(ctx context.Context) error {
	r, err := f.open(ctx, f.compression)
	if err != nil {
		return f.unreadable(err)
	}
	defer r.Close()
	utf, err := mostlyUTF8(untilDone{ctx, r})
	if err != nil {
		return f.unreadable(err)
	}
	if !utf {
		f.encoding = windows1252
	}
	return nil
}

func (f *csvFile) read(ctx context.Context, db *engine.DB, runDir string, statement func(relation string, replayable bool) string) ([]source.Reject, error) {
	v, err := f.survey(ctx)
	if err != nil {
		return nil, err
	}
	if v.direct {
		err = db.Exec(ctx, statement(f.relation(f.path, v), true))
	} else {
		fill := func(w io.Writer) error { return f.sieve(ctx, v, w) }
		err = db.FeedFrom(ctx, runDir, fill, func(pipe string) string { return statement(f.relation(pipe, v), false) })
	}
	if err != nil {
		return nil, located(f.shown, err)
	}
	return v.rejects, nil
}

// sieve writes the good records, those that readers disagree about in a form that
// they do not.
func (f *csvFile) sieve(ctx context.Context, v *survey, w io.Writer) error {
	end := "\n"
	if v.crlf {
		end = "\r\n"
	}
	var odd []byte
	out := bufio.NewWriterSize(w, 1<<20)
	err := f.scan(ctx, func(_ *scanner, r run) error {
		switch {
		case r.code != "":
			return nil
		case !r.odd:
			if v.mixed {
				r = r.endedByLF()
			}
			_, err := out.Write(r.text)
			return err
		}
		odd = odd[:0]
		for i, value := range r.fields {
			if i > 0 {
				odd = append(odd, f.comma)
			}
			if f.needed[i] {
				odd = append(append(append(odd, '"'), value.requoted()...), '"')
			}
		}
		_, err := out.Write(append(odd, end...))
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// endedByLF gives a run's records one kind of line end. Within values nothing changes.
func (r run) endedByLF() run {
	if r.multiline {
		if text, ok := bytes.CutSuffix(r.text, []byte("\r\n")); ok {
			r.text = append(text, '\n')
		}
		return r
	}
	r.text = bytes.ReplaceAll(r.text, []byte("\r\n"), []byte{'\n'})
	return r
}

// requoted is the value as it stands between quotes.
func (f field) requoted() []byte {
	if f.quoted {
		return f.raw
	}
	return bytes.ReplaceAll(f.raw, []byte(`"`), []byte(`""`))
}

// relation is the FROM item over path: the file itself if v.direct, else a pipe from
// sieve. Line ends are told: of a file with others than it expects, DuckDB reads
// nothing and says nothing. A file with line ends within quotes is left to one
// thread: another that begins there takes them for the ends of records.
func (f *csvFile) relation(path string, v *survey) string {
	compression, newline := uncompressed, `\n`
	if v.direct {
		compression = f.compression
	}
	if v.crlf {
		newline = `\r\n`
	}
	columns := make([]string, len(f.head))
	for i := range columns {
		columns[i] = fmt.Sprintf("'c%d': 'VARCHAR'", i)
	}
	return fmt.Sprintf(`read_csv(%s, auto_detect = false, columns = {%s}, delim = %s, quote = '"', escape = '"', new_line = %s, header = %t, compression = %s, parallel = %t)`,
		engine.Literal(path), strings.Join(columns, ", "), engine.Literal(string(f.comma)), engine.Literal(newline), v.direct, engine.Literal(compression), v.direct && !v.multiline)
}

// lines maps positions among the good records to line numbers.
func (f *csvFile) lines(ctx context.Context, positions []int64) ([]int64, error) {
	if _, err := f.survey(ctx); err != nil {
		return nil, err
	}
	lines := make([]int64, 0, len(positions))
	var seen int64
	err := f.scan(ctx, func(_ *scanner, r run) error {
		if r.code != "" {
			return nil
		}
		for len(lines) < len(positions) && positions[len(lines)] < seen+r.records {
			lines = append(lines, r.line+positions[len(lines)]-seen)
		}
		if seen += r.records; len(lines) == len(positions) {
			return io.EOF
		}
		return nil
	})
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(lines) < len(positions) {
		return nil, fmt.Errorf("find lines of %s: it holds %d rows, not %d", f.shown, seen, positions[len(lines)]+1)
	}
	return lines, nil
}
