package reports

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// sampleSweep has a trial of each sort; one of its settings is hostile.
func sampleSweep() Sweep {
	begun := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	row := func(n int, state results.TrialState, epochs int, values ...float64) *results.Trial {
		t := &results.Trial{Number: n, Origin: results.Searched, State: state, Epochs: epochs, MaxEpochs: 9, Values: values, Value: math.NaN(),
			Settings: map[string]string{"train.batch": "16", "train.loss": "<script>alert(1)</script>"}, Seconds: 10}
		if len(values) > 0 {
			t.Value = values[len(values)-1]
		}
		t.Spans = []results.Span{{Device: "cuda:0", Begun: begun.Add(time.Duration(n) * time.Minute), Ended: begun.Add(time.Duration(n)*time.Minute + 10*time.Second), Startup: 1, Last: epochs, Outcome: string(state)}}
		return t
	}
	failed := row(2, results.TrialFailed, 0)
	failed.FailureKind, failed.FailureMessage, failed.Log = "out of memory", "no memory left", "the last words"
	rows := []*results.Trial{row(0, results.TrialDone, 9, 3, 2, 1), row(1, results.Paused, 1, 4), failed}
	s := Sweep{Best: 0, Record: &results.SweepRecord{Trials: rows, SweepSummary: results.SweepSummary{ID: "2026-11-26-x", Status: results.SweepDone, Because: "all trials are over", Started: begun, Ended: begun.Add(time.Hour),
		SweepInfo: results.SweepInfo{Name: "x", Objective: "validation.loss", Better: stage.LowerBetter}},
		Events: []results.SweepEvent{{At: begun, Trial: 2, Level: "error", Text: "failed: out of memory"}}},
		Settings: []SweepSetting{{Path: "train.batch", Ticks: []SweepTick{{0, "8"}, {1, "64"}}}, {Path: "train.loss", Ticks: []SweepTick{{0.25, "cross_entropy"}, {0.75, "<script>alert(1)</script>"}}}},
		Surfaces: []Surface{{X: "train.batch", Y: "train.loss", Values: [][]float64{{1, 2}, {3, 4}}}},
		Remarks:  []Remark{{"the winner of many is optimistic", true}}, Experiment: "name: x\n"}
	for i, r := range rows {
		s.Trials = append(s.Trials, SweepTrial{Number: i, Value: r.Value, Shares: map[string]float64{"train.batch": 0.5, "train.loss": 0.75}, Rows: []*results.Trial{r}, Words: " train.batch=16"})
	}
	return s
}

// TestChoicesAreCalledByTheirPart: a choice whose settings are varied too does not claim those
// that it was written with.
func TestChoicesAreCalledByTheirPart(t *testing.T) {
	t.Parallel()
	s := sampleSweep()
	s.Settings[1].Names = map[string]string{"{focal: {gamma: 1}}": "focal"}
	for _, trial := range s.Trials {
		trial.Rows[0].Settings["train.loss"] = "{focal: {gamma: 1}}"
	}
	page := drawSweep(t, s)
	if cells := regexp.MustCompile(`<td class="number">focal</td>`).FindAllString(page, -1); len(cells) < len(s.Trials) || strings.Contains(page, `<td class="number">{focal`) {
		t.Errorf("got %d cells that say focal", len(cells))
	}
}

func drawSweep(t *testing.T, s Sweep) string {
	t.Helper()
	var out bytes.Buffer
	if err := AsFile.Sweep(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestSweepPage(t *testing.T) {
	t.Parallel()
	page := drawSweep(t, sampleSweep())
	for _, want := range []string{"History of validation.loss", "Parallel coordinates", "train.loss against train.batch", "Which trial computed where", "What it cost",
		"How far trials were trained", "saved 63 % of them", "no memory left", "the last words", "out of memory", "the winner of many is optimistic", "0 ★"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "<script>alert") {
		t.Error("a setting became a part of the page")
	}
	if again := drawSweep(t, sampleSweep()); again != page {
		t.Error("the same sweep gives another page")
	}
	if found := regexp.MustCompile(`(?:src|href)="https?:[^"]*"|NaN<|[^a-z]Inf[^io]`).FindString(page); found != "" {
		t.Errorf("the page holds %s", found)
	}
}

// TestSweepPageOrder: the number that the sweep goes by comes first, and words lie above lines.
func TestSweepPageOrder(t *testing.T) {
	t.Parallel()
	s := sampleSweep()
	for _, name := range []string{"accuracy", "loss"} {
		s.Finals = append(s.Finals, stage.Scalar{Name: name, Title: "Number " + name, Series: "validation", Epoch: stage.Final, Value: 0.5})
	}
	page := drawSweep(t, s)
	if first, second := strings.Index(page, "Number loss"), strings.Index(page, "Number accuracy"); first < 0 || second < first {
		t.Errorf("the loss stands at %d, the accuracy at %d", first, second)
	}
	figure := page[strings.Index(page, `id="parallel"`):]
	if word, line := strings.Index(figure, "cross_entropy</text>"), strings.LastIndex(figure[:strings.Index(figure, "</svg>")], "<path"); word < line {
		t.Errorf("a line at %d is drawn over the word at %d", line, word)
	}
}

// A sweep of which nothing is known yet is a page all the same.
func TestSweepPageWithoutTrials(t *testing.T) {
	t.Parallel()
	s := sampleSweep()
	s.Trials, s.Record.Trials, s.Record.Events, s.Best, s.Surfaces = nil, nil, nil, -1, nil
	if page := drawSweep(t, s); !strings.Contains(page, "2026-11-26-x") {
		t.Error("no id")
	}
}

// TestSweepPageTrials: trials are listed once where few are there, and one that waits for its turn
// has no mark in the history.
func TestSweepPageTrials(t *testing.T) {
	t.Parallel()
	s := sampleSweep()
	marks := func(s Sweep) int {
		_, figure, _ := strings.Cut(drawSweep(t, s), `id="history"`)
		figure, _, _ = strings.Cut(figure, "</figure>")
		return strings.Count(figure, "<circle")
	}
	before := marks(s)
	if page := drawSweep(t, s); !strings.Contains(page, "All trials") || before != 3 {
		t.Errorf("got %d marks; want 3, and all trials listed besides the best, which lack the failed one", before)
	}
	waiting := &results.Trial{Number: 3, Origin: results.Searched, State: results.Queued, Value: math.NaN(), Settings: map[string]string{"train.batch": "16"}}
	queued := s
	queued.Trials = append(slices.Clone(s.Trials), SweepTrial{Number: 3, Value: math.NaN(), Rows: []*results.Trial{waiting}})
	if got := marks(queued); got != before {
		t.Errorf("got %d marks with a trial that waits, %d without", got, before)
	}
	s.Trials = s.Trials[:2]
	if strings.Contains(drawSweep(t, s), "All trials") {
		t.Error("two trials are listed twice")
	}
}
