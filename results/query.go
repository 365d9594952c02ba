package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// OpenExisting opens results that are there already.
func OpenExisting(ctx context.Context, path string) (*DB, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fault("give the path of one with --db; runner run makes it", "results %s: there is no such file", path)
	}
	return Open(ctx, path)
}

// Query runs one SQL statement that reads, and calls row for each row, with the
// names of the columns. A value is nil, an int64, a float64, a string or a []byte.
// The values are the same slice each time. A statement without rows calls row
// once, with nil values. What would change anything, also another file, is refused
// before it runs.
func (db *DB) Query(ctx context.Context, query string, row func(columns []string, values []any) error) error {
	if err := oneStatement(query); err != nil {
		return err
	}
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return explain(db.path, err)
	}
	defer conn.Close()
	if err := onlyReads(conn, query); err != nil {
		return sayQuery(db.path, err)
	}
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return sayQuery(db.path, err)
	}
	defer rows.Close()
	return sayQuery(db.path, eachRow(rows, row))
}

func eachRow(rows *sql.Rows, row func([]string, []any) error) error {
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	n := 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := row(columns, values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil || n > 0 {
		return err
	}
	return row(columns, nil)
}

// onlyReads asks SQLite. The connection could change no table anyway; but VACUUM
// INTO writes another file, ATTACH opens one, and PRAGMA changes the connection.
func onlyReads(conn *sql.Conn, query string) error {
	return conn.Raw(func(driver any) error {
		raw, ok := driver.(*sqlite3.SQLiteConn)
		if !ok {
			return fmt.Errorf("no connection of SQLite but %T", driver)
		}
		raw.RegisterAuthorizer(func(action int, one, two, _ string) int {
			switch action {
			case sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, recursive:
				return sqlite3.SQLITE_OK
			case sqlite3.SQLITE_PRAGMA: // of the schema, as statements and as tables
				if two != "" && !strings.HasPrefix(one, "table_") && !strings.HasPrefix(one, "index_") && !strings.HasPrefix(one, "foreign_") {
					return sqlite3.SQLITE_DENY
				}
				return sqlite3.SQLITE_OK
			}
			return sqlite3.SQLITE_DENY
		})
		defer raw.RegisterAuthorizer(nil)
		return checkStatement(raw, query)
	})
}

// recursive is SQLITE_RECURSIVE, a WITH RECURSIVE; the driver has no name for it.
const recursive = 33

// oneStatement looks for a semicolon outside texts, names and comments that
// something follows: the driver would run what comes behind it unseen.
func oneStatement(query string) error {
	rest := strings.TrimSpace(skip.ReplaceAllStringFunc(query, func(piece string) string {
		if strings.HasPrefix(piece, "--") || strings.HasPrefix(piece, "/*") {
			return " "
		}
		return "x"
	}))
	rest = strings.TrimSpace(strings.TrimRight(rest, "; \t\r\n"))
	switch {
	case rest == "":
		return fault(`write one, such as runner query "SELECT id, status FROM runs"`, "the query is empty")
	case strings.Contains(rest, ";"):
		return fault("call runner query once for each", "the query holds more than one statement")
	}
	return nil
}

// skip matches texts, quoted names and comments of SQL.
var skip = regexp.MustCompile("(?s)'[^']*'|\"[^\"]*\"|`[^`]*`|\\[[^\\]]*\\]|--[^\n]*|/\\*.*?(\\*/|$)")

func checkStatement(raw *sqlite3.SQLiteConn, query string) error {
	statement, err := raw.Prepare(query)
	if err != nil {
		return err
	}
	defer statement.Close()
	if n := statement.NumInput(); n > 0 {
		return fault("write the value itself", "the query has %d placeholders", n)
	}
	if s, ok := statement.(*sqlite3.SQLiteStmt); ok && !s.Readonly() {
		return sqlite3.Error{Code: sqlite3.ErrAuth}
	}
	return nil
}

// sayQuery says in words what a query did wrong.
func sayQuery(path string, err error) error {
	var coded sqlite3.Error
	if !errors.As(err, &coded) {
		return err
	}
	switch coded.Code {
	case sqlite3.ErrAuth, sqlite3.ErrReadonly:
		return fault("use SELECT; runner runs tag, note, archive and delete change runs", "a query can only read: this one would change something")
	case sqlite3.ErrError:
		return fault("docs/database.md lists tables and columns; runner query \"SELECT sql FROM sqlite_schema\" shows them", "the query is wrong: %w", err)
	}
	return explain(path, err)
}
