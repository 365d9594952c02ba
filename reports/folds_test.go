package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// crossValidated is a run of two folds; the second stopped an epoch earlier.
func crossValidated(t *testing.T) *results.RunRecord {
	t.Helper()
	run, read := begin(t, results.RunInfo{Name: "cross", Experiment: "name: cross\n"})
	var records []stage.Record
	for number, epochs := range []int{0, 3, 2} {
		fold := stage.Fold{Number: number, Of: 2, Phases: 1}
		for e := 1; e <= epochs; e++ {
			records = append(records, fold.Name(stage.Scalar{Name: "loss", Title: "Loss", Series: "validation", Phase: "all", Epoch: e,
				Value: float64(10*number + e), Better: stage.LowerBetter}))
		}
		if epochs > 0 {
			records = append(records, fold.Name(stage.PhaseRecord{Name: "all", FirstEpoch: 1, LastEpoch: epochs, BestEpoch: number, Ended: "all epochs done"}),
				fold.Name(stage.Scalar{Name: "loss", Title: "Loss", Series: "validation", Epoch: stage.Final, Value: 77}))
		}
	}
	records = append(records, stage.Scalar{Name: "loss", Title: "Loss", Series: "validation", Epoch: stage.Final, Value: 5})
	if err := run.Record(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
	return read()
}

func TestFoldsInReports(t *testing.T) {
	t.Parallel()
	rec := crossValidated(t)
	p, err := Place{}.newPage(rec)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Headline[0].Columns); n != 2 || len(p.Headline[0].Rows) != 1 {
		t.Errorf("the headline has %d columns; single folds do not belong there", n)
	}
	if i := slices.IndexFunc(p.Facts, func(f stage.Fact) bool { return f.Name == "best epoch" }); p.Facts[i].Value != "1, 2 of the folds" {
		t.Errorf("got best epochs %q", p.Facts[i].Value)
	}
	training := p.Sections[slices.IndexFunc(p.Sections, func(s section) bool { return s.ID == "training" })]
	plot := training.Blocks[0].Plot
	if len(plot.Legend) != 1 || plot.Legend[0].Label != "validation" || plot.Legend[0].Note != "best 16, epoch 1" {
		t.Errorf("got legend %+v", plot.Legend)
	}
	if plot.Note != "thick: the mean of 2 folds; thin: each of them" || strings.Count(plot.Axes, `"thin":true`) != 2 || plot.Rings != "" {
		t.Errorf("got %q, %q, %q", plot.Note, plot.Axes, plot.Rings)
	}
	if len(rec.Scalars) != 8 {
		t.Error("the record was changed")
	}
}

// The mean goes on only as long as every fold does.
func TestFoldMeans(t *testing.T) {
	t.Parallel()
	var got []string
	for _, s := range withFoldMeans(crossValidated(t)).Scalars {
		if s.Series == "validation" {
			got = append(got, fmt.Sprint(s.Epoch, " ", s.Value))
		}
	}
	if want := []string{"-1 5", "1 16", "2 17"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFoldSpans(t *testing.T) {
	t.Parallel()
	phase := func(fold int, name string, first, last int) stage.PhaseRecord {
		return stage.PhaseRecord{Name: stage.FoldName(name, fold), FirstEpoch: first, LastEpoch: last}
	}
	alike := []stage.PhaseRecord{phase(1, "head", 1, 2), phase(1, "all", 3, 9), phase(2, "head", 1, 2), phase(2, "all", 3, 9)}
	if got, want := foldSpans(alike), []chartSpan{{"head", 0.5, 2.5}, {"all", 2.5, 9.5}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	alike[3].LastEpoch = 8
	if got := foldSpans(alike); got != nil {
		t.Errorf("the folds differ: got %v", got)
	}
	plain := []stage.PhaseRecord{{Name: "head", FirstEpoch: 1, LastEpoch: 2}}
	if got := foldSpans(plain); len(got) != 1 || got[0].Label != "head" {
		t.Errorf("got %v", got)
	}
}

// TestNumbersOfAnotherNet: epochs of a net that is trained beside the phases are none of theirs.
func TestNumbersOfAnotherNet(t *testing.T) {
	t.Parallel()
	phases := []stage.PhaseRecord{{Name: "all fold 2", FirstEpoch: 1, LastEpoch: 2, BestEpoch: 1}}
	for phase, rings := range map[string]bool{"all": true, "": true, "locate": false} {
		scalars := []stage.Scalar{
			{Name: "a", Title: "A", Series: "validation", Phase: phase, Epoch: 1, Value: 2, Better: stage.LowerBetter},
			{Name: "a", Title: "A", Series: "validation", Phase: phase, Epoch: 2, Value: 1, Better: stage.LowerBetter},
		}
		p, err := scalarPlot(scalars, phases)
		if err != nil || (p.Rings != "") != rings {
			t.Errorf("phase %q: rings %q, %v", phase, p.Rings, err)
		}
	}
}
