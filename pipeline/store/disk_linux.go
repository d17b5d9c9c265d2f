package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func exchangeAt(dirA *os.File, a string, dirB *os.File, b string) error {
	err := unix.Renameat2(int(dirA.Fd()), a, int(dirB.Fd()), b, unix.RENAME_EXCHANGE)
	// EINVAL is how a file system that knows renameat2 but not this flag says so.
	if err == unix.EINVAL || err == unix.ENOSYS || err == unix.ENOTSUP {
		return errors.ErrUnsupported
	}
	return err
}
