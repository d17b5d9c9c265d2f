package cbs

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// charmaps are the encodings that lack characters.
var charmaps = map[string]*charmap.Charmap{"windows-1252": charmap.Windows1252, "iso-8859-1": charmap.ISO8859_1}

// encodable says whether a text of the layout can be written in its encoding.
func (l *Layout) encodable(text string) error {
	if l.Lacking != "refuse" && (utf8.RuneCountInString(l.Lacking) != 1 || l.Lacking[0] < ' ' || l.Lacking[0] > '~') {
		return fmt.Errorf("lacking: %q is neither refuse nor one plain character", l.Lacking)
	}
	if l.Lacking != "refuse" {
		return nil
	}
	_, err := l.encode(nil, []byte(text))
	return err
}

// encode appends UTF-8 text in the layout's encoding.
func (l *Layout) encode(to, text []byte) ([]byte, error) {
	m := charmaps[l.Encoding]
	if m == nil {
		return append(to, text...), nil
	}
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		b, ok := m.EncodeRune(r)
		if !ok && l.Lacking == "refuse" {
			return to, fmt.Errorf("a character is not in %s: choose another encoding, or give lacking: the character to write instead", l.Encoding)
		}
		if !ok {
			b = l.Lacking[0]
		}
		to = append(to, b)
	}
	return to, nil
}

// lineWriter writes lines of UTF-8 in the encoding of the layout, and counts them.
// No field holds a line end.
type lineWriter struct {
	w      io.Writer
	layout *Layout
	lines  int64
	buf    []byte
	rest   []byte // the beginning of a character that the last write cut
}

// begin writes what stands before the first line.
func (w *lineWriter) begin() error {
	if w.layout.Encoding != "utf-8-bom" {
		return nil
	}
	_, err := io.WriteString(w.w, "\ufeff")
	return err
}

func (w *lineWriter) Write(p []byte) (int, error) {
	n := len(p)
	w.lines += int64(bytes.Count(p, []byte{'\n'}))
	if charmaps[w.layout.Encoding] != nil {
		p = append(w.rest, p...)
		cut := wholeRunes(p)
		w.rest = bytes.Clone(p[cut:])
		var err error
		if w.buf, err = w.layout.encode(w.buf[:0], p[:cut]); err != nil {
			return 0, err
		}
		p = w.buf
	}
	if _, err := w.w.Write(p); err != nil {
		return 0, err
	}
	return n, nil
}

// wholeRunes is the length of p without a character that is cut off at its end.
func wholeRunes(p []byte) int {
	for i := len(p) - 1; i >= 0 && i >= len(p)-utf8.UTFMax; i-- {
		if utf8.RuneStart(p[i]) {
			if !utf8.FullRune(p[i:]) {
				return i
			}
			break
		}
	}
	return len(p)
}
