package results

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/stages/stage"
)

func TestLabels(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run := beginTest(t, db, "x")
	must := func(_ string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(db.Tag(t.Context(), "x", []string{"paper", "baseline", "paper"}, nil))
	must(db.Tag(t.Context(), run.ID(), nil, []string{"paper", "never"}))
	must(db.Note(t.Context(), Latest, "<b>odd</b> 'note'"))
	at := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	must(db.Archive(t.Context(), "x", at))
	rec := load(t, db, "x")
	if !reflect.DeepEqual(rec.Tags, []string{"baseline"}) || rec.Note != "<b>odd</b> 'note'" || !rec.Archived.Equal(at) {
		t.Errorf("got %+v", rec.RunSummary)
	}
	for hide, want := range map[bool]int{true: 0, false: 1} {
		if runs, err := db.Runs(t.Context(), Filter{HideArchived: hide}); err != nil || len(runs) != want {
			t.Errorf("hidden %v: got %d runs, %v", hide, len(runs), err)
		}
	}
	must(db.Archive(t.Context(), "x", time.Time{}))
	if rec := load(t, db, "x"); !rec.Archived.IsZero() {
		t.Error("still archived")
	}
	for _, tag := range []string{"", " x", "a,b"} {
		if _, err := db.Tag(t.Context(), "x", []string{tag}, nil); err == nil {
			t.Errorf("%q became a tag", tag)
		}
	}
	if _, err := db.Note(t.Context(), "nothing", ""); err == nil || !strings.Contains(err.Error(), `no run "nothing"`) {
		t.Errorf("got %v", err)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run, other := beginTest(t, db, "gone"), beginTest(t, db, "stays")
	record(t, run, everything()...)
	record(t, other, everything()...)
	if _, err := db.Tag(t.Context(), "gone", []string{"a"}, nil); err != nil {
		t.Fatal(err)
	}
	var seen []stage.Artefact
	files := func(_ RunSummary, artefacts []stage.Artefact) error {
		seen = artefacts
		return nil
	}
	if err := db.Delete(t.Context(), "gone", files); err == nil || !strings.Contains(err.Error(), "still running") || seen != nil {
		t.Errorf("a living run: %v, files %v", err, seen)
	}
	if err := run.Finish(t.Context(), Done, nil); err != nil {
		t.Fatal(err)
	}
	if err := db.Delete(t.Context(), "gone", func(RunSummary, []stage.Artefact) error { return errors.New("disk") }); err == nil {
		t.Error("files stayed and nobody said so")
	}
	if load(t, db, "gone").Status != Done {
		t.Error("the run went without its files")
	}
	if err := db.Delete(t.Context(), "gone", files); err != nil || len(seen) != 1 || seen[0].Path != "best.safetensors" {
		t.Errorf("got %v, files %v", err, seen)
	}
	if runs, err := db.Runs(t.Context(), Filter{}); err != nil || len(runs) != 1 || runs[0].Name != "stays" {
		t.Errorf("got %v, %v", runs, err)
	}
	for _, table := range []string{"metrics", "phases", "figures", "predictions", "events", "artefacts", "facts", "tags"} {
		var left int
		if err := db.read.QueryRow(`SELECT count(*) FROM ` + table + ` WHERE run = 1`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%s: %d rows left, %v", table, left, err)
		}
	}
	checkIntegrity(t, db)
	if n := len(load(t, db, "stays").Scalars); n != 4 {
		t.Errorf("the other run has %d numbers", n)
	}
}

func TestBackupWhileWriting(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run := beginTest(t, db, "x")
	record(t, run, everything()...)
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				done <- n
				return
			default:
			}
			if err := run.Record(t.Context(), stage.Scalar{Name: "a", Step: n}, stage.Scalar{Name: "b", Step: n}); err != nil {
				t.Error(err)
			}
		}
	}()
	for i := range 4 {
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := db.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		checkBackup(t, path)
		if err := db.Backup(t.Context(), path); i == 0 && (err == nil || !strings.Contains(err.Error(), "there already")) {
			t.Errorf("a backup was replaced: %v", err)
		}
	}
	close(stop)
	if n := <-done; n == 0 {
		t.Error("nothing was written beside the backups")
	}
	if err := db.Backup(t.Context(), filepath.Join(t.TempDir(), "no", "copy.db")); err == nil {
		t.Error("a backup into no folder")
	}
}

// checkBackup wants whole transactions, and no other file.
func checkBackup(t *testing.T, path string) {
	t.Helper()
	copied, err := OpenExisting(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	checkIntegrity(t, copied)
	counts := map[string]int{}
	for _, s := range load(t, copied, Latest).Scalars {
		counts[s.Name]++
	}
	if counts["a"] != counts["b"] || counts["auroc"] != 1 {
		t.Errorf("got %v", counts)
	}
	if _, err := os.Stat(path + ".part"); err == nil {
		t.Error("the unfinished file stayed")
	}
}

// TestRunsOfTrials: the run of a trial stays while its sweep is being run, and no other
// run is called as one that a trial had.
func TestRunsOfTrials(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run := beginTest(t, db, "trial")
	if err := run.Finish(t.Context(), Interrupted, nil); err != nil {
		t.Fatal(err)
	}
	q, err := db.BeginSweep(t.Context(), SweepInfo{Name: "search", Better: stage.LowerBetter}, clock())
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Add(t.Context(), &Trial{Number: 0, Origin: Searched, State: Paused, Run: run.ID()}); err != nil {
		t.Fatal(err)
	}
	files := func(RunSummary, []stage.Artefact) error { return nil }
	if err := db.Delete(t.Context(), run.ID(), files); err == nil || !strings.Contains(err.Error(), "is trial 0 of sweep "+q.ID) {
		t.Errorf("got %v, want it refused", err)
	}
	if err := q.Finish(t.Context(), SweepStopped, "enough"); err != nil {
		t.Fatal(err)
	}
	if err := db.Delete(t.Context(), run.ID(), files); err != nil {
		t.Fatal(err)
	}
	if next := beginTest(t, db, "trial"); next.ID() != run.ID()+"-2" {
		t.Errorf("the next run is called %s, as the deleted one of a trial was: %s", next.ID(), run.ID())
	}
	taken, err := db.Begin(t.Context(), RunInfo{Name: "other", Now: clock(), Taken: func(id string) bool { return !strings.HasSuffix(id, "-3") }})
	if err != nil || !strings.HasSuffix(taken.ID(), "-other-3") {
		t.Errorf("got %v, %v, want the first id that is not taken", taken, err)
	}
}

// TestMembersStay: a run that an ensemble asks cannot be deleted before the ensemble.
func TestMembersStay(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	for _, name := range []string{"a", "b", "both"} {
		run := beginTest(t, db, name)
		if name == "both" {
			record(t, run, stage.Fact{Name: EnsembleFact, Value: `["` + load(t, db, "a").ID + `"]`})
		}
		if err := run.Finish(t.Context(), Done, nil); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(key string) error {
		return db.Delete(t.Context(), key, func(RunSummary, []stage.Artefact) error { return nil })
	}
	a, both := load(t, db, "a").ID, load(t, db, "both").ID
	if users, err := db.Ensembles(t.Context(), a); err != nil || !slices.Equal(users, []string{both}) {
		t.Errorf("got %q, %v", users, err)
	}
	if err := remove("a"); err == nil || !strings.Contains(err.Error(), "run "+a+" is a member of ensemble "+both) {
		t.Errorf("got %v", err)
	}
	for _, key := range []string{"b", "both", "a"} {
		if err := remove(key); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}
