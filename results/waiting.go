package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/mattn/go-sqlite3"

	"vertebra/stages/stage"
)

// waiting is how long changes wait for another program beyond its patience, and who is
// told of it.
type waiting struct {
	upTo time.Duration
	tell func(text string)
}

// WaitLong lets changes wait up to a time for another program that has the file locked: what
// computes for hours is not to fail for a backup or a forgotten prompt. Each such wait is
// told once. It is set before the file is used.
func (db *DB) WaitLong(upTo time.Duration, tell func(text string)) {
	db.long = waiting{upTo, tell}
}

// begin begins a change, of the file that lies at the path.
func (db *DB) begin(ctx context.Context) (*sql.Tx, error) {
	if err := db.inPlace(); err != nil {
		return nil, err
	}
	end, told := time.Now().Add(db.long.upTo), false
	for {
		tx, err := db.write.BeginTx(ctx, nil)
		var coded sqlite3.Error
		if !errors.As(err, &coded) || coded.Code != sqlite3.ErrBusy || !time.Now().Before(end) {
			return tx, err
		}
		if !told {
			told = true
			db.long.tell(fmt.Sprintf("%s is locked by another program: waiting up to %s for it (lsof %s names who has it open)", db.path, db.long.upTo, db.path))
		}
	}
}

// inPlace refuses a file that somebody moved, replaced or deleted since it was opened: SQLite
// would go on writing into what nobody finds again. Of one that can only be read nothing is lost.
func (db *DB) inPlace() error {
	if db.write == nil {
		return nil
	}
	now, err := os.Stat(db.path)
	what := "was replaced by another one"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		what = "was moved or deleted"
	case err != nil || os.SameFile(now, db.file):
		return nil // a drive that does not answer says nothing of the file
	}
	return stage.Failure{What: stage.Machine, Err: fault("put it back, with its -wal beside it, and go on from there; runner backup copies a file that is in use",
		"results %s: the file %s while it was in use", db.path, what)}
}
