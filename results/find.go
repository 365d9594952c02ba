package results

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// Latest is the word that means the run that began last; "latest-1" is the one before. The runs of
// sweeps do not count, as they do not in a list of runs: a night may have brought hundreds.
const Latest = "latest"

// find gives the one run that key means: "latest", "latest-1", an id, a name, or the
// beginning of an id, with or without its date.
func find(ctx context.Context, tx *sql.Tx, key string) (RunSummary, error) {
	if before, ok := IsLatest(key); ok {
		return findLatest(ctx, tx, before)
	}
	// The date and its hyphen are eleven letters.
	found, err := summaries(ctx, tx, `WHERE id = ?1 OR name = ?1 OR substr(id, 1, length(?1)) = ?1 OR substr(id, 12, length(?1)) = ?1
		ORDER BY id = ?1 DESC, CASE ?1 WHEN name THEN 2 WHEN substr(id, 12) THEN 1 ELSE 0 END DESC, `+ofTrial+`, number DESC`, key)
	switch {
	case err != nil:
		return RunSummary{}, err
	case key == "" || len(found) == 0:
		return RunSummary{}, noSuchRun(ctx, tx, key)
	case found[0].ID != key && found[0].Trial.Sweep != "" && len(found) > 1 && found[1].calls(key):
		return RunSummary{}, anyTrial(key, found)
	case len(found) == 1 || found[0].calls(key):
		return found[0], nil
	}
	return RunSummary{}, fault("write more of it: "+ids(found), "%q may be any of %d runs", key, len(found))
}

// calls says whether key is all of an id, with or without its date, or the name. Of several
// such runs the id wins over names, and the latest over others: who changes a file and runs it
// again means what came of the change.
func (s RunSummary) calls(key string) bool {
	return s.ID == key || s.Name == key || undated(s.ID) == key
}

// anyTrial refuses a name that trials of sweeps have alone: the latest of them is none that
// somebody chose, and who calls it so most likely means the best.
func anyTrial(key string, found []RunSummary) error {
	var called []RunSummary
	for _, r := range found {
		if r.calls(key) {
			called = append(called, r)
		}
	}
	sweep := found[0].Trial.Sweep
	return fault(fmt.Sprintf("runner sweep status %s says which is best; name that by its id: %s", sweep, ids(called)), "%q may be any of %d trials, such as those of sweep %s", key, len(called), sweep)
}

// IsLatest says whether a word means a run by its place from the end, and how many runs
// came after it.
func IsLatest(key string) (after int, ok bool) {
	if key == Latest {
		return 0, true
	}
	digits, ok := strings.CutPrefix(key, Latest+"-")
	after, err := strconv.Atoi(digits)
	return after, ok && err == nil && after >= 0 && digits == strconv.Itoa(after)
}

func findLatest(ctx context.Context, tx *sql.Tx, after int) (RunSummary, error) {
	found, err := ownRuns(ctx, tx, after+1)
	if err != nil {
		return RunSummary{}, err
	}
	if len(found) > after {
		return found[after], nil
	}
	of, err := trialsLatest(ctx, tx)
	switch {
	case err != nil:
		return RunSummary{}, err
	case len(found) == 0 && of == nil:
		return RunSummary{}, fmt.Errorf("there are no runs yet")
	case len(found) == 0:
		return RunSummary{}, fault("name one by its id: "+ids(of)+"; runner best writes the best trial of a sweep as an experiment", "no run %s: there are no runs but those of sweeps, which it does not count", Latest)
	case of != nil:
		return RunSummary{}, fmt.Errorf("no run %s-%d: there are %d runs besides those of sweeps", Latest, after, len(found))
	}
	return RunSummary{}, fmt.Errorf("no run %s-%d: there are %d runs", Latest, after, len(found))
}

// ownRuns are the latest runs that no sweep made.
func ownRuns(ctx context.Context, tx *sql.Tx, most int) ([]RunSummary, error) {
	return summaries(ctx, tx, `WHERE NOT `+ofTrial+` ORDER BY number DESC LIMIT ?`, most)
}

// trialsLatest are some of the latest runs of sweeps.
func trialsLatest(ctx context.Context, tx *sql.Tx) ([]RunSummary, error) {
	return summaries(ctx, tx, `WHERE `+ofTrial+` ORDER BY number DESC LIMIT 3`)
}

func noSuchRun(ctx context.Context, tx *sql.Tx, key string) error {
	latest, err := ownRuns(ctx, tx, 5)
	if err == nil && len(latest) == 0 {
		latest, err = trialsLatest(ctx, tx)
	}
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
