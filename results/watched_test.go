package results

import (
	"fmt"
	"testing"

	"vertebra/stages/stage"
)

// TestMonitored reads the line that runner run stores.
func TestMonitored(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"train:\n  batch: 3\n  monitor: validation.rsna_log_loss\n":   "validation.rsna_log_loss",
		"train:\n  monitor: \"train.loss\"\n":                         "train.loss",
		"train:\n  monitor: validation.f1/Pleural Effusion\n  x: 1\n": "validation.f1/Pleural Effusion",
		"train:\n  monitor: 'validation.f1/it''s: #1.5'\n":            "validation.f1/it's: #1.5",
		"name: monitor\n": "validation.loss",
	} {
		if series, name := Monitored(text); series+"."+name != want {
			t.Errorf("%q: got %s.%s, want %s", text, series, name, want)
		}
	}
}

func TestWatched(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, err := db.Begin(t.Context(), RunInfo{Name: "a", Experiment: "train:\n  monitor: validation.f1\n", Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	b := beginTest(t, db, "b")
	value := func(name, series string, epoch int, v float64) stage.Scalar {
		return stage.Scalar{Name: name, Title: "T " + name, Series: series, Phase: fmt.Sprint("phase ", epoch/2), Epoch: epoch, Step: epoch, Value: v, Better: stage.HigherBetter}
	}
	record(t, a, value("f1", "validation", 2, 0.2), value("f1", "validation", 1, 0.1), value("f1", "train", 1, 9), value("loss", "validation", 1, 8), value("f1", "validation", 3, 0.3),
		value("f1", "validation", stage.Final, 7))
	record(t, b, value("loss", "train", 1, 1))
	listed := func() []RunSummary {
		runs, err := db.Runs(t.Context(), Filter{})
		if err != nil {
			t.Fatal(err)
		}
		return runs
	}
	got, err := db.Watched(t.Context(), listed())
	if err != nil {
		t.Fatal(err)
	}
	w := got[a.ID()]
	folds, err := db.Begin(t.Context(), RunInfo{Name: "folds", Experiment: "train:\n  monitor: validation.f1\n", Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	record(t, folds, value("f1", "validation fold 1", 1, 0.25), value("f1", "validation fold 2", 1, 0.75), value("f1", "validation fold 2", 2, 1))
	if all, err := db.Watched(t.Context(), listed()); err != nil || fmt.Sprint(all[folds.ID()].Values) != "[0.5 1]" {
		t.Errorf("of folds: got %+v, %v, want their mean", all[folds.ID()], err)
	}
	if len(got) != 1 || fmt.Sprint(w.Values) != "[0.1 0.2 0.3]" || w.Title != "T f1" || w.Better != stage.HigherBetter {
		t.Errorf("got %+v", got)
	}
}
