package results

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// lives holds a lock for each run and sweep that this process writes, on a byte of a file
// beside the database. A lock ends with its process, however that ends, and is seen by
// other containers on the same machine, which see no processes of each other.
type lives struct {
	path string

	lock sync.Mutex
	file *os.File
}

// livesOf names the file of locks of a database.
func livesOf(database string) string { return database + "-lives" }

// lifeMark at the end of a stored process says that it holds its lock. Those of older
// programs do not, nor where a drive has no locks.
const lifeMark = " holds"

// errHeld says that another process holds the lock.
var errHeld = errors.New("another process writes it")

func runLife(number int64) int64   { return 2 * number }
func sweepLife(number int64) int64 { return 2*number + 1 }

// hold takes a lock until it is let go of, and gives what is stored of the process:
// with the mark where it has the lock, without where the drive knows none.
func (l *lives) hold(key int64, o owner) (token string, err error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.file == nil {
		if l.file, err = os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
			return o.token, nil
		}
	}
	switch err := lockByte(l.file, key); {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EACCES):
		return "", errHeld
	case err != nil:
		return o.token, nil
	}
	return o.token + lifeMark, nil
}

// release lets go of a lock; of one that this process does not have nothing comes.
func (l *lives) release(key int64) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.file != nil {
		_ = unlockByte(l.file, key) // it goes with the file
	}
}

func (l *lives) close() error {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.file == nil {
		return nil
	}
	file := l.file
	l.file = nil
	return file.Close()
}

// held says whether any process holds a lock, this one included; also where that cannot be
// seen.
func held(path string, key int64) bool {
	file, err := os.Open(path)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	defer file.Close()
	return byteIsLocked(file, key)
}

// life is what is stored of the process that writes a run or a sweep.
type life struct {
	owner
	key    int64
	silent time.Duration // since it last stored anything
	limit  time.Duration // of silence, where the process cannot be seen
}

// How long a process of another machine may store nothing before it counts as gone: one
// that trains stores each epoch, one that runs a sweep several times a second.
const (
	runSilence   = 24 * time.Hour
	sweepSilence = time.Hour
)

// gone says whether the process has ended: certainly of this machine and its containers; of
// another machine by its silence.
func (l life) gone(here owner) bool {
	if l.host == here.host {
		return l.owner.gone(here)
	}
	if strings.HasSuffix(l.token, lifeMark) && boot(l.token) == boot(here.token) {
		return !held(here.lives, l.key)
	}
	return l.silent > l.limit
}

// boot is what a token tells of the start of the machine.
func boot(token string) string {
	at, _, _ := strings.Cut(token, "/")
	return at
}

// selfIn describes this process as it looks at a database.
func selfIn(ctx context.Context, tx *sql.Tx) (owner, error) {
	here, err := self()
	if err != nil {
		return here, err
	}
	var path string
	err = tx.QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path)
	here.lives = livesOf(path)
	return here, err
}
