package results

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Latest is the word that means the run that began last.
const Latest = "latest"

// find gives the one run that key means: "latest", an id, or the beginning of
// an id, with or without its date.
func find(ctx context.Context, tx *sql.Tx, key string) (RunSummary, error) {
	if key == Latest {
		return findLatest(ctx, tx)
	}
	// An exact id wins over ids that it begins: x and x-2. The date and its
	// hyphen are eleven letters.
	found, err := summaries(ctx, tx, `WHERE id = ?1 OR substr(id, 1, length(?1)) = ?1 OR substr(id, 12, length(?1)) = ?1
		ORDER BY id = ?1 DESC, substr(id, 12) = ?1 DESC, number DESC`, key)
	switch {
	case err != nil:
		return RunSummary{}, err
	case key == "" || len(found) == 0:
		return RunSummary{}, noSuchRun(ctx, tx, key)
	case len(found) == 1 || found[0].ID == key || undated(found[0].ID) == key && undated(found[1].ID) != key:
		return found[0], nil
	}
	return RunSummary{}, fault("write more of it: "+ids(found), "%q may be any of %d runs", key, len(found))
}

func findLatest(ctx context.Context, tx *sql.Tx) (RunSummary, error) {
	found, err := summaries(ctx, tx, `ORDER BY number DESC LIMIT 1`)
	if err != nil {
		return RunSummary{}, err
	}
	if len(found) == 0 {
		return RunSummary{}, fmt.Errorf("there are no runs yet")
	}
	return found[0], nil
}

func noSuchRun(ctx context.Context, tx *sql.Tx, key string) error {
	latest, err := summaries(ctx, tx, `ORDER BY number DESC LIMIT 5`)
	if err != nil {
		return err
	}
	if len(latest) == 0 {
		return fmt.Errorf("no run %q: there are no runs yet", key)
	}
	return fault("the latest are "+ids(latest), "no run %q", key)
}

// undated is an id without its date.
func undated(id string) string { return id[min(len(id), len("2026-11-24-")):] }

// ids names at most five runs.
func ids(runs []RunSummary) string {
	var names []string
	for i, r := range runs {
		if i == 5 {
			names = append(names, "…")
			break
		}
		names = append(names, r.ID)
	}
	return strings.Join(names, ", ")
}
