package store

import (
	"os"

	"golang.org/x/sys/windows"
)

// syncDirectory does nothing: Windows journals names itself and cannot flush a
// directory.
func syncDirectory(*os.File) error { return nil }

// tryLock takes the exclusive lock of an open file, which ends with the file's
// closing or the process's death. It reports false if another open file has it.
// Windows refuses others to read a locked range, so the range lies beyond the
// owner written in the file.
func tryLock(f *os.File) (bool, error) {
	beyond := &windows.Overlapped{OffsetHigh: 1}
	err := windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, beyond)
	if err == windows.ERROR_LOCK_VIOLATION {
		return false, nil
	}
	return err == nil, err
}
