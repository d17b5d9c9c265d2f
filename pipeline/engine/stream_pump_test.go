package engine

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

var errFull = errors.New("full")

// failing writes some bytes and then fails.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestPump(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // 8 MiB, more than is read ahead
	var got bytes.Buffer
	if err := pump(&got, bytes.NewReader(text)); err != nil || !bytes.Equal(got.Bytes(), text) {
		t.Errorf("%d of %d bytes arrived, error %v", got.Len(), len(text), err)
	}
	if err := pump(&got, bytes.NewReader(nil)); err != nil {
		t.Errorf("of nothing: %v", err)
	}
	if err := pump(&failing{3 << 20}, bytes.NewReader(text)); !errors.Is(err, errFull) {
		t.Errorf("a writer that fails: %v", err)
	}
	if err := pump(&failing{}, io.MultiReader(bytes.NewReader(text[:10]), iotest.ErrReader(io.EOF))); !errors.Is(err, errFull) {
		t.Errorf("a writer that fails at the end: %v", err)
	}
	if err := pump(io.Discard, iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that fails: %v", err)
	}
}
