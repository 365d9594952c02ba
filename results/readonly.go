package results

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// onlyReadable says whether the file is there, and it or its folder cannot be written to:
// an archive, a colleague's results. SQLite also writes when it reads, beside the file.
func onlyReadable(path string) bool {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return false
	}
	return !writable(path) || !writable(filepath.Dir(path))
}

// archiveDSN is of a file that is not to be changed. Where it has no write-ahead log nobody
// has it open, and SQLite is told that it stays as it is: then it wants no files beside
// it. With a log, it reads along with who writes.
func archiveDSN(path string, wait time.Duration) string {
	pragmas := url.Values{"mode": {"ro"}}
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		pragmas.Set("immutable", "1")
	}
	return dsn(path, wait, pragmas)
}

// connectToRead opens such a file.
func (db *DB) connectToRead(ctx context.Context, wait time.Duration) (err error) {
	if db.read, err = sql.Open("sqlite3", archiveDSN(db.path, wait)); err != nil {
		return err
	}
	fresh, err := inspect(ctx, db.path, db.read)
	if err == nil && !fresh {
		err = fault("copy it to a folder of your own, and give the copy with --db",
			"results %s: an older version of this program wrote it, and it can only be read, not brought up to date", db.path)
	}
	return err
}
