package results

import (
	"context"
	"database/sql"
	"fmt"
)

// State is a text that changes when a list of runs would look different: when
// anything was recorded, or a person changed labels. With the id of a run, it is
// of that run alone.
func (db *DB) State(ctx context.Context, id string) (state string, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT printf('%d %s %d %d %d %d', count(*), coalesce(max(seen), ''), count(ended), count(archived),
			coalesce(sum(length(note)), 0), (SELECT count(*) + coalesce(max(id), 0) FROM tags WHERE ?1 = '' OR run = (SELECT number FROM runs WHERE id = ?1)))
			FROM runs WHERE ?1 = '' OR id = ?1`, id).Scan(&state)
	})
	if err != nil {
		return "", fmt.Errorf("state of runs: %w", err)
	}
	return state, nil
}
