package results

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestNobodysTablesChange: a file into which a run or a sweep of an older program writes is left as
// it is, since that program knows the tables that it made; when its process has ended, the file is
// brought up to date.
func TestNobodysTablesChange(t *testing.T) {
	t.Parallel()
	here, err := self()
	if err != nil {
		t.Fatal(err)
	}
	known, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	now, yesterday := time.Now(), time.Now().Add(-25*time.Hour)
	for name, c := range map[string]struct {
		table, status string
		by            owner
		seen          time.Time
		want          string // what is refused; "" for nothing
	}{
		"a run of this machine":         {"runs", "running", here, yesterday, "run a of an older version"},
		"a run that is done":            {"runs", "done", here, now, ""},
		"a run whose process ended":     {"runs", "running", owner{host: here.host, pid: here.pid, token: "another boot/1"}, now, ""},
		"a run of another machine":      {"runs", "running", owner{host: "there", pid: 1, token: "b/1"}, now, "run a of an older version"},
		"a silent one":                  {"runs", "running", owner{host: "there", pid: 1, token: "b/1"}, yesterday, ""},
		"a sweep of this machine":       {"sweeps", "running", here, yesterday, "sweep a of an older version"},
		"a sweep that is paused":        {"sweeps", "paused", here, now, ""},
		"a silent sweep":                {"sweeps", "running", owner{host: "there", pid: 1, token: "b/1"}, yesterday, ""},
		"a sweep of another machine":    {"sweeps", "running", owner{host: "there", pid: 1, token: "b/1"}, now, "sweep a of an older version"},
		"a sweep without word for long": {"sweeps", "running", owner{host: "there", pid: 1, token: "b/1"}, now.Add(-2 * time.Hour), ""},
	} {
		schema := map[string]int{"runs": 1, "sweeps": schemaOfSweeps}[c.table]
		path := filepath.Join(t.TempDir(), "results.db")
		older(t, path, known[:schema], c.table, c.status, c.by, c.seen)
		db, err := Open(t.Context(), path)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want+" of this program is writing to the file") {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if err == nil {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		want := len(known)
		if c.want != "" {
			want = schema
		}
		if got := schemaOf(t, path); got != want {
			t.Errorf("%s: the file has schema %d, want %d", name, got, want)
		}
	}
}

// older makes a file as an older program would have, with one run or sweep.
func older(t *testing.T, path string, schema []string, table, status string, by owner, seen time.Time) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	columns, values := "id, name, purpose, status, started, seen, experiment, host, pid, process", "'a', 'a', '', ?, ?, ?, '', ?, ?, ?"
	if table == "runs" {
		columns, values = columns+", experiment_file, fingerprint, seed", values+", '', '', '1'"
	} else {
		columns, values = columns+", file, objective, better, wish", values+", '', '', 'lower', 'run'"
	}
	for _, text := range append(slices.Clone(schema), fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", appID, len(schema))) {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("INSERT INTO "+table+" ("+columns+") VALUES ("+values+")", status, stamp(seen), stamp(seen), by.host, by.pid, by.token); err != nil {
		t.Fatal(err)
	}
}

func schemaOf(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("PRAGMA user_version").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
