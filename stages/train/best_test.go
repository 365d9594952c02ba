package train

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"vertebra/stages/stage"
)

// TestMonitored: the number that is watched is found by its series and name. One that is not there,
// and one that is no number, are errors that say what to do.
func TestMonitored(t *testing.T) {
	t.Parallel()
	scalars := []stage.Scalar{
		{Series: "train", Name: "loss", Value: 3, Better: stage.LowerBetter}, {Series: "validation", Name: "accuracy", Value: 0.5, Better: stage.HigherBetter},
		{Series: "validation", Name: "loss", Value: 2, Better: stage.LowerBetter}, {Series: "validation", Name: "auroc", Value: math.NaN(), Better: stage.HigherBetter},
	}
	for monitor, want := range map[string]stage.Scalar{"validation.loss": scalars[2], "train.loss": scalars[0], "validation.accuracy": scalars[1]} {
		if value, better, err := monitored(monitor, scalars); err != nil || value != want.Value || better != want.Better {
			t.Errorf("%s: got %g, %s, %v, want %g, %s", monitor, value, better, err, want.Value, want.Better)
		}
	}
	_, _, err := monitored("validation.auroc", scalars)
	if fault := (stage.Fault{}); stage.KindOf(err) != stage.NotANumber || !errors.As(err, &fault) || !strings.Contains(fault.Hint, "watch another number") {
		t.Errorf("a number that does not exist: got %v", err)
	}
	_, _, err = monitored("train.accuracy", scalars)
	if want := "there is no train.accuracy; have train.loss, validation.accuracy, validation.loss, validation.auroc"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestCheckpointsDue: the state is stored after so many steps, or when so much time has passed.
func TestCheckpointsDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule  Checkpoints
		step  int
		since time.Duration
		want  bool
	}{
		{Checkpoints{}, 10, time.Hour, false},
		{Checkpoints{Steps: 5}, 10, 0, true}, {Checkpoints{Steps: 5}, 9, time.Hour, false},
		{Checkpoints{Minutes: 10}, 9, 10 * time.Minute, true}, {Checkpoints{Minutes: 10}, 9, 599 * time.Second, false},
		{Checkpoints{Minutes: 0.5, Steps: 100}, 7, 31 * time.Second, true}, {Checkpoints{Minutes: 10, Steps: 7}, 14, time.Second, true},
	} {
		if got := c.rule.due(c.step, c.since); got != c.want {
			t.Errorf("%+v, step %d after %s: %v, want %v", c.rule, c.step, c.since, got, c.want)
		}
	}
}
