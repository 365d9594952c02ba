package evaluate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// twoClasses makes predictions of two classes from the scores of the second.
func twoClasses(labels []int, scores []float64) Predictions {
	p := Predictions{Classes: []string{"no", "yes"}}
	for i, s := range scores {
		p.Items = append(p.Items, stage.Prediction{Label: labels[i], Probabilities: []float64{1 - s, s}})
	}
	return p
}

// TestROCByHand: for each pair of a yes and a no the area counts 1 where yes is
// higher and ½ where they are equal.
func TestROCByHand(t *testing.T) {
	t.Parallel()
	p := twoClasses([]int{1, 1, 0, 0, 0}, []float64{0.9, 0.5, 0.5, 0.5, 0.1})
	a, r := p.areas(1), rank(p, 1)
	// pairs: 0.9 beats three; 0.5 equals two and beats one: (3 + ½ + ½ + 1) / 6
	if got, want := a.roc, 5.0/6; !(math.Abs(got-want) <= 1e-15) {
		t.Errorf("area %v, want %v", got, want)
	}
	line := r.roc("yes")
	if want := []float64{0, 0, 2.0 / 3, 1}; !slices.EqualFunc(line.X, want, near) {
		t.Errorf("x %v, want %v", line.X, want)
	}
	if want := []float64{0, 0.5, 1, 1}; !slices.EqualFunc(line.Y, want, near) {
		t.Errorf("y %v, want %v", line.Y, want)
	}
}

// TestStraightStretches: a perfect ranking has three corners, however many cases.
func TestStraightStretches(t *testing.T) {
	t.Parallel()
	line := rank(twoClasses([]int{1, 1, 1, 0, 0, 0}, []float64{0.9, 0.8, 0.7, 0.3, 0.2, 0.1}), 1).roc("yes")
	if !slices.Equal(line.X, []float64{0, 0, 1}) || !slices.Equal(line.Y, []float64{0, 1, 1}) {
		t.Errorf("got %v, %v", line.X, line.Y)
	}
}

// TestROCIsThinned: a curve of many corners keeps its ends and is short.
func TestROCIsThinned(t *testing.T) {
	t.Parallel()
	p := Predictions{Classes: classes, Items: some(5000)}
	for _, l := range result(t, AUROC{}, p).Curves[0].Lines {
		n := len(l.X)
		if n != curvePoints || l.X[0] != 0 || l.Y[0] != 0 || l.X[n-1] != 1 || l.Y[n-1] != 1 {
			t.Errorf("%s: %d points from (%v, %v) to (%v, %v)", l.Label, n, l.X[0], l.Y[0], l.X[n-1], l.Y[n-1])
		}
		if !slices.IsSorted(l.X) || !slices.IsSorted(l.Y) {
			t.Errorf("%s falls", l.Label)
		}
	}
}

func TestAbsentClassIsNoted(t *testing.T) {
	t.Parallel()
	p := Predictions{Classes: classes, Items: some(30)}
	p.Items = slices.DeleteFunc(p.Items, func(i stage.Prediction) bool { return i.Label == 2 })
	r := result(t, AUROC{}, p)
	if len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], "severe has 0 of") || len(r.Curves[0].Lines) != 2 {
		t.Errorf("notes %q, %d lines", r.Notes, len(r.Curves[0].Lines))
	}
}
