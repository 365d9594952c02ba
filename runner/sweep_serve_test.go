package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// A sweep that has just begun has a page, which follows what happens; one that is
// not there has none.
func TestServeSweep(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "s.yaml")
	const text = "name: s\ndata: {source: {rsna: {root: d}}}\ntrain: {phases: [{name: a, train: [all], epochs: 1}]}\nsweep: {trials: 2, space: {train.batch: {integer: [2, 9]}}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, err := experiments.LoadSweep(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	db, err := results.Open(t.Context(), filepath.Join(folder, "results.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	info := results.SweepInfo{Name: "s", Experiment: string(s.Resolved()), Objective: "validation.loss", Better: stage.LowerBetter}
	q, err := db.BeginSweep(t.Context(), info, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	routes := (&site{db: db, places: places{Reports: folder}, now: time.Now, patience: time.Minute}).routes()
	for path, want := range map[string]struct {
		code int
		text string
	}{"/sweep/" + q.ID: {http.StatusOK, `data-live="/events"`}, "/sweep/latest": {http.StatusOK, q.ID}, "/sweep/other": {http.StatusNotFound, "there is no sweep"}, "/": {http.StatusOK, "/sweep/" + q.ID}} {
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want.code || !strings.Contains(w.Body.String(), want.text) {
			t.Errorf("%s: got %d, want %d with %q", path, w.Code, want.code, want.text)
		}
	}
}
