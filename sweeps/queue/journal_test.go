package queue

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// everything is one record of each kind, with numbers that JSON could not hold.
var everything = []stage.Record{
	stage.Scalar{Name: "f1", Series: "validation", Phase: "all", Epoch: 1, Step: 7, Value: 0.1 + 0.2, Better: stage.HigherBetter, Interval: &stage.Interval{Low: math.NaN(), High: 1, Level: 0.95, Method: "bca"}},
	stage.Scalar{Name: "auroc", Series: "test", Epoch: stage.Final, Value: math.NaN()},
	stage.Curve{Name: "roc", Section: "results", Lines: []stage.Line{{Label: "a", X: []float64{0, 1}, Y: []float64{0, math.Inf(1)}}}},
	stage.Matrix{Name: "confusion", Rows: []string{"a"}, Columns: []string{"a"}, Values: [][]float64{{3}}},
	stage.Table{Name: "cells", Columns: []string{"a", "b", "c", "d"}, Rows: [][]any{{"x", 3, 1.5, stage.Estimate{Value: 1, Low: math.NaN(), High: 2}}}},
	stage.Scatter{Name: "scatter", Points: []stage.ScatterPoint{{X: 1, Y: 2, Cases: []string{"c"}}}},
	stage.Bars{Name: "bars", Categories: []string{"a"}, Groups: []stage.BarGroup{{Label: "g", Values: []float64{1}}}},
	stage.Gallery{Name: "cases", Cell: &stage.Cell{Matrix: "m", Row: "r", Column: "c"}, Pictures: []stage.Picture{{Caption: "c", PNG: []byte{1, 2}, Case: "1", Overlay: []byte{3}}}},
	stage.Thumbnail{Case: "1", PNG: []byte{1, 2, 3}},
	stage.Prediction{CaseID: "1", Group: "g", Split: stage.Test, Phase: "all", Label: 1, Probabilities: []float64{0.25, 0.75}, Tags: map[string]string{"level": "l1"}},
	stage.PhaseRecord{Name: "all", Trainable: 3, Total: 4, Groups: []string{"all"}, FirstEpoch: 1},
	stage.Event{Level: "info", Stage: "train", Text: "it began"},
	stage.Artefact{Kind: "checkpoint", Path: "best", Bytes: 3, SHA256: "00"},
	stage.Fact{Name: "device", Value: "cpu"},
}

