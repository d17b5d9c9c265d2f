package sqldb

import "bytes"

// recordWriter divides CSV into records.
type recordWriter struct {
	each    func(record []byte) error // with its line end; the bytes are only lent
	partial []byte
}

// Write calls each for every record that is complete.
func (w *recordWriter) Write(p []byte) (int, error) {
	n := len(p)
	if len(w.partial) > 0 {
		w.partial = append(w.partial, p...)
		p = w.partial
	}
	for {
		end := recordEnd(p)
		if end == 0 {
			break
		}
		if err := w.each(p[:end]); err != nil {
			return 0, err
		}
		p = p[end:]
	}
	w.partial = append(w.partial[:0:0], p...)
	return n, nil
}

// recordEnd is the place after the first record in p; 0 if it is not complete.
func recordEnd(p []byte) int {
	for from, quotes := 0, 0; ; {
		i := bytes.IndexByte(p[from:], '\n')
		if i < 0 {
			return 0
		}
		quotes += bytes.Count(p[from:from+i], []byte{'"'})
		from += i + 1
		if quotes%2 == 0 {
			return from
		}
	}
}

// cutFields takes the first n values off a record. They hold neither quotes nor commas.
func cutFields(record []byte, n int) (values []string, rest []byte) {
	for range n {
		value, after, _ := bytes.Cut(record, []byte{','})
		values, record = append(values, string(value)), after
	}
	return values, record
}
