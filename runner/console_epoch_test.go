package main

import (
	"strings"
	"testing"
	"time"

	"vertebra/stages/pretrain"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

func TestEpochLines(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	cfg := train.Config{Monitor: "validation.f1", Phases: []train.Phase{{Name: "head", Epochs: 3}, {Name: "all", Epochs: 40, Monitor: "validation.loss"}}}
	numbers := func(epoch int, loss, f1 float64, fold string) []stage.Scalar {
		return []stage.Scalar{
			{Name: "learning_rate", Series: "head", Epoch: epoch, Value: 0.1}, {Name: "loss", Series: "train" + fold, Epoch: epoch, Value: 1},
			{Name: "loss", Series: "validation" + fold, Epoch: epoch, Value: loss, Better: stage.LowerBetter},
			{Name: "f1", Series: "validation" + fold, Epoch: epoch, Value: f1, Better: stage.HigherBetter},
		}
	}
	l := epochLines{cfg: cfg}
	l.start(stage.PhaseRecord{Name: "head fold 2", FirstEpoch: 1}, start)
	for i, want := range []string{
		"epoch 1  train fold 2 loss 1.0000  validation fold 2 loss 0.5000  validation fold 2 f1 0.2000 (best)  20 s, phase head at most 40 s more",
		"epoch 2  train fold 2 loss 1.0000  validation fold 2 loss 0.5000  validation fold 2 f1 0.1000  20 s, phase head at most 20 s more",
		"epoch 3  train fold 2 loss 1.0000  validation fold 2 loss 0.5000  validation fold 2 f1 0.3000 (best)  20 s",
	} {
		got := l.line(numbers(i+1, 0.5, []float64{0.2, 0.1, 0.3}[i], " fold 2"), start.Add(time.Duration(20*(i+1))*time.Second))
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	// a run that goes on within a phase knows nothing of the epochs before
	l.start(stage.PhaseRecord{Name: "all", FirstEpoch: 4}, start)
	for i, want := range []string{
		"epoch 14  train loss 1.0000  validation loss 0.5000  2 min, phase all at most 58 min more",
		"epoch 15  train loss 1.0000  validation loss 0.4000  2 min, phase all at most 56 min more",
	} {
		if got := l.line(numbers(14+i, []float64{0.5, 0.4}[i], 0, ""), start.Add(time.Duration(i+1)*2*time.Minute)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestPretrainingLines: epochs of pretraining are told from those of the phases, and what was done
// before is told once.
func TestPretrainingLines(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := epochLines{pretraining: 5}
	of := func(fold string, epochs ...int) (out []stage.Scalar) {
		for _, epoch := range epochs {
			out = append(out, stage.Scalar{Name: pretrain.LossName, Series: "train" + fold, Phase: pretrain.Name, Epoch: epoch, Value: 5 - float64(epoch)})
		}
		return out
	}
	now := func(fold string, epoch int) []stage.Scalar {
		return append(of(fold, epoch), stage.Scalar{Name: "pretraining_seconds", Series: "train" + fold, Phase: pretrain.Name, Epoch: epoch, Value: 20})
	}
	for i, c := range []struct {
		scalars []stage.Scalar
		want    string
	}{
		{of("", 1, 2, 3), "pretraining, epoch 3  loss 2.0000  as was done before"}, {now("", 4), "pretraining, epoch 4  loss 1.0000  20 s, at most 20 s more"},
		{now("", 5), "pretraining, epoch 5  loss 0.0000  20 s"}, {of(" fold 2", 2), "pretraining, epoch 2  loss 3.0000  as was done before"}, {now(" fold 2", 4), "pretraining, epoch 4  loss 1.0000  20 s, at most 20 s more"},
		{[]stage.Scalar{{Name: "neighbours_balanced_accuracy", Phase: pretrain.Name, Epoch: 5, Value: 0.75}}, "pretraining: neighbours balanced accuracy 0.7500"},
	} {
		if got := l.line(c.scalars, start.Add(time.Duration(20*i)*time.Second)); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestMinorFindings: what hardly matters of the data is counted on a terminal, the rest told.
func TestMinorFindings(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c := newConsole(world{err: &out, now: time.Now})
	event := func(level, of, text string) stage.Record { return stage.Event{Level: level, Stage: of, Text: text} }
	err := c.Record(t.Context(), event("warning", "audit", "twice"), event("info", "audit", "gap"), event("info", "audit", "odd"), event("info", "preprocess", "made"))
	const want = "warning: audit: twice\ninfo: preprocess: made\ninfo: audit: findings of no great matter: 2, told by runner audit FILE and in the report\n"
	if err != nil || out.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, out.String(), want)
	}
}
