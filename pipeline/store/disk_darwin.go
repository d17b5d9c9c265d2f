package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func exchangeAt(dirA *os.File, a string, dirB *os.File, b string) error {
	err := unix.RenameatxNp(int(dirA.Fd()), a, int(dirB.Fd()), b, unix.RENAME_SWAP)
	if err == unix.EINVAL || err == unix.ENOTSUP {
		return errors.ErrUnsupported
	}
	return err
}
