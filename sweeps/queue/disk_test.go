package queue

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// The disk budget takes the states of trials that are over, then the weights of all
// but the best, the worst first, and says why of each. What waits keeps its state.
func TestDiskBudget(t *testing.T) {
	t.Parallel()
	// Each of the four trials leaves a state of 1,000 bytes and weights of 400, in three
	// files.
	for _, test := range []struct {
		budget  int
		dropped []string
		full    bool
	}{
		{0, nil, false}, // none
		{5600, nil, false},
		{5000, []string{"0/last"}, false},
		{2700, []string{"0/last", "2/last", "1/last"}, false},
		{2200, []string{"0/last", "2/last", "1/last", "0/epoch-0002", "0/best", "0/final"}, false},
		{1500, []string{"0/last", "2/last", "1/last", "0/epoch-0002", "0/best", "0/final", "2/epoch-0002", "2/best", "2/final"}, true}, // the best weights, and what waits
	} {
		dropped, events, full := spend(t, test.budget)
		if !slices.Equal(dropped, test.dropped) || full != test.full {
			t.Errorf("%d bytes: dropped %v, full %v; want %v, %v", test.budget, dropped, full, test.dropped, test.full)
		}
		for i, path := range test.dropped {
			why := "the trial is not the best"
			if strings.HasSuffix(path, "last") {
				why = "the trial is over, and does not go on from it"
			}
			if i >= len(events) || !strings.Contains(events[i], path+".safetensors") || !strings.Contains(events[i], why) {
				t.Errorf("%d bytes: %s is not told of with its reason: %v", test.budget, path, events)
			}
		}
		if told := len(events) > 0 && strings.Contains(events[len(events)-1], "used up by what must stay"); told != test.full {
			t.Errorf("%d bytes: %v", test.budget, events)
		}
	}
}

// spend brings four trials under a budget: a bad one and the best are done, a middling
// one is stopped, one waits. It gives the files that are gone, in order.
func spend(t *testing.T, budget int) (dropped, events []string, full bool) {
	t.Helper()
	dir := t.TempDir()
	db, err := results.Open(t.Context(), filepath.Join(dir, "results.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	q, err := db.BeginSweep(t.Context(), results.SweepInfo{Name: "fake", Objective: objective, Better: stage.LowerBetter}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Better: stage.LowerBetter, Replicates: 1, Runs: dir, Say: t.Logf}
	o.Config.Limits.Disk = float64(budget) / 1e9
	c := &coordinator{o: &o, q: q, board: board{o: &o}}
	for i, row := range []struct {
		state results.TrialState
		value float64
	}{{results.TrialDone, 0.5}, {results.TrialDone, 0.1}, {results.Stopped, 0.4}, {results.Paused, 0.9}} {
		trial := &results.Trial{Number: i, Origin: results.Searched, State: row.state, Value: row.value, Values: []float64{row.value}, Run: strconv.Itoa(i)}
		if err := q.Add(t.Context(), trial); err != nil {
			t.Fatal(err)
		}
		c.trials = append(c.trials, trial)
		for name, size := range map[string]int{"last": 1000, "best": 200, "final": 100, "epoch-0002": 100} {
			if err := errors.Join(os.MkdirAll(filepath.Join(dir, trial.Run), 0o755), os.WriteFile(filepath.Join(dir, trial.Run, name+".safetensors"), make([]byte, size), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	rec, err := db.LoadSweep(t.Context(), "fake")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range rec.Events {
		events = append(events, e.Text)
		if path, ok := strings.CutPrefix(e.Text, "dropped "+dir+"/"); ok {
			path, _, _ = strings.Cut(path, ".")
			dropped = append(dropped, path)
		}
	}
	for _, path := range dropped {
		if _, err := os.Stat(filepath.Join(dir, path+".safetensors")); err == nil {
			t.Errorf("%s is said to be gone, and is there", path)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "*.safetensors")); len(left) != 16-len(dropped) {
		t.Errorf("%d files are left of 16, and %d are told of", len(left), len(dropped))
	}
	return dropped, events, c.full
}

// The state of a best trial that was ended early stays: it may be evaluated from it.
func TestStateOfTheBestStays(t *testing.T) {
	t.Parallel()
	o := Options{Better: stage.LowerBetter, Replicates: 1, Runs: t.TempDir()}
	c := &coordinator{o: &o, board: board{o: &o}}
	c.trials = []*results.Trial{
		{Number: 0, State: results.Stopped, Value: 0.1, Values: []float64{0.1}, Run: "a"}, {Number: 1, State: results.Stopped, Value: 0.2, Values: []float64{0.2}, Run: "b"},
	}
	for _, d := range c.droppable() {
		if d.trial.Number == 0 {
			t.Errorf("%s may go", d.path)
		}
	}
}

// While what waits fills the budget nothing new begins; what waits goes on.
func TestFullDiskBeginsNothing(t *testing.T) {
	t.Parallel()
	_, rec, folder := runFake(t, setup{Config: "  search: random\n  trials: 12\n  baseline: false\n  stop: {asha: {first: 1}}\n  limits: {disk: 3e-9}\n  space: {x: {range: [0, 1]}}", Fake: fake{Epochs: 9, Each: 1}})
	if !slices.ContainsFunc(rec.Events, func(e results.SweepEvent) bool { return strings.Contains(e.Text, "used up by what must stay") }) {
		t.Error("nobody was told")
	}
	left, _ := filepath.Glob(filepath.Join(folder, "runs", "*", "last.safetensors"))
	if len(left) > 4 { // each is a byte; the fourth shows that there are too many
		t.Errorf("%d states are left", len(left))
	}
	if got := states(rec); got[results.TrialDone] == 0 || got[results.TrialRunning]+got[results.Queued] > 0 {
		t.Errorf("got %v", got)
	}
}
