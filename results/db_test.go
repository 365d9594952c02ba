package results

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vertebra/stages/stage"
)

func TestOpenKeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "odd name?#%41.db") // letters that mean something in a URL
	for want := range 3 {
		db, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		runs, err := db.Runs(t.Context(), Filter{})
		if err != nil || len(runs) != want {
			t.Errorf("got %d runs, %v; want %d", len(runs), err, want)
		}
		beginTest(t, db, "x")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPragmasOnEveryConnection(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	for _, c := range []struct {
		pool         *sql.DB
		pragma, want string
	}{
		{db.write, "journal_mode", "wal"}, {db.write, "synchronous", "2"}, {db.write, "foreign_keys", "1"},
		{db.write, "busy_timeout", "10000"}, {db.read, "busy_timeout", "10000"}, {db.read, "query_only", "1"},
	} {
		var got string
		if err := c.pool.QueryRow("PRAGMA " + c.pragma).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.pragma, got, err, c.want)
		}
	}
	if _, err := db.read.Exec("DELETE FROM runs"); err == nil {
		t.Error("a reader may write")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	at := func(folder, name string) string { return filepath.Join(folder, name) }
	cases := []struct {
		name, want string
		make       func(t *testing.T, folder string) (path string)
	}{
		{"text file", "is not a database", func(t *testing.T, f string) string {
			return write(t, at(f, "r.db"), strings.Repeat("study_id,condition\n", 200))
		}},
		{"short text file", "is not a database", func(t *testing.T, f string) string {
			return write(t, at(f, "r.db"), "hello")
		}},
		{"folder", "is a folder", func(_ *testing.T, f string) string { return f }},
		{"no folder", "there is no folder", func(_ *testing.T, f string) string { return at(f, "no/r.db") }},
		{"newer", "newer version of this program (schema 99", func(t *testing.T, f string) string {
			return edit(t, at(f, "r.db"), "PRAGMA application_id = 1448362578; PRAGMA user_version = 99; CREATE TABLE t (x)")
		}},
		{"another program's", "database of another program", func(t *testing.T, f string) string {
			return edit(t, at(f, "r.db"), "CREATE TABLE trials (x)")
		}},
		{"unwritable place", "cannot be opened", func(t *testing.T, _ string) string {
			if _, err := os.Stat("/proc/self"); err != nil {
				t.Skip("no /proc here")
			}
			return "/proc/results.db" // not even root can make a file here
		}},
		{"unwritable folder", "", func(t *testing.T, f string) string {
			if os.Geteuid() == 0 {
				t.Skip("root may write everywhere")
			}
			if err := os.Chmod(f, 0o500); err != nil {
				t.Fatal(err)
			}
			return at(f, "r.db")
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := c.make(t, t.TempDir())
			before, _ := os.ReadFile(path)
			db, err := Open(t.Context(), path)
			if err == nil {
				t.Fatalf("opened %s", db.Path())
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %q, want %q and the path", err, c.want)
			}
			var f stage.Fault
			if !errors.As(err, &f) || f.Hint == "" {
				t.Errorf("%q has no hint", err)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the refused file was changed")
			}
		})
	}
}

// lockedFile is an empty database that somebody else has locked until release, or the end
// of the test.
func lockedFile(t *testing.T) (path string, release func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "results.db")
	other, err := sql.Open("sqlite3", "file:"+path+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	release = func() { _ = tx.Rollback() }
	t.Cleanup(release)
	return path, release
}

func TestOpenSaysThatTheFileIsLocked(t *testing.T) {
	t.Parallel()
	path, _ := lockedFile(t)
	_, err := open(t.Context(), path, 10*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "is locked by another program") {
		t.Errorf("got %v", err)
	}
}

// Where SQLite itself does not wait, as when two processes turn a new file to WAL, Open
// does: here it is told not to.
func TestOpenWaitsWhereSQLiteDoesNot(t *testing.T) {
	t.Parallel()
	path, release := lockedFile(t)
	ours, err := sql.Open("sqlite3", writerDSN(path, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	if err := ours.Ping(); err == nil {
		t.Fatal("SQLite waited")
	}
	time.AfterFunc(20*time.Millisecond, release)
	if err := enterWAL(t.Context(), ours, patience); err != nil {
		t.Error(err)
	}
}

func TestMigrateFromNothingAndFromTheFirst(t *testing.T) {
	t.Parallel()
	path := write(t, filepath.Join(t.TempDir(), "results.db"), "") // an empty file is an empty database
	known, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got, err := version(t.Context(), db.write); err != nil || got != len(known) || got == 0 {
		t.Errorf("got version %d, %v; want %d", got, err, len(known))
	}
	if done, err := migrateOnce(t.Context(), db.write, known); !done || err != nil {
		t.Errorf("a second migration did something: %v, %v", done, err)
	}
	// A step that fails half way leaves nothing behind.
	broken := append(known, "CREATE TABLE half (x); CREATE TABLE half (x)")
	if _, err := migrateOnce(t.Context(), db.write, broken); err == nil {
		t.Error("a broken migration was applied")
	}
	var halves int
	if err := db.write.QueryRow(`SELECT count(*) FROM sqlite_schema WHERE name = 'half'`).Scan(&halves); err != nil || halves != 0 {
		t.Errorf("half of a broken migration stayed: %d, %v", halves, err)
	}
}

func TestOpenAtTheSameTime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.db")
	problems := make(chan error)
	for range 8 {
		go func() {
			db, err := Open(context.WithoutCancel(t.Context()), path)
			if err == nil {
				_, err = db.Begin(context.WithoutCancel(t.Context()), RunInfo{Name: "same", Now: clock()})
				err = errors.Join(err, db.Close())
			}
			problems <- err
		}()
	}
	for range 8 {
		if err := <-problems; err != nil {
			t.Error(err)
		}
	}
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func edit(t *testing.T, path, query string) string {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNetworkDrivesAreRefused(t *testing.T) {
	t.Parallel()
	err := checkDrive("/home/x/results.db", "NFS")
	var f stage.Fault
	if !errors.As(err, &f) || !strings.Contains(err.Error(), "/home/x/results.db: is on a network drive (NFS)") || f.Hint == "" {
		t.Errorf("got %v", err)
	}
	if err := checkDrive("/home/x/results.db", ""); err != nil {
		t.Error(err)
	}
	for _, local := range []string{"/proc/x", "/no/such/folder/x"} {
		if kind := networkDrive(local); kind != "" {
			t.Errorf("%s is on %q", local, kind)
		}
	}
}
