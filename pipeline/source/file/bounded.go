package file

import (
	"fmt"
	"io"
)

// A compressed file may unpack to as many times its own size, and this much more. Exports
// stay below a fiftieth of it; what goes beyond was made to fill a machine.
const (
	expandsAtMost = 500
	expandsFreely = 256 << 20
)

// maxWindow is the most that unpacking zstd may need to look back, in bytes: what the zstd
// command takes unless it is told otherwise.
const maxWindow = 128 << 20

// bounded gives up on what unpacks to more than can be meant.
type bounded struct {
	r    io.Reader
	room int64 // bytes
}

func newBounded(r io.Reader, compressed int64) *bounded {
	return &bounded{r: r, room: expandsFreely + expandsAtMost*compressed}
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.room -= int64(n); b.room < 0 {
		return 0, &Error{Problem: fmt.Sprintf("it unpacks to more than %d times its size", expandsAtMost), Remedy: "check where it comes from; unpack it yourself if it is right"}
	}
	return n, err
}
