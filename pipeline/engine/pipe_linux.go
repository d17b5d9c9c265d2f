package engine

import (
	"os"

	"golang.org/x/sys/unix"
)

// widen makes a pipe hold a megabyte instead of 64 KiB, where the system lets it.
func widen(pipe *os.File) {
	if c, err := pipe.SyscallConn(); err == nil {
		c.Control(func(fd uintptr) { unix.FcntlInt(fd, unix.F_SETPIPE_SZ, 1<<20) })
	}
}
