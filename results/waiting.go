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
	stop <-chan struct{} // ends waiting
	upTo time.Duration   // 0 where nobody waits long
	tell func(text string)
	last time.Time // until which changes wait once that is closed; zero before
}

// attempt is how long SQLite waits at a time where changes wait long: it cannot be interrupted then.
const attempt = 100 * time.Millisecond

// WaitLong lets changes wait up to a time for another program that has the file locked: what
// computes for hours is not to fail for a backup or a forgotten prompt. Each such wait is
// told once. Once ctx ends, all that is still to be stored has as much time together as
// a single change has elsewhere. It is set before the file is used.
func (db *DB) WaitLong(ctx context.Context, upTo time.Duration, tell func(text string)) {
	db.long = waiting{stop: ctx.Done(), upTo: upTo, tell: tell}
	if db.write != nil { // should it fail, waiting takes a little longer to end
		_, _ = db.write.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", min(attempt, db.wait).Milliseconds()))
	}
}

// begin begins a change, of the file that lies at the path.
func (db *DB) begin(ctx context.Context) (*sql.Tx, error) {
	if err := db.inPlace(); err != nil {
		return nil, err
	}
	began, told := time.Now(), ""
	for {
		tx, err := db.write.BeginTx(ctx, nil)
		var coded sqlite3.Error
		if !errors.As(err, &coded) || coded.Code != sqlite3.ErrBusy {
			return tx, err
		}
		text, goesOn := db.waits(time.Since(began))
		if !goesOn {
			return tx, err
		}
		if text != "" && text != told {
			told = text
			db.long.tell(text)
		}
	}
}

// waits says whether a change that has waited for some time goes on, and what there is to tell of it.
func (db *DB) waits(waited time.Duration) (text string, goesOn bool) {
	if db.long.upTo == 0 {
		return "", false
	}
	select {
	case <-db.long.stop:
		return db.waitsLast()
	default:
		if waited >= db.wait {
			text = fmt.Sprintf("%s is locked by another program: waiting up to %s for it (lsof %s names who has it open)", db.path, db.long.upTo, db.path)
		}
		return text, waited < max(db.wait, db.long.upTo)
	}
}

// waitsLast is waits for what is to be stored although somebody has ended the waiting.
func (db *DB) waitsLast() (text string, goesOn bool) {
	db.ending.Lock()
	defer db.ending.Unlock()
	if db.long.last.IsZero() {
		db.long.last = time.Now().Add(db.wait)
		text = fmt.Sprintf("%s is locked by another program: it has %s to let go, or what was finished since cannot be stored", db.path, db.wait)
	}
	return text, time.Now().Before(db.long.last)
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
