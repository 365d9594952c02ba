package diagnosis

import (
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestPointsMissed: a net that finds too few points is told, with what may help.
func TestPointsMissed(t *testing.T) {
	t.Parallel()
	found := func(share float64, distances ...float64) (out Run) {
		for i, v := range distances {
			out.Scalars = append(out.Scalars, stage.Scalar{Name: "point_distance", Series: "validation", Epoch: i + 1, Value: v})
		}
		out.Scalars = append(out.Scalars, stage.Scalar{Name: "points_found", Series: "validation", Epoch: stage.Final, Value: share})
		return out
	}
	if f := pointsMissed(found(0.9, 3, 2)); f != nil {
		t.Errorf("of nine of ten: %+v", f)
	}
	f := pointsMissed(found(0.76, 30, 20))
	if f == nil || !strings.HasPrefix(f.Text, "The net that finds points misses 24 % of those of the validation split;") || f.Figure != "points_validation" || !strings.HasPrefix(f.Try, "more locate.epochs") {
		t.Errorf("got %+v", f)
	}
	if f := pointsMissed(found(0.76, 30, 20, 21)); f == nil || !strings.HasPrefix(f.Try, "locate: {pixels: 512}") {
		t.Errorf("past its best: %+v", f)
	}
}
