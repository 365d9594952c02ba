package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestDrawn: the bars of a showing are the classes, with the training cases and what the first epoch
// draws of them; of several targets each with its own, and the table beside says of which.
func TestDrawn(t *testing.T) {
	t.Parallel()
	var cases []stage.Case
	for label, n := range []int{4, 1} {
		for i := range n {
			cases = append(cases, stage.Case{ID: fmt.Sprint(label, i), Label: label, Split: stage.Train})
		}
	}
	s := &show{images: &preprocess.Images{Classes: []string{"no", "yes"}}}
	s.Config.Balance = DefaultBalance
	s.Config.Balance.Sampling = "over"
	records := s.drawn(cases)
	bars, table := records[0].(stage.Bars), records[1].(stage.Table)
	if !slices.Equal(bars.Categories, []string{"no", "yes"}) || !slices.Equal(bars.Groups[0].Values, []float64{4, 1}) || !slices.Equal(bars.Groups[1].Values, []float64{4, 4}) {
		t.Errorf("got %+v", bars)
	}
	if len(table.Columns) != 5 || len(table.Rows) != 2 || table.Rows[1][0] != "yes" || table.Rows[1][2] != 4 {
		t.Errorf("got %v, %v", table.Columns, table.Rows)
	}
	s.images.Targets = []string{"mass"}
	records = s.drawn(cases)
	if bars, table = records[0].(stage.Bars), records[1].(stage.Table); bars.Categories[1] != "mass: yes" || table.Columns[0] != "target" || len(table.Columns) != 6 || table.Rows[1][0] != "mass" || table.Rows[1][1] != "yes" {
		t.Errorf("of a target: got %v, %v, %v", bars.Categories, table.Columns, table.Rows)
	}
}

// TestValuesShown: histograms are in per cent of all pixels, over the middles of their bins, and that
// of augmented images is there where something changes them.
func TestValuesShown(t *testing.T) {
	t.Parallel()
	s := &show{}
	s.count[0][0], s.count[0][31], s.count[1][1] = 1, 3, 7
	if c := s.values(); len(c.Lines) != 1 || c.Lines[0].Label != "as they are" {
		t.Errorf("without a recipe: got %+v", c.Lines)
	}
	s.Recipe = augment.Config{registry.One[augment.Augmentation]{Name: "zoom"}}
	c := s.values()
	if len(c.Lines) != 2 {
		t.Fatalf("got %d lines", len(c.Lines))
	}
	for _, one := range []struct {
		line, bin int
		x, y      float64
	}{{0, 0, 1. / 64, 25}, {0, 31, 63. / 64, 75}, {0, 1, 3. / 64, 0}, {1, 1, 3. / 64, 100}} {
		if line := c.Lines[one.line]; len(line.X) != 32 || !(math.Abs(line.X[one.bin]-one.x) <= 1e-12) || !(math.Abs(line.Y[one.bin]-one.y) <= 1e-12) {
			t.Errorf("line %d, bin %d: %g, %g, want %g, %g", one.line, one.bin, line.X[one.bin], line.Y[one.bin], one.x, one.y)
		}
	}
	s.count = [2][bins]float64{}
	if c := s.values(); c.Lines[0].Y[0] != 0 {
		t.Errorf("of no pixels: %g %%", c.Lines[0].Y[0])
	}
}

// TestCountsAs: the captions of a batch: classes, shares of soft labels, and mixtures of two images.
func TestCountsAs(t *testing.T) {
	t.Parallel()
	one := &show{images: &preprocess.Images{Classes: []string{"no", "mild", "severe"}}}
	two := &show{images: &preprocess.Images{Classes: []string{"no", "mild", "severe"}, Targets: []string{"left", "right"}}}
	own := &show{images: &preprocess.Images{Classes: []string{"no", "mild", "severe"}, Targets: []string{"left", "right"}, Among: [][]int{{0, 1}, {0, 2}}}}
	soft := []float32{0.25, 0.004, 0.746}
	for _, c := range []struct {
		s    *show
		rows []row
		want string
	}{
		{one, []row{{label: 1}}, "mild"},
		{one, []row{{label: 1, soft: soft}}, "(0.25 no + 0.75 severe)"},
		{two, []row{{label: 1}, {target: 1, label: 0}}, "left mild"},
		{two, []row{{label: 0}, {target: 1, label: 0}}, "all no"},
		{own, []row{{label: 0}, {target: 1, label: 2}}, "left no, right severe"},
		{two, []row{{label: 1}, {target: 1, label: 2, soft: soft}}, "left (1.00 mild), right (0.25 no + 0.75 severe)"},
		{own, []row{{label: 1, soft: []float32{0.02, 0.98, 0}}}, "left (0.02 no + 0.98 mild)"},
	} {
		if got := c.s.countsAs(c.rows); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.rows, got, c.want)
		}
	}
}

// TestEpochsShown: the first ones, and those in which the recipe changes, each once and none behind
// the end of the training.
func TestEpochsShown(t *testing.T) {
	t.Parallel()
	s := &show{}
	s.Epochs = 2
	s.Config.Phases = []Phase{{Epochs: 3}, {Epochs: 4}}
	if got := fmt.Sprint(s.epochs()); got != "[1 2]" {
		t.Errorf("got %s, want 1 and 2", got)
	}
	s.Epochs = 9
	if got := fmt.Sprint(s.epochs()); got != "[1 2 3 4 5 6 7]" {
		t.Errorf("got %s, want 1 to 7", got)
	}
	if got := s.Config.shownEpoch(8); got != 8 {
		t.Errorf("behind the last: %d, want 8", got)
	}
}
