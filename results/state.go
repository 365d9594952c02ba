package results

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
)

// State is a text that changes when a list of runs would look different: when
// anything was recorded, or a person changed labels. With the id of a run, it is
// of that run alone.
func (db *DB) State(ctx context.Context, id string) (state string, err error) {
	var recorded, labels, tags string
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT printf('%d %s %d', count(*), coalesce(max(seen), ''), count(ended)),
			coalesce(group_concat(number || ' ' || coalesce(archived, '') || ' ' || note, char(10)), ''),
			coalesce((SELECT group_concat(run || ' ' || tag, char(10)) FROM tags WHERE ?1 = '' OR run = (SELECT number FROM runs WHERE id = ?1)), '')
			FROM runs WHERE ?1 = '' OR id = ?1`, id).Scan(&recorded, &labels, &tags)
	})
	if err != nil {
		return "", fmt.Errorf("state of runs: %w", err)
	}
	sum := sha256.Sum256([]byte(labels + "\n\n" + tags))
	return recorded + " " + hex.EncodeToString(sum[:8]), nil
}
