package results

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// idle refuses to change the tables below a process that writes to them: of an older version, it
// would fail with its next record. It asks for columns that every schema has, inside the
// transaction of the change.
func idle(ctx context.Context, tx *sql.Tx, at int) error {
	here, err := selfIn(ctx, tx)
	if err != nil {
		return err
	}
	asked := []writers{{`SELECT number, id, host, pid, process, unixepoch('now') - unixepoch(seen) FROM runs WHERE status = 'running'`, "run", runLife, runSilence}}
	if at >= schemaOfSweeps {
		asked = append(asked, writers{`SELECT number, id, host, pid, process, unixepoch('now') - unixepoch(seen) FROM sweeps WHERE status = 'running'`, "sweep", sweepLife, sweepSilence})
	}
	for _, of := range asked {
		id, err := of.alive(ctx, tx, here)
		if err != nil {
			return err
		}
		if id != "" {
			return fault("wait until it ends or stop it, or use its version of the program meanwhile; runner backup of that version makes a copy, which can be opened with --db",
				"%s %s of an older version of this program is writing to the file, which is to be brought up to date", of.what, id)
		}
	}
	return nil
}

// schemaOfSweeps is the first with sweeps.
const schemaOfSweeps = 5

// writers are the runs, or the sweeps, that are said to be under way.
type writers struct {
	query, what string
	key         func(number int64) int64
	silence     time.Duration
}

// alive names one whose process may still write; "" where none does.
func (w writers) alive(ctx context.Context, tx *sql.Tx, here owner) (id string, err error) {
	rows, err := tx.QueryContext(ctx, w.query)
	if err != nil {
		return "", fmt.Errorf("%ss under way: %w", w.what, err)
	}
	ids, err := collect(rows, func() (id string, err error) {
		var number, silent int64
		var o owner
		if err := rows.Scan(&number, &id, &o.host, &o.pid, &o.token, &silent); err != nil {
			return "", err
		}
		if (life{o, w.key(number), time.Duration(silent) * time.Second, w.silence}).gone(here) {
			return "", nil
		}
		return id, nil
	})
	for _, one := range ids {
		if one != "" {
			return one, err
		}
	}
	return "", err
}
