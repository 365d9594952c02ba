package results

import (
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Locks of open files, which unlike those of processes are not lost when the process
// closes the file a second time (fcntl(2), open file description locks).

func lockByte(file *os.File, at int64) error { return setByte(file, at, syscall.F_WRLCK) }

func unlockByte(file *os.File, at int64) error { return setByte(file, at, syscall.F_UNLCK) }

func setByte(file *os.File, at int64, kind int16) error {
	return syscall.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &syscall.Flock_t{Type: kind, Whence: io.SeekStart, Start: at, Len: 1})
}

func byteIsLocked(file *os.File, at int64) bool {
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: at, Len: 1}
	err := syscall.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &lock)
	return err != nil || lock.Type != syscall.F_UNLCK
}
