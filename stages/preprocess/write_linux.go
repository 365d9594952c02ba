package preprocess

import (
	"os"

	"golang.org/x/sys/unix"
)

// writeAtOnce writes parts by one call of the system, as far as that gets: several
// make large pages in its cache, each of which costs as much as a small one.
func writeAtOnce(f *os.File, parts [][]byte, at int64) (written int, err error) {
	if len(parts) < 2 {
		return 0, nil
	}
	written, err = unix.Pwritev(int(f.Fd()), parts, at)
	if err == unix.EINTR || written < 0 {
		written = 0
	}
	if err == unix.EINTR {
		err = nil
	}
	return written, err
}

// startWriteback has the disk begin with what was written before a place in a file. It
// waits for nothing; a file system that cannot do it does all when it is synced.
func startWriteback(f *os.File, before int64) {
	_ = unix.SyncFileRange(int(f.Fd()), 0, before, unix.SYNC_FILE_RANGE_WRITE)
}
