package file

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/charmap"
)

// The compressions, by DuckDB's names for them.
const (
	uncompressed = "none"
	gzipped      = "gzip"
	zstandard    = "zstd"
)

// encoding is how the text of a file is written as bytes.
type encoding int

const (
	utf8Text encoding = iota
	utf8Marked
	utf16Little
	utf16Big
	windows1252
)

// undecodable stands in decoded text for bytes that mean nothing in the file's
// encoding. It is no UTF-8, so that the scanner rejects the row; U+FFFD would hide
// that something was lost, and may itself stand in a file.
const undecodable = 0xFF

// open gives the bytes of a file or an object, decompressed.
func (s stamp) open(ctx context.Context, compression string) (io.ReadCloser, error) {
	var f io.ReadCloser
	var err error
	if s.bucket != nil {
		f, err = s.bucket.Open(ctx, s.object)
	} else {
		f, err = os.Open(s.path)
	}
	if err != nil {
		return nil, err
	}
	switch compression {
	case gzipped:
		z, err := gzip.NewReader(f)
		if err != nil {
			f.Close()
			return nil, err
		}
		return stream{s.bounded(z), func() { z.Close(); f.Close() }}, nil
	case zstandard:
		z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			f.Close()
			return nil, err
		}
		return stream{s.bounded(z), func() { z.Close(); f.Close() }}, nil
	}
	return f, nil
}

// Tables shrink to a tenth or a fiftieth when they are compressed. What grows far beyond
// that is damaged, or was made to fill a machine.
const (
	maxGrowth = 250       // times the size of the file
	freeBytes = 256 << 20 // that any file may hold
	maxWindow = 128 << 20 // bytes that zstd may look back, as of zstd --long
)

// bounded ends the reading of a file that unpacks to far more than a table does.
func (s stamp) bounded(r io.Reader) io.Reader { return &bounded{r, freeBytes + maxGrowth*s.bytes} }

type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, &Error{Problem: fmt.Sprintf("the file unpacks to more than %d times its size", maxGrowth), Remedy: "export it again; a table does not shrink as much as that"}
	}
	return n, err
}

type stream struct {
	io.Reader
	release func()
}

func (s stream) Close() error { s.release(); return nil }

// decode turns the bytes of a file into UTF-8 without a byte order mark. Line ends
// of a lone CR, as old Macs wrote them, become LF if loneCR is set.
func decode(r io.Reader, e encoding, loneCR bool) io.Reader {
	switch e {
	case utf8Marked:
		r = &unmarked{r: r}
	case utf16Little:
		r = &transcoder{r: r, convert: fromUTF16(binary.LittleEndian)}
	case utf16Big:
		r = &transcoder{r: r, convert: fromUTF16(binary.BigEndian)}
	case windows1252:
		r = &transcoder{r: r, convert: fromWindows1252}
	}
	if loneCR {
		r = crToLF{r}
	}
	return r
}

// unmarked leaves out the three bytes of the UTF-8 byte order mark.
type unmarked struct {
	r    io.Reader
	done bool
}

func (u *unmarked) Read(p []byte) (int, error) {
	if !u.done {
		var mark [3]byte
		if _, err := io.ReadFull(u.r, mark[:]); err != nil {
			return 0, err
		}
		u.done = true
	}
	return u.r.Read(p)
}

type crToLF struct{ r io.Reader }

func (c crToLF) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i := 0; i < n; i++ {
		j := bytes.IndexByte(p[i:n], '\r')
		if j < 0 {
			break
		}
		i += j
		p[i] = '\n'
	}
	return n, err
}

// transcoder reads text in one encoding and gives it in UTF-8.
type transcoder struct {
	r io.Reader
	// convert appends src to dst as UTF-8 and says how much of src it used; at the
	// end of the file it must use all.
	convert func(dst, src []byte, end bool) (out []byte, used int)
	in, out []byte
	pos     int // of out, what is given already
	err     error
}

func (t *transcoder) Read(p []byte) (int, error) {
	for t.pos == len(t.out) {
		if t.err != nil {
			return 0, t.err
		}
		if t.in == nil {
			t.in = make([]byte, 0, 256<<10)
		}
		n, err := t.r.Read(t.in[len(t.in):cap(t.in)])
		t.in, t.err = t.in[:len(t.in)+n], err
		var used int
		t.out, used = t.convert(t.out[:0], t.in, err != nil)
		t.in = t.in[:copy(t.in, t.in[used:])]
		t.pos = 0
	}
	n := copy(p, t.out[t.pos:])
	t.pos += n
	return n, nil
}

func fromWindows1252(dst, src []byte, _ bool) ([]byte, int) {
	for i, b := range src {
		switch b {
		case 0x81, 0x8D, 0x8F, 0x90, 0x9D: // the five that Windows-1252 leaves undefined
			dst = append(dst, undecodable)
		default:
			if b < utf8.RuneSelf {
				dst = append(dst, b)
			} else {
				dst = utf8.AppendRune(dst, charmap.Windows1252.DecodeByte(src[i]))
			}
		}
	}
	return dst, len(src)
}

func fromUTF16(order binary.ByteOrder) func(dst, src []byte, end bool) ([]byte, int) {
	started := false
	return func(dst, src []byte, end bool) ([]byte, int) {
		i := 0
		for ; i+2 <= len(src); i += 2 {
			r := rune(order.Uint16(src[i:]))
			switch {
			case !started && r == '\uFEFF':
			case r < utf8.RuneSelf:
				dst = append(dst, byte(r))
			case !utf16.IsSurrogate(r):
				dst = utf8.AppendRune(dst, r)
			case i+4 > len(src) && !end:
				return dst, i
			default:
				var pair rune = utf8.RuneError
				if i+4 <= len(src) {
					pair = utf16.DecodeRune(r, rune(order.Uint16(src[i+2:])))
				}
				if pair == utf8.RuneError {
					dst = append(dst, undecodable)
				} else {
					dst = utf8.AppendRune(dst, pair)
					i += 2
				}
			}
			started = true
		}
		if end && i < len(src) {
			return append(dst, undecodable), len(src)
		}
		return dst, i
	}
}

// mostlyUTF8 counts over the whole text whether characters beyond ASCII are UTF-8
// more often than they are not. A file of which a line is damaged stays UTF-8, so
// that the line is rejected and the others are not garbled.
func mostlyUTF8(r io.Reader) (bool, error) {
	var good, bad int64
	buf, kept := make([]byte, 1<<20), 0
	for {
		n, err := r.Read(buf[kept:])
		b := buf[:kept+n]
		for len(b) > 0 && (err != nil || utf8.FullRune(b)) {
			c, size := utf8.DecodeRune(b)
			switch {
			case c == utf8.RuneError && size == 1:
				bad++
			case size > 1:
				good++
			}
			b = b[size:]
		}
		kept = copy(buf, b)
		if err == io.EOF {
			return good > bad, nil
		}
		if err != nil {
			return false, err
		}
	}
}
