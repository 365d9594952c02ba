package train

import (
	"context"
	"errors"
	"fmt"
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
	env     stage.Env
	cfg     Config
	augment augment.Config
	net     *model.Net
	images  *preprocess.Images
	measure Measure

	// What a step is given.
	feed     feed
	features *featureFeed // takes the place of feed while layers stay as they are
	pixels   feed         // the images meanwhile
	noRoom   bool         // for features
	sampler  Sampler
	soft     Softened // of the training cases; none where labels are hard
	kinds    []kind   // of questions: one, unless targets have classes of their own
	sides    augment.Sides
	channels []int  // see augment.Batch
	hidden   string // a covariate that is not known now; "" none

	// What a step changes the net with.
	optimizer *torch.Optimizer
	averages  *torch.EMA // nil: none
	scaler    *scaler    // nil: the loss is not scaled
	scales    bool       // the loss in every precision; to float32 that makes no difference
	graphs    graphs

	// Where the training is.
	state  state
	phase  Phase
	index  int     // of the phase
	epoch  int     // of the run, from 1
	step   int     // of the run
	rate   float64 // of the last step
	best   mark
	enough bool // see stage.ErrEnough

	// What it takes.
	watch stopwatch
	work  work
	began time.Time // zero after the first step of this process

	loaded *safetensors.File // the checkpoint to go on from, until its phase begins
	saved  time.Time         // when the state was stored last
	data   string            // fingerprint
}

// Run trains the phases one after the other. When ctx is cancelled it stops
// between two batches, stores the last weights and gives ctx's error back.
func Run(ctx context.Context, env stage.Env, cfg Config, net *model.Net, images *preprocess.Images, recipe augment.Config, measure Measure) (Trained, error) {
	t := &trainer{env: env, cfg: cfg, augment: recipe, net: net, images: images, measure: measure, began: env.Now()}
	return t.run(ctx)
}

func (t *trainer) run(ctx context.Context) (out Trained, err error) {
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.prepare(ctx); err != nil {
		return Trained{}, err
	}
	for i := t.state.Phase; i < len(t.cfg.Phases) && !t.enough; i++ {
		t.index, t.phase = i, t.cfg.Phases[i]
		if err := t.runPhase(ctx); err != nil {
			return Trained{}, err
		}
	}
	out.BestEpoch = t.best.epoch
	if err := t.saveFinal(ctx); err != nil {
		return Trained{}, err
	}
	if out.Predictions, err = t.finalPredictions(ctx); err != nil {
		return Trained{}, err
	}
	if err := t.recordHidden(ctx, out.Predictions); err != nil {
		return Trained{}, err
	}
	return out, errors.Join(t.dropResumeState(ctx, len(out.Predictions)), t.artefacts(ctx))
}

// prepare refuses what cannot work, opens what brings images to the device, and
// reads the checkpoint to go on from.
func (t *trainer) prepare(ctx context.Context) (err error) {
	if len(indices(t.images, stage.Train)) == 0 {
		return errors.New("there is no training case left; see the drops in the audit")
	}
	if problems := t.cfg.Fits(t.images.Questions()); len(problems) > 0 {
		return fmt.Errorf("%s: %s", problems[0].Path, problems[0].Text)
	}
	if err := t.canMonitor(); err != nil {
		return err
	}
	if err := t.net.Compute(ctx, t.env, t.cfg.Compute); err != nil {
		return err
	}
	if t.cfg.Compute.Recompute {
		if err := t.net.PrepareRecompute(ctx, t.env, t.images.Shape()); err != nil {
			return err
		}
	}
	if t.feed, err = openFeed(ctx, t.env, t.net, t.images, t.cfg.BatchSize()); err != nil {
		return err
	}
	if err := t.findSides(); err != nil {
		return err
	}
	if err := t.readSoftLabels(ctx); err != nil {
		return err
	}
	t.kinds = kindsOf(t.images)
	t.sampler = caseSampler(t.cfg.Balance, t.images.Cases, t.images.Questions(), t.env.Seed)
	if len(t.sampler.Epoch(1)) == 0 {
		return stage.Fault{Err: errors.New("an epoch shows no case"), Hint: "set train.balance.repeat of a class that has cases to 1 or more"}
	}
	if err := t.net.Standardise(ctx, t.tagsOf(indices(t.images, stage.Train))); err != nil {
		return err
	}
	t.data, t.saved = t.fingerprint(), t.env.Now()
	if err := t.openCheckpoint(); err != nil {
		return err
	}
	return t.openScaler(ctx)
}

func (t *trainer) close() error {
	err := errors.Join(t.closeGraph(), t.dropFeatures(), t.closeOptimizer(), t.closeScaler())
	if t.feed != nil {
		err = errors.Join(err, t.feed.close())
	}
	return err
}

func record(ctx context.Context, env stage.Env, predictions []stage.Prediction) error {
	records := make([]stage.Record, len(predictions))
	for i, p := range predictions {
		records[i] = p
	}
	return env.Recorder.Record(ctx, records...)
}