// Read from a journal, twice as after kill -9, the results are what they are without
// one.
func TestJournalHoldsEveryRecord(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	j, number, err := newJournal(folder)
	if err != nil || number != 1 {
		t.Fatal(number, err)
	}
	for _, r := range everything {
		if err := j.write(entry{At: time.Unix(1, 0), Records: []stage.Record{r}}, false); err != nil {
			t.Fatal(err)
		}
	}
	r := reader{folder: folder, number: 1}
	all, err := r.next()
	if err != nil || len(all) != len(everything) {
		t.Fatal(len(all), err)
	}
	var read []stage.Record
	for _, e := range all {
		read = append(read, e.Records...)
	}
	if got, want := storedRun(t, read, 2), storedRun(t, everything, 1); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// storedRun records so many times, resuming in between, and gives what is stored.
func storedRun(t *testing.T, records []stage.Record, times int) string {
	t.Helper()
	db, err := results.Open(t.Context(), filepath.Join(t.TempDir(), "results.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	info := results.RunInfo{ID: "day.t1", Name: "x", Now: time.Now}
	for i := range times {
		begin := db.Begin
		if i > 0 {
			begin = func(ctx context.Context, info results.RunInfo) (*results.Run, error) {
				return db.Resume(ctx, info.ID, info)
			}
		}
		run, err := begin(t.Context(), info)
		if err == nil {
			err = errors.Join(run.Record(t.Context(), records...), run.Finish(t.Context(), results.Interrupted, nil))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	rec, err := db.Load(t.Context(), "day.t1")
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%+v %+v %+v %+v %+v", rec.Predictions, rec.Phases, rec.Artefacts, rec.Facts, len(rec.Events))
	for _, s := range rec.Scalars {
		if s.Interval != nil {
			text += fmt.Sprintf("%+v", *s.Interval)
		}
		s.Interval = nil
		text += fmt.Sprintf("%+v\n", s)
	}
	for _, f := range rec.Figures {
		if g, ok := f.(stage.Gallery); ok {
			text += fmt.Sprintf("%+v", *g.Cell)
			g.Cell = nil
			f = g
		}
		text += fmt.Sprintf("%+v\n", f)
	}
	return text
}

// A torn entry at the end is none, until the rest of it is there; one in the middle
// hides what follows, but not the next journal.
func TestTornJournal(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	j, _, err := newJournal(folder)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := j.write(entry{Message: &Message{Type: TellEpoch, Epoch: i + 1}}, true); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(journalPath(folder, 1))
	if err != nil {
		t.Fatal(err)
	}
	epochs := func(all []entry) (out []int) {
		for _, e := range all {
			out = append(out, e.Message.Epoch)
		}
		return out
	}
	third := len(whole) / 3
	for cut := range whole {
		if err := os.WriteFile(journalPath(folder, 1), whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		r := reader{folder: folder, number: 1}
		first, err := r.next()
		if err != nil || len(first) != cut/third {
			t.Fatalf("cut at %d: %v, %v", cut, epochs(first), err)
		}
		if err := os.WriteFile(journalPath(folder, 1), whole, 0o600); err != nil {
			t.Fatal(err)
		}
		if rest, err := r.next(); err != nil || !slices.Equal(epochs(append(first, rest...)), []int{1, 2, 3}) {
			t.Fatalf("cut at %d: then %v, %v", cut, epochs(rest), err)
		}
	}
	whole[third+headLength] ^= 0xff
	if err := errors.Join(os.WriteFile(journalPath(folder, 1), whole, 0o600), os.WriteFile(journalPath(folder, 2), whole[:third], 0o600)); err != nil {
		t.Fatal(err)
	}
	r := reader{folder: folder, number: 1}
	if all, err := r.next(); err != nil || !slices.Equal(epochs(all), []int{1, 1}) {
		t.Errorf("got %v, %v", epochs(all), err)
	}
}

// Whatever bytes there are, reading ends, and takes no more than there is.
func FuzzJournal(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{255, 255, 255, 255, 1, 2, 3, 4, 5})
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, used := entries(data); used > len(data) {
			t.Errorf("%d of %d bytes", used, len(data))
		}
	})
}

// joinTask writes what a coordinator writes, and joins.
func joinTask(t *testing.T, folder string, file taskFile, o orders) (*Task, error) {
	t.Helper()
	if err := errors.Join(writeJSON(filepath.Join(folder, "job.json"), file), writeJSON(filepath.Join(folder, "orders.json"), o)); err != nil {
		t.Fatal(err)
	}
	return Join(folder, time.Now)
}

// What a task does after an epoch: it waits at rungs alone, and gives up waiting.
func TestTaskAsks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := taskFile{Job: Job{}, NewRun: "a.t1", Batch: 2, First: 1, Asks: []int{2, 4}, Patience: 50 * time.Millisecond}
	task, err := joinTask(t, folder, file, orders{Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(epoch int, o orders, want error) {
		t.Helper()
		if err := writeJSON(filepath.Join(folder, "orders.json"), o); err != nil {
			t.Fatal(err)
		}
		if got := task.Ask(t.Context(), epoch); !errors.Is(got, want) {
			t.Errorf("epoch %d, %+v: got %v, want %v", epoch, o, got, want)
		}
	}
	ask(0, orders{2, 0, ""}, nil)
	ask(1, orders{2, 0, ""}, nil)
	ask(2, orders{2, 0, ""}, ErrPause) // nobody answers
	ask(2, orders{2, 2, DoGo}, nil)
	ask(3, orders{2, 2, DoGo}, nil)
	ask(4, orders{2, 2, DoGo}, ErrPause) // an old answer is none
	ask(3, orders{2, 1, DoPause}, ErrPause)
	ask(3, orders{2, 1, DoFinish}, stage.ErrEnough)
	ask(3, orders{3, 0, ""}, ErrAlone) // submitted again
	if err := os.WriteFile(journalPath(folder, 2), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ask(5, orders{2, 0, ""}, ErrAlone) // started again elsewhere
}

// A task that is started again goes on, unless its trial is over or elsewhere.
func TestTaskStartedAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := taskFile{NewRun: "a.t1", Batch: 2, First: 1, Deadline: time.Now().Add(-time.Second)}
	for _, o := range []orders{{1, 0, ""}, {2, 0, doOver}} {
		if _, err := joinTask(t, folder, file, o); !errors.Is(err, ErrNothing) {
			t.Errorf("%+v: got %v", o, err)
		}
	}
	first, err := joinTask(t, folder, file, orders{Batch: 2})
	if err != nil || first.Job.Run != "" {
		t.Fatal(first, err)
	}
	fact := stage.Fact{Name: "data", Value: "x"}
	if err := errors.Join(first.Begin(results.RunInfo{ID: "a.t1"}), first.Record(t.Context(), fact, stage.Event{Text: "no"})); err != nil {
		t.Fatal(err)
	}
	second, err := joinTask(t, folder, file, orders{Batch: 2})
	if err != nil || second.Job.Run != "a.t1" || !slices.Equal(second.Earlier, []stage.Record{fact}) {
		t.Fatalf("%+v, %v", second, err)
	}
	if err := second.Ask(t.Context(), 3); !errors.Is(err, ErrPause) {
		t.Errorf("after the deadline: %v", err)
	}
	second.Tell(Message{Type: TellDone})
	if _, err := joinTask(t, folder, file, orders{Batch: 2}); !errors.Is(err, ErrNothing) {
		t.Errorf("after its end: %v", err)
	}
}
