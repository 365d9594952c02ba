package validate

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// TestSharedCases: cases that are called as those of a run are told, with what is wrong with that; not
// those of its test split alone, which nothing was learnt from.
func TestSharedCases(t *testing.T) {
	t.Parallel()
	run := func(folds bool, splits string) finished.Stored {
		r := &results.RunRecord{RunSummary: results.RunSummary{ID: "2026-11-27-a"}}
		for i, letter := range splits {
			item := stage.Prediction{CaseID: fmt.Sprint("c", i), Split: map[rune]stage.Split{'v': stage.Validation, 't': stage.Test, 'r': stage.Test}[letter]}
			if folds && letter != 't' { // of these the mean of the nets is stored
				item.Tags = map[string]string{stage.FoldTag: "1"}
			}
			r.Predictions = append(r.Predictions, item)
		}
		return finished.Stored{Record: r}
	}
	others, chose, folds := "others that the nets were trained on may be among them", "they chose its weights or its calibration", "nets of other folds were trained on them"
	for name, c := range map[string]struct {
		run   finished.Stored
		cases string // numbers of cases; x for one that the run does not know
		want  string // how many, which, and why; "" for nothing
	}{
		"none":                         {run(false, "vvtt"), "xxx", ""},
		"the test split":               {run(false, "vvtt"), "23", ""},
		"the test split, and others":   {run(false, "vvtt"), "2x3", "2 of 3 cases are called as cases of run 2026-11-27-a, such as c2: if they are the same, " + others},
		"what chose":                   {run(false, "vvtt"), "10", "2 of 2 cases are called as cases of run 2026-11-27-a, such as c1: if they are the same, " + chose},
		"what chose, and tests":        {run(false, "vvtt"), "201", "3 of 3 cases are called as cases of run 2026-11-27-a, such as c0: if they are the same, " + chose},
		"what chose, and others":       {run(false, "vvtt"), "x1", "1 of 2 cases are called as cases of run 2026-11-27-a, such as c1: if they are the same, " + others},
		"cases that folds validated":   {run(true, "vvtt"), "01x", "2 of 3 cases are called as cases of run 2026-11-27-a, such as c0: if they are the same, " + folds},
		"cases that all folds tested":  {run(true, "vvtt"), "23", ""},
		"cases that one fold tested":   {run(true, "rr"), "10", "2 of 2 cases are called as cases of run 2026-11-27-a, such as c1: if they are the same, " + folds},
		"a run that stored no numbers": {run(false, ""), "01", ""},
	} {
		var cases []stage.Case
		for _, letter := range c.cases {
			cases = append(cases, stage.Case{ID: "c" + string(letter)})
		}
		want := c.want
		if want != "" {
			want += ", and the numbers are too good"
		}
		if got := sharedCases(c.run, cases); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestSplitsOfOlderRuns: a run whose program noted no fingerprint of data that are dealt otherwise
// is known by the names of its cases: of a split that shares none with it, others of the file do.
func TestSplitsOfOlderRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	table := "image,group,label\n"
	for i := range 24 {
		img, file := image.NewGray(image.Rect(0, 0, 4, 4)), fmt.Sprint(i, ".png")
		img.Pix[0] = byte(i)
		var data strings.Builder
		if err := errors.Join(png.Encode(&data, img), os.WriteFile(filepath.Join(dir, file), []byte(data.String()), 0o644)); err != nil {
			t.Fatal(err)
		}
		table += fmt.Sprintf("%s,p%d,%s\n", file, i, []string{"a", "b"}[i%2])
	}
	yaml := "name: other\ndata: {source: {table: {file: cases.csv, group: group}}, split: {validation: 0.25, test: 0.25}}\n"
	file := filepath.Join(dir, "other.yaml")
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "cases.csv"), []byte(table), 0o644), os.WriteFile(file, []byte(yaml), 0o644)); err != nil {
		t.Fatal(err)
	}
	e, err := experiments.LoadData(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := finished.Opened{Asked: stage.Questions{Classes: []string{"a", "b"}}}
	p.Experiment.Data = e.Data
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: filepath.Join(dir, "cache"), Workers: 1}
	data, err := predict.ReadQuietly(t.Context(), env, e.Data)
	if err != nil {
		t.Fatal(err)
	}
	in := map[stage.Split][]stage.Case{}
	for _, one := range data.Cases {
		in[one.Split] = append(in[one.Split], one)
	}
	record := &results.RunRecord{RunSummary: results.RunSummary{ID: "2024-01-01-old"}}
	for _, one := range slices.Concat(in[stage.Validation], in[stage.Test]) {
		record.Predictions = append(record.Predictions, stage.Prediction{CaseID: one.ID, Split: one.Split})
	}
	told := func(asked stage.Split, facts ...stage.Fact) string {
		r := *record
		r.Facts = facts
		v := &Validation{run: finished.Stored{Record: &r}, Request: Request{Split: string(asked), File: file, Called: "other.yaml"}}
		cases := data
		cases.Cases = in[asked]
		text, trainedOn := v.known(t.Context(), env, p, cases, finished.Stored{Record: &r})
		if trainedOn {
			return "trained on"
		}
		return text
	}
	if got := told(stage.Train); !strings.HasPrefix(got, "other cases of other.yaml, such as ") || !strings.Contains(got, "are called as cases of run 2024-01-01-old: if they are the same, the train split of the file holds cases that its nets were trained on") {
		t.Errorf("cases that the run never predicted: got %q", got)
	}
	if got := told(stage.Test); got != "" {
		t.Errorf("the run's own test split: got %q", got)
	}
	if got := told(stage.Train, stage.Fact{Name: audit.UndividedFact, Value: "of other data"}); got != "" {
		t.Errorf("a newer run, of other data with cases of these names: got %q", got)
	}
	if got := told(stage.Train, stage.Fact{Name: audit.FingerprintFact, Value: data.Fingerprint}); got != "trained on" {
		t.Errorf("an older run, of data divided as here: got %q", got)
	}
}
