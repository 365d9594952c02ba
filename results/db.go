// Package results keeps what runs leave behind in one SQLite file, results.db,
// and gives it back. It is the only package with SQL; a run stays readable
// without the code that made it.
package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"
)

// patience is how long a connection waits for another writer. A transaction
// here takes milliseconds, so a longer wait means that somebody holds the lock.
const patience = 10 * time.Second

// DB is an open results.db. It may be used from any goroutine, and several
// processes may have the same file open: readers never wait for a writer, and
// writers wait for each other.
type DB struct {
	path  string
	write *sql.DB // one connection: the pool queues the writers; nil for a file that can only be read
	read  *sql.DB // connections that cannot write
	lives lives
	file  os.FileInfo // what lay at path when it was opened
	wait  time.Duration
	long  waiting
	// ending guards the end of long waits.
	ending sync.Mutex
}

// Open opens the results at path, and makes or brings up to date the file where
// that is needed. A file of a newer program, of another program, or no database
// at all is refused and left as it is. The folder must exist. A file that can only be
// read can be read, and refuses each change.
func Open(ctx context.Context, path string) (*DB, error) {
	return open(ctx, path, patience)
}

func open(ctx context.Context, path string, wait time.Duration) (*DB, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("results %s: %w", path, err)
	}
	if err := checkPlace(full); err != nil {
		return nil, err
	}
	db := &DB{path: full, wait: wait, lives: lives{path: livesOf(full)}}
	connect := db.connect
	if onlyReadable(full) {
		connect = db.connectToRead
	} else if err := checkDrive(full, networkDrive(full)); err != nil {
		return nil, err
	}
	if err := connect(ctx, wait); err != nil {
		return nil, errors.Join(explain(full, err), db.Close())
	}
	if db.file, err = os.Stat(full); err != nil {
		return nil, errors.Join(fmt.Errorf("results: %w", err), db.Close())
	}
	return db, nil
}

func (db *DB) connect(ctx context.Context, wait time.Duration) (err error) {
	if db.read, err = sql.Open("sqlite3", readerDSN(db.path, wait)); err != nil {
		return err
	}
	fresh, err := inspect(ctx, db.path, db.read)
	if err != nil {
		return err
	}
	if db.write, err = sql.Open("sqlite3", writerDSN(db.path, wait)); err != nil {
		return err
	}
	db.write.SetMaxOpenConns(1)
	if fresh { // migrate would take the lock, and a run that writes might wait
		return nil
	}
	if err := enterWAL(ctx, db.write, wait); err != nil {
		return err
	}
	return migrate(ctx, db.write)
}

// enterWAL makes the writer's connection. SQLite does not wait for others while it turns
// a new file to WAL: of two processes that make one, each may hold the lock that the
// other wants. So one of them is told at once that the file is busy, and asks again.
func enterWAL(ctx context.Context, write *sql.DB, wait time.Duration) error {
	for end := time.Now().Add(wait); ; time.Sleep(time.Millisecond) {
		err := write.PingContext(ctx)
		var coded sqlite3.Error
		if !errors.As(err, &coded) || coded.Code != sqlite3.ErrBusy || time.Now().After(end) {
			return err
		}
	}
}

// Path is the full path of the file.
func (db *DB) Path() string { return db.path }

// Close closes the file. Runs that are still open can record no more.
func (db *DB) Close() error {
	var problems []error
	for _, pool := range []*sql.DB{db.read, db.write} {
		if pool != nil { // the writer goes last: it tidies the log away
			problems = append(problems, pool.Close())
		}
	}
	return errors.Join(append(problems, db.lives.close())...)
}

// writerDSN puts the pragmas into the connection string, so that every
// connection has them.
//
// synchronous=FULL: with WAL, NORMAL would already survive kill -9, because
// what is committed is in the page cache of the system. But after a power cut
// the database could then be older than the checkpoint file of the same epoch,
// and a continued run would have a hole in its curves. FULL costs one fsync for
// each call of Record.
func writerDSN(path string, wait time.Duration) string {
	return dsn(path, wait, url.Values{
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"on"},
		"_txlock":       {"immediate"}, // wait for the lock at BEGIN, never in the middle
	})
}

func readerDSN(path string, wait time.Duration) string {
	return dsn(path, wait, url.Values{"mode": {"ro"}, "_query_only": {"on"}})
}

func dsn(path string, wait time.Duration, pragmas url.Values) string {
	pragmas.Set("_busy_timeout", strconv.FormatInt(wait.Milliseconds(), 10))
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") { // C:/results.db
		slashed = "/" + slashed
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: pragmas.Encode()}).String()
}

// checkPlace finds what SQLite would only call "unable to open database file".
func checkPlace(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fault("give the path of a file, such as "+filepath.Join(path, "results.db"),
			"results %s: is a folder", path)
	}
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fault("make it first: mkdir -p "+folder, "results %s: there is no folder %s", path, folder)
	}
	return nil
}

// snapshot runs the queries of f on one snapshot of the file.
func (db *DB) snapshot(ctx context.Context, f func(*sql.Tx) error) error {
	if err := db.inPlace(); err != nil {
		return err
	}
	tx, err := db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(db.path, err)
	}
	defer tx.Rollback() // nothing to keep: it only read
	return explain(db.path, f(tx))
}

// change runs f as one transaction: all of it or nothing.
//
// A cancelled ctx does not stop it. It takes milliseconds, and what is to be
// recorded when somebody presses Ctrl-C is what they want to keep.
func (db *DB) change(ctx context.Context, f func(context.Context, *sql.Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	if db.write == nil {
		return fault("copy the file, and give the copy with --db", "results %s: the file can only be read", db.path)
	}
	tx, err := db.begin(ctx)
	if err != nil {
		return explain(db.path, err)
	}
	defer tx.Rollback() // does nothing after Commit
	if err := f(ctx, tx); err != nil {
		return explain(db.path, err)
	}
	return explain(db.path, tx.Commit())
}
