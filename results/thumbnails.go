package results

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// Thumbnails gives the pictures of cases that any of the runs stored, by case.
// Runs are named by their whole ids. Cases without a picture are missing.
func (db *DB) Thumbnails(ctx context.Context, runs, cases []string) (map[string][]byte, error) {
	wanted, err := json.Marshal([2][]string{runs, cases})
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `WITH of(number) AS MATERIALIZED (SELECT number FROM runs WHERE id IN (SELECT value FROM json_each(?1, '$[0]'))),
			shown(id, image) AS (SELECT c.value, (SELECT t.image FROM of CROSS JOIN thumbnails t ON t.run = of.number AND t.case_id = c.value LIMIT 1)
				FROM (SELECT DISTINCT value FROM json_each(?1, '$[1]')) c)
			SELECT shown.id, i.png FROM shown JOIN images i ON i.id = shown.image`, string(wanted))
		if err != nil {
			return err
		}
		_, err = collect(rows, func() (struct{}, error) {
			var id string
			var png []byte
			err := rows.Scan(&id, &png)
			found[id] = png
			return struct{}{}, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("thumbnails: %w", err)
	}
	return found, nil
}
