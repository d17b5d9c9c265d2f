package sqldb

import (
	"bufio"
	"io"
	"unicode/utf8"
)

// maxValue is how many bytes of a value are read, where reading can stop; maxRow is how
// many a row may have where it cannot. No canonical column holds anything that long, and
// the vault reads no line of more than two million.
const (
	maxValue = 16 << 10
	maxRow   = 1 << 20
)

// csvWriter writes rows as the vault reads them: values between quotes where they could
// be misread, never a NUL, and always UTF-8.
type csvWriter struct {
	w     *bufio.Writer
	begun bool
}

func newCSVWriter(w io.Writer) *csvWriter { return &csvWriter{w: bufio.NewWriterSize(w, 256<<10)} }

// plainByte marks the bytes that need nothing done to them.
var plainByte = func() (t [256]bool) {
	for c := ' '; c < 0x7F; c++ {
		t[c] = c != '"' && c != ','
	}
	return t
}()

// value writes one value; an empty one is read as NULL. What fails shows in endRow.
func (c *csvWriter) value(b []byte) {
	if c.begun {
		c.w.WriteByte(',')
	}
	c.begun = true
	for _, x := range b {
		if !plainByte[x] {
			c.quoted(b)
			return
		}
	}
	c.w.Write(b[:min(len(b), maxValue)])
}

func (c *csvWriter) quoted(b []byte) {
	b = b[:min(len(b), maxValue)]
	c.w.WriteByte('"')
	for i := 0; i < len(b); {
		switch x := b[i]; {
		case x == 0:
			i++
		case x == '"':
			c.w.WriteString(`""`)
			i++
		case x < utf8.RuneSelf:
			c.w.WriteByte(x)
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			c.w.WriteRune(r) // of what is no UTF-8 the replacement character
			i += n
		}
	}
	c.w.WriteByte('"')
}

func (c *csvWriter) endRow() error {
	c.begun = false
	return c.w.WriteByte('\n')
}

func (c *csvWriter) flush() error { return c.w.Flush() }
