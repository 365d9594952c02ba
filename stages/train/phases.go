package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// runPhase trains one phase and leaves the net with the weights it keeps.
func (t *trainer) runPhase(ctx context.Context) (err error) {
	note, err := t.beginPhase(ctx)
	if err != nil {
		return fmt.Errorf("phase %s: %w", t.phase.Name, err)
	}
	defer func() { err = errors.Join(err, t.closeAverages(), t.dropFeatures(), t.closeGraph()) }()
	note.Ended, err = t.runEpochs(ctx)
	note.Groups, note.Trainable = t.phaseRecord().Groups, t.phaseRecord().Trainable
	note.LastEpoch, note.BestEpoch = t.epoch, t.best.epoch
	if err != nil {
		return t.interrupted(ctx, note, err)
	}
	if err := t.recordLeftOut(ctx); err != nil {
		return err
	}
	if t.enough && t.best.tensors == nil { // the phase has just begun, with the weights of the one before
		return t.env.Recorder.Record(ctx, note)
	}
	if err := t.restore(ctx); err != nil {
		return err
	}
	return t.env.Recorder.Record(ctx, note)
}

// interrupted notes why the phase did not end. After a cancellation, which comes
// between two steps, it stores the state; after a failure the state of the last
// checkpoint stays, since the step that failed may have left half a change.
func (t *trainer) interrupted(ctx context.Context, note stage.PhaseRecord, cause error) error {
	note.Ended = "stopped: " + firstLine(cause)
	stopped := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx)
	if stopped {
		note.Ended = "interrupted"
		cause = errors.Join(cause, t.save(ctx, "last"))
	}
	return errors.Join(cause, t.env.Recorder.Record(ctx, note), t.artefacts(ctx))
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// runEpochs runs until the phase is done, and says why it ended.
func (t *trainer) runEpochs(ctx context.Context) (ended string, err error) {
	for t.state.ended(t.phase) == "" {
		if err := t.betweenEpochs(ctx); err != nil || t.enough {
			return "had enough epochs", err
		}
		t.epoch = t.state.Before + len(t.state.Values) + 1
		if err := t.unfreeze(ctx); err != nil {
			return "", err
		}
		if err := t.runEpoch(ctx); err != nil {
			return "", err
		}
	}
	return t.state.ended(t.phase), nil
}

// betweenEpochs asks whoever looks after the training whether it goes on.
func (t *trainer) betweenEpochs(ctx context.Context) error {
	if t.env.BetweenEpochs == nil {
		return nil
	}
	err := t.env.BetweenEpochs(ctx, t.state.Before+len(t.state.Values))
	if errors.Is(err, stage.ErrEnough) {
		t.enough, err = true, nil
	}
	return err
}

// waited counts the epochs since the monitored number was last better.
func (s Stop) waited(h History) int {
	best, wait := h.Values[0], 0
	for _, v := range h.Values[1:] {
		if better(h.Better, v, best, s.MinDelta) {
			best, wait = v, 0
		} else {
			wait++
		}
	}
	return wait
}

// runEpoch trains once through the data, measures, records and keeps weights.
// What it records is on the disk before the checkpoint is: a run that is killed
// in between does the epoch again, and records the same.
func (t *trainer) runEpoch(ctx context.Context) error {
	if err := t.ownWeights(); err != nil {
		return err
	}
	scalars, err := t.trainEpoch(ctx, t.state.history(t.phase))
	if err != nil {
		return err
	}
	start := t.env.Now()
	if err := t.otherWeights(ctx); err != nil {
		return fmt.Errorf("phase %s, epoch %d: %w", t.phase.Name, t.epoch, err)
	}
	more, err := t.validate(ctx)
	if err != nil {
		return err
	}
	t.watch.validation = t.env.Now().Sub(start)
	spent, err := t.spent(ctx)
	if err != nil {
		return err
	}
	scalars = slices.Concat(scalars, more, t.costs(), spent, t.scalings())
	value, direction, err := monitored(t.monitor(), scalars)
	if err != nil {
		return err
	}
	if err := t.record(ctx, scalars); err != nil {
		return err
	}
	t.state.Better = direction
	t.state.nextEpoch(value)
	if err := t.compareNumerics(ctx); err != nil {
		return err
	}
	return t.keep(ctx, value, direction)
}

func (t *trainer) schedule() Schedule { return t.phase.Schedule.Part }

func (t *trainer) monitor() string { return t.cfg.monitorOf(t.phase) }

func (c Config) monitorOf(p Phase) string {
	if p.Monitor != "" {
		return p.Monitor
	}
	return c.Monitor
}

// canMonitor refuses a number of the validation split where that is empty, before an
// epoch is trained in vain.
func (t *trainer) canMonitor() error {
	if len(indices(t.images, stage.Validation)) > 0 {
		return nil
	}
	for _, p := range t.cfg.Phases {
		if monitor := t.cfg.monitorOf(p); strings.HasPrefix(monitor, string(stage.Validation)+".") {
			return stage.Fault{
				Err:  fmt.Errorf("phase %s monitors %s, and there is no case of validation", p.Name, monitor),
				Hint: "give data.split some validation, or set train.monitor to train.loss",
			}
		}
	}
	return nil
}

func (t *trainer) costs() []stage.Scalar {
	images, seconds := float64(t.state.Images), float64(t.state.Seconds)
	return append(append(t.rates(), t.work.achieved(images*float64(t.cfg.Passes(t.phase))/max(seconds, 1e-9))...),
		stage.Scalar{Name: "epoch_seconds", Title: "Time of one epoch of training", Series: "train", Value: seconds, Unit: "s", Better: stage.LowerBetter},
		stage.Scalar{Name: "images_per_second", Title: "Training throughput", Series: "train", Value: images / max(seconds, 1e-9), Unit: "images/s", Better: stage.HigherBetter})
}

func (t *trainer) record(ctx context.Context, scalars []stage.Scalar) error {
	records := make([]stage.Record, len(scalars))
	for i, s := range scalars {
		s.Phase, s.Epoch, s.Step = t.phase.Name, t.epoch, t.step
		records[i] = s
	}
	return t.env.Recorder.Record(ctx, records...)
}
