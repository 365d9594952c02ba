package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// Backup writes a copy of the results to path while runs may go on: one moment of
// the whole file, with what was committed until then, made compact. The copy
// appears whole or not at all; a file that is there is not replaced.
func (db *DB) Backup(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		return fault("give another path, or delete it first", "backup %s: the file is there already", path)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) { // of one that was cut off
		return fmt.Errorf("backup: %w", err)
	}
	if err := checkPlace(part); err != nil {
		return err
	}
	if err := db.vacuumInto(ctx, part); err != nil {
		return errors.Join(err, remove(part))
	}
	return os.Rename(part, path)
}

// vacuumInto uses a connection of its own, which may write; it never locks out
// the writer of the file that is copied.
func (db *DB) vacuumInto(ctx context.Context, path string) (err error) {
	from := writerDSN(db.path, patience)
	if db.write == nil {
		from = archiveDSN(db.path, patience)
	}
	conn, err := sql.Open("sqlite3", from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return fmt.Errorf("backup to %s: %w", path, explain(db.path, err))
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close()) // SQLite does not sync it
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
