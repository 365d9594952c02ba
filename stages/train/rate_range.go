package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"vertebra/stages/augment"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// RateRange is a range test of learning rates (Smith 2017, Cyclical Learning Rates for
// Training Neural Networks, section 3.3): a phase is trained for some steps while its rate
// rises from Low to High, evenly on a logarithmic scale, and the loss tells which rates
// train it.
type RateRange struct {
	Phase     int // number of the phase, from 0
	Low, High float64
	Steps     int
}

// RateStep is a step of the test: its rate, the loss of its batch, and the mean of the
// losses so far, in which each weighs 0.98 of the next one, as fastai's AvgSmoothLoss.
type RateStep struct{ Rate, Loss, Smooth float64 }

const (
	smoothness = 0.98
	diverged   = 4 // times the best mean: fastai ends there, too
)

// belowZero is a Loss that is a logarithm: only its differences mean something.
type belowZero interface{ BelowZero() bool }

// room is how far above its best mean a loss may rise: three times as much, or of a
// logarithm, whose best may be about 0 or below, at least 3: a factor of 20.
func (c Config) room(best float64) float64 {
	if l, ok := c.innermost().(belowZero); ok && l.BelowZero() {
		best = max(1, math.Abs(best))
	}
	return (diverged - 1) * best
}

// Run trains the net, whose weights are of no use afterwards, until the rate is High, or
// the loss has grown far beyond its best or is no number any more.
func (r RateRange) Run(ctx context.Context, env stage.Env, cfg Config, net *model.Net, images *preprocess.Images, recipe augment.Config) ([]RateStep, error) {
	t := &trainer{env: env, cfg: cfg, augment: recipe, net: net, images: images, began: env.Now()}
	t.index, t.phase = r.Phase, cfg.Phases[r.Phase]
	t.phase.Schedule = registry.One[Schedule]{Name: "range test", Part: r.rising(cfg.RateOf(t.phase))}
	found, err := t.rateSteps(ctx, r)
	return found, errors.Join(err, t.close())
}

// rising is the schedule of the test. Parameters with an optimizer of their own keep their
// share of the phase's rate.
type rising struct {
	RateRange
	base float64
}

func (r RateRange) rising(base float64) rising { return rising{r, base} }

func (r rising) Rate(base float64, h History) float64 {
	share := float64(h.Step-1) / float64(max(1, r.Steps-1))
	return base / r.base * r.Low * math.Pow(r.High/r.Low, share)
}

func (t *trainer) rateSteps(ctx context.Context, r RateRange) (steps []RateStep, err error) {
	if err := t.prepare(ctx); err != nil {
		return nil, err
	}
	if _, err := t.beginPhase(ctx); err != nil {
		return nil, fmt.Errorf("phase %s: %w", t.phase.Name, err)
	}
	defer func() { err = errors.Join(err, t.closeAverages(), t.dropFeatures(), t.closeGraph()) }()
	for more := true; more && len(steps) < r.Steps; {
		t.epoch++
		if steps, more, err = t.rateEpoch(ctx, r, steps); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// rateEpoch goes through the data once, or as far as the test goes; more says whether it
// goes on.
func (t *trainer) rateEpoch(ctx context.Context, r RateRange, steps []RateStep) (_ []RateStep, more bool, err error) {
	order := t.order()
	all, times := batches(order, t.cfg.BatchSize(), t.leastBatch()), repeats(order)
	if err := t.useFeatures(ctx); err != nil {
		return nil, false, err
	}
	t.feed.begin(all)
	sum, free, err := t.newTally(ctx)
	if err != nil {
		return nil, false, err
	}
	defer free()
	t.watch.startEpoch(t.env.Now, len(all))
	for i, items := range all {
		if cause := context.Cause(ctx); cause != nil || len(steps) == r.Steps {
			return steps, false, cause
		}
		before := *sum
		h := History{Epoch: t.epoch, Epochs: t.phase.Epochs, Step: len(steps) + 1, StepsPerEpoch: len(all)}
		err := t.takeStep(ctx, h, t.batch(items, times[i*t.cfg.BatchSize():]), sum)
		if failure := (stage.Failure{}); errors.As(err, &failure) && failure.What == stage.NotANumber && len(steps) > 0 {
			return steps, false, nil
		}
		if err != nil {
			return nil, false, fmt.Errorf("step %d, at rate %.3g: %w", len(steps)+1, t.rate, err)
		}
		loss := (sum.loss - before.loss) / float64(sum.answers-before.answers)
		if steps = append(steps, next(steps, t.rate, loss)); t.cfg.tooFar(steps) {
			return steps, false, nil
		}
		t.env.Recorder.Progress(stage.Progress{Stage: "find-rate", Label: t.phase.Name, Done: len(steps), Total: r.Steps, Unit: "steps", Note: fmt.Sprintf("rate %.2g, loss %.4f", t.rate, loss)})
	}
	return steps, true, nil
}

// next is a step with the mean of the losses so far.
func next(steps []RateStep, rate, loss float64) RateStep {
	n := float64(len(steps))
	sum := 0.0 // the mean before, less the correction for its beginning at 0
	if len(steps) > 0 {
		sum = steps[len(steps)-1].Smooth * (1 - math.Pow(smoothness, n))
	}
	return RateStep{rate, loss, (smoothness*sum + (1-smoothness)*loss) / (1 - math.Pow(smoothness, n+1))}
}

// tooFar says whether the loss has left its best far behind.
func (c Config) tooFar(steps []RateStep) bool {
	best := math.Inf(1)
	for _, s := range steps {
		best = min(best, s.Smooth)
	}
	return steps[len(steps)-1].Smooth > best+c.room(best)
}
