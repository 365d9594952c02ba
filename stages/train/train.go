package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"vertebra/stages/augment"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Measure turns predictions of one split into named numbers.
type Measure func([]stage.Prediction) ([]stage.Scalar, error)

// Trained is what training leaves for evaluation.
type Trained struct {
	// Predictions are those of validation and test, made with the weights that
	// the last phase kept.
	Predictions []stage.Prediction
	// BestEpoch is the epoch of those weights, counted through all phases.
	BestEpoch int
}

// trainer is a training under way.
type trainer struct {
	env       stage.Env
	cfg       Config
	augment   augment.Config
	net       *model.Net
	images    *preprocess.Images
	feed      feed
	measure   Measure
	sampler   Sampler
	counts    []int // training cases of each class
	optimizer *torch.Optimizer
	averages  *torch.EMA // nil: none
	mirror    []int      // see augment.Mirror

	phase Phase
	index int     // of the phase
	epoch int     // of the run, from 1
	step  int     // of the run
	rate  float64 // of the last step
	best  mark

	at     state
	loaded *safetensors.File // the checkpoint to go on from, until its phase begins
	saved  time.Time         // when the state was stored last
	data   string            // fingerprint
}

// mark is the best epoch of a phase, with its weights kept on the host.
type mark struct {
	epoch   int
	value   float64
	tensors map[string]safetensors.Tensor
}

// Run trains the phases one after the other. When ctx is cancelled it stops
// between two batches, stores the last weights and gives ctx's error back.
func Run(ctx context.Context, env stage.Env, cfg Config, net *model.Net, images *preprocess.Images, recipe augment.Config, measure Measure) (out Trained, err error) {
	t := &trainer{env: env, cfg: cfg, augment: recipe, net: net, images: images, measure: measure}
	if len(indices(images, stage.Train)) == 0 {
		return Trained{}, errors.New("there is no training case left; see the drops in the audit")
	}
	if problems := cfg.Fits(images.Classes); len(problems) > 0 {
		return Trained{}, fmt.Errorf("%s: %s", problems[0].Path, problems[0].Text)
	}
	if err := net.Compute(ctx, env, cfg.Compute); err != nil {
		return Trained{}, err
	}
	if t.feed, err = openFeed(ctx, env, net, images, cfg.Batch); err != nil {
		return Trained{}, err
	}
	defer func() { err = errors.Join(err, t.feed.close()) }()
	if err := t.takeSides(); err != nil {
		return Trained{}, err
	}
	t.counts = classCounts(images)
	t.sampler = NewSampler(cfg.Balance, indices(images, stage.Train), func(i int) int { return images.Cases[i].Label }, images.Classes, env.Seed)
	t.data, t.saved = dataFingerprint(images), env.Now()
	if err := t.open(); err != nil {
		return Trained{}, err
	}
	for i := t.at.Phase; i < len(cfg.Phases); i++ {
		t.index, t.phase = i, cfg.Phases[i]
		if err := t.runPhase(ctx); err != nil {
			return Trained{}, err
		}
	}
	if err := t.artefacts(ctx); err != nil {
		return Trained{}, err
	}
	out.BestEpoch = t.best.epoch
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		predictions, err := t.predict(ctx, split)
		if err != nil {
			return Trained{}, err
		}
		out.Predictions = append(out.Predictions, predictions...)
	}
	return out, record(ctx, env, out.Predictions)
}

func record(ctx context.Context, env stage.Env, predictions []stage.Prediction) error {
	records := make([]stage.Record, len(predictions))
	for i, p := range predictions {
		records[i] = p
	}
	return env.Recorder.Record(ctx, records...)
}

// runPhase trains one phase and leaves the net with the weights it keeps.
func (t *trainer) runPhase(ctx context.Context) (err error) {
	note, err := t.beginPhase(ctx)
	if err != nil {
		return fmt.Errorf("phase %s: %w", t.phase.Name, err)
	}
	defer func() { err = errors.Join(err, t.optimizer.Close(), t.closeAverages()) }()
	note.Ended, err = t.epochs(ctx)
	note.LastEpoch, note.BestEpoch = t.epoch, t.best.epoch
	if err != nil {
		return t.interrupted(ctx, note, err)
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

func (t *trainer) beginPhase(ctx context.Context) (stage.PhaseRecord, error) {
	if t.loaded == nil {
		t.at, t.best = state{Phase: t.index, Before: t.epoch}, mark{}
	}
	note := stage.PhaseRecord{Name: t.phase.Name, Index: t.index, Groups: t.phase.Train, FirstEpoch: t.at.Before + 1}
	err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		t.optimizer = torch.NewOptimizer(s, t.cfg.Optimizer.Part.Rule())
		t.net.Store.Train(s, t.selected)
		t.startAverages(s)
		if t.loaded != nil {
			return t.load(s)
		}
		return s.Err()
	})
	for _, p := range t.net.Store.Parameters {
		if !p.Buffer {
			note.Total += p.Elements()
		}
		if p.Trainable {
			note.Trainable += p.Elements()
		}
	}
	if err == nil && note.Trainable == 0 {
		err = fmt.Errorf("train %v selects no parameter; there are the groups %s", t.phase.Train, strings.Join(t.net.Groups, ", "))
	}
	if err != nil {
		return note, err
	}
	return note, t.env.Recorder.Record(ctx, note)
}

