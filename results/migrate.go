package results

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

//go:embed migrations/*.sql
var migrations embed.FS

// appID is PRAGMA application_id of our files: "VTBR". It tells them from the
// databases of other programs.
const appID = 0x56544252

// steps lists the migrations; step i leads from user_version i to i+1.
func steps() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	return texts, nil
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// inspect looks at a file before anything may write to it, and says whether it is
// up to date.
func inspect(ctx context.Context, path string, read *sql.DB) (fresh bool, err error) {
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return false, nil // migrate makes it
	}
	known, err := steps()
	if err != nil {
		return false, err
	}
	at, err := version(ctx, read)
	if err != nil {
		return false, fmt.Errorf("results %s: %w", path, err)
	}
	return at == len(known), nil
}

// version gives how many migrations were applied, and refuses files that are
// not ours to touch.
func version(ctx context.Context, q querier) (int, error) {
	var app, tables, user int
	err := q.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_schema), (SELECT user_version FROM pragma_user_version)`).
		Scan(&app, &tables, &user)
	if err != nil {
		return 0, err
	}
	known, err := steps()
	switch {
	case err != nil:
		return 0, err
	case app != appID && tables > 0:
		return 0, fault("give another path", "the file is the database of another program")
	case user > len(known):
		return 0, fault("use the newer program, or give another path",
			"the file was written by a newer version of this program (schema %d; this one knows %d)", user, len(known))
	}
	return user, nil
}

// migrate brings the file up to date, one transaction for each step.
func migrate(ctx context.Context, write *sql.DB) error {
	known, err := steps()
	if err != nil {
		return err
	}
	for range known {
		done, err := migrateOnce(ctx, write, known)
		if err != nil || done {
			return err
		}
	}
	return nil
}

// migrateOnce asks for the version inside the transaction, because another
// process may be doing the same.
func migrateOnce(ctx context.Context, write *sql.DB, known []string) (done bool, err error) {
	tx, err := write.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback() // does nothing after Commit
	at, err := version(ctx, tx)
	if err != nil || at == len(known) {
		return true, err
	}
	if at > 0 {
		if err := idle(ctx, tx, at); err != nil {
			return false, err
		}
	}
	text := fmt.Sprintf("%s;\nPRAGMA application_id = %d; PRAGMA user_version = %d", known[at], appID, at+1)
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return false, fmt.Errorf("migration to schema %d: %w", at+1, err)
	}
	return false, tx.Commit()
}
