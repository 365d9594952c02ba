package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// crossValidated are two folds of four cases and one test case, as a run names
// their predictions. Fold 1 holds the cases of class 0, fold 2 those of class 1.
func crossValidated() (cases []stage.Case, items []stage.Prediction) {
	for i, confident := range []float64{0.8, 0.4, 0.6, 0.9} {
		number, label := 1+i/2, i/2
		c := stage.Case{ID: fmt.Sprint("case ", i), Group: fmt.Sprint("group ", i), Label: label, Fold: number, Split: stage.Train}
		if number == 1 {
			c.Split = stage.Validation
		}
		cases = append(cases, c)
		shares := []float64{1 - confident, confident, 0}
		if label == 0 {
			shares = []float64{confident, 1 - confident, 0}
		}
		p := stage.Prediction{CaseID: c.ID, Group: c.Group, Split: stage.Validation, Label: label, Probabilities: shares}
		items = append(items, stage.Fold{Number: number, Of: 2}.Prediction(p))
	}
	cases = append(cases, stage.Case{ID: "test", Group: "test", Label: 0, Split: stage.Test})
	for number, shares := range [][]float64{{0.2, 0.3, 0.5}, {0.8, 0.1, 0.1}} {
		p := stage.Prediction{CaseID: "test", Group: "test", Split: stage.Test, Label: 0, Probabilities: shares}
		items = append(items, stage.Fold{Number: number + 1, Of: 2}.Prediction(p))
	}
	return cases, items
}

// ledger keeps numbers, tables and texts of events.
type ledger struct {
	scalars map[string]float64
	tables  map[string]stage.Table
	events  []string
}

func (*ledger) Progress(stage.Progress) {}

func (l *ledger) Record(_ context.Context, records ...stage.Record) error {
	for _, r := range records {
		switch v := r.(type) {
		case stage.Scalar:
			l.scalars[v.Series+" "+v.Name] = v.Value
		case stage.Table:
			l.tables[v.Title] = v
		case stage.Event:
			l.events = append(l.events, v.Text)
		}
	}
	return nil
}

func TestCrossValidation(t *testing.T) {
	t.Parallel()
	cases, items := crossValidated()
	l := &ledger{scalars: map[string]float64{}, tables: map[string]stage.Table{}}
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}, {Name: "accuracy"}}}
	ensemble := MeanOfFolds(items)
	if err := Run(t.Context(), stage.Env{Recorder: l}, cfg, classes, cases, append(items, ensemble...)); err != nil {
		t.Fatal(err)
	}
	loss := func(p ...float64) (sum float64) {
		for _, v := range p {
			sum -= math.Log(v) / float64(len(p))
		}
		return sum
	}
	// Each fold's guess knows the other fold's class alone, by Laplace's rule of
	// succession 1/5 for its own cases; that of the test split knows both: 3/7.
	for name, want := range map[string]float64{
		"validation loss": loss(0.8, 0.4, 0.6, 0.9), "validation accuracy": 0.75, "validation baseline loss": loss(0.2),
		"validation fold 1 loss": loss(0.8, 0.4), "validation fold 2 loss": loss(0.6, 0.9), "validation fold 1 accuracy": 0.5,
		"test loss": loss(0.5), "test accuracy": 1, "test baseline loss": loss(3.0 / 7),
		"test fold 1 loss": loss(0.2), "test fold 2 loss": loss(0.8), "test fold 1 accuracy": 0,
	} {
		if got, ok := l.scalars[name]; !ok || !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("%s: got %v (%v), want %v", name, got, ok, want)
		}
	}
	if len(ensemble) != 1 || ensemble[0].Split != stage.Test || ensemble[0].Tags[stage.FoldTag] != "" ||
		!slices.EqualFunc(ensemble[0].Probabilities, []float64{0.5, 0.2, 0.3}, near) {
		t.Errorf("the ensemble says %+v", ensemble)
	}
	checkFoldTable(t, l.tables["Cross-validation, validation"])
	if len(l.events) != 0 {
		t.Errorf("got events %q", l.events)
	}
}

func checkFoldTable(t *testing.T, table stage.Table) {
	t.Helper()
	var names []string
	for _, row := range table.Rows {
		names = append(names, fmt.Sprintf("%v|%v|%v", row[0], row[1], row[2]))
	}
	want := []string{"1|2|2", "2|2|2", "mean of the folds||", "standard deviation||", "all, each by the net that did not see it|4|4"}
	if !slices.Equal(names, want) {
		t.Fatalf("got rows %q, want %q", names, want)
	}
	accuracy := slices.Index(table.Columns, "Accuracy")
	for i, want := range []float64{0.5, 1, 0.75, math.Sqrt(0.125), 0.75} {
		if got, ok := table.Rows[i][accuracy].(float64); !ok || !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("accuracy in row %d: got %v, want %v", i, table.Rows[i][accuracy], want)
		}
	}
}

// TestSpreadOfFolds is that of a sample, by n - 1, over the folds that have the number.
func TestSpreadOfFolds(t *testing.T) {
	t.Parallel()
	var rows []foldRow
	for _, v := range []float64{1, 2, math.NaN(), 6, 7} {
		rows = append(rows, foldRow{scalars: []stage.Scalar{{Name: "other"}, {Name: "x", Value: v}}})
	}
	if mean, deviation := meanAndDeviation(append(rows, foldRow{}), "x"); !near(mean, 4) || !near(deviation, math.Sqrt(26.0/3)) {
		t.Errorf("got %v and %v", mean, deviation)
	}
}

// A case that one fold does not predict has no mean, and is missed.
func TestMeanOfAllFolds(t *testing.T) {
	t.Parallel()
	cases, items := crossValidated()
	l := &ledger{scalars: map[string]float64{}, tables: map[string]stage.Table{}}
	if err := Run(t.Context(), stage.Env{Recorder: l}, only("loss"), classes, cases, items[1:5]); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(l.events, "validation: 1 of 4 cases have no prediction, such as case 0") {
		t.Errorf("got events %q", l.events)
	}
	if got := MeanOfFolds(append(slices.Clone(items[5:]), stage.Fold{Number: 1, Of: 2}.Prediction(stage.Prediction{CaseID: "x", Split: stage.Test}))); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

// A column named fold of somebody's table is a tag like any other.
func TestTagNamedFold(t *testing.T) {
	t.Parallel()
	items := some(4)
	for i := range items {
		items[i].Tags = map[string]string{"fold": fmt.Sprint(1 + i%2)}
	}
	split(items, stage.Validation)
	if got := foldsOf(items); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}