func (t *trainer) selected(name string) bool {
	for _, group := range t.phase.Train {
		if model.Selects(group, name) {
			return true
		}
	}
	return false
}

// epochs runs until the phase is done, and says why it ended.
func (t *trainer) epochs(ctx context.Context) (ended string, err error) {
	for t.at.ended(t.phase) == "" {
		t.epoch = t.at.Before + len(t.at.Values) + 1
		if err := t.oneEpoch(ctx); err != nil {
			return "", err
		}
	}
	return t.at.ended(t.phase), nil
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

// oneEpoch trains once through the data, measures, records and keeps weights.
// What it records is on the disk before the checkpoint is: a run that is killed
// in between does the epoch again, and records the same.
func (t *trainer) oneEpoch(ctx context.Context) error {
	scalars, err := t.fit(ctx, t.at.history(t.phase))
	if err != nil {
		return err
	}
	more, err := t.validate(ctx)
	if err != nil {
		return err
	}
	scalars = append(append(scalars, more...), t.costs()...)
	value, direction, err := monitored(t.cfg.Monitor, scalars)
	if err != nil {
		return err
	}
	if err := t.record(ctx, scalars); err != nil {
		return err
	}
	t.at.Better = direction
	t.at.nextEpoch(value)
	return t.keep(ctx, value, direction)
}

func (t *trainer) schedule() Schedule { return t.phase.Schedule.Part }

func (t *trainer) baseRate() float64 {
	if t.phase.Rate != nil {
		return *t.phase.Rate
	}
	rate, _ := t.cfg.Optimizer.Part.Settings()
	return rate
}

func (t *trainer) costs() []stage.Scalar {
	images, seconds := float64(t.at.Images), float64(t.at.Seconds)
	return []stage.Scalar{
		{Name: "learning_rate", Title: "Learning rate", Series: "all trained groups", Value: t.rate},
		{Name: "epoch_seconds", Title: "Time of one epoch of training", Series: "train", Value: seconds, Unit: "s", Better: stage.LowerBetter},
		{Name: "images_per_second", Title: "Training throughput", Series: "train", Value: images / max(seconds, 1e-9), Unit: "images/s", Better: stage.HigherBetter},
	}
}

func (t *trainer) record(ctx context.Context, scalars []stage.Scalar) error {
	records := make([]stage.Record, len(scalars))
	for i, s := range scalars {
		s.Phase, s.Epoch, s.Step = t.phase.Name, t.epoch, t.step
		records[i] = s
	}
	return t.env.Recorder.Record(ctx, records...)
}

// keep remembers the best weights, and stores both checkpoints. The best are
// strictly better: of equals the first stays.
func (t *trainer) keep(ctx context.Context, value float64, d stage.Direction) error {
	if t.best.tensors == nil || better(d, value, t.best.value, 0) {
		t.best = mark{epoch: t.epoch, value: value}
		if err := t.averaged(ctx, func() error { return t.keepBest(ctx) }); err != nil {
			return err
		}
	}
	return t.save(ctx, "last")
}

func (t *trainer) keepBest(ctx context.Context) error {
	err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		t.best.tensors = t.net.Tensors(s)
		return s.Err()
	})
	if err != nil {
		return err
	}
	return t.save(ctx, "best")
}

// restore leaves the net with the weights that the phase hands on: the next
// phase's from, or this one's keep where it is the last.
func (t *trainer) restore(ctx context.Context) error {
	which := t.phase.Keep
	if t.index+1 < len(t.cfg.Phases) {
		which = t.cfg.Phases[t.index+1].From
	}
	if which != "best" || t.best.epoch == t.epoch {
		return t.swap(ctx) // for good: the averages end with the phase
	}
	return t.net.Engine().Do(ctx, func(s *torch.Scope) error { return t.net.Load(s, t.best.tensors) })
}

// monitored finds the number that monitor names: <series>.<name>.
func monitored(monitor string, scalars []stage.Scalar) (float64, stage.Direction, error) {
	series, name, _ := strings.Cut(monitor, ".")
	var have []string
	for _, s := range scalars {
		if s.Series == series && s.Name == name {
			if math.IsNaN(s.Value) {
				return 0, s.Better, fmt.Errorf("monitor: %s is not a number in this split", monitor)
			}
			return s.Value, s.Better, nil
		}
		have = append(have, s.Series+"."+s.Name)
	}
	return 0, "", fmt.Errorf("monitor: there is no %s; have %s", monitor, strings.Join(have, ", "))
}
