package locate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"vertebra/stages/arrangement"
	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Run trains a net that finds the points of the training cases, and measures it on those of
// validation and test, where it looks for them as if nobody had marked any. Weights and Locator
// lie in the folder locate of the run. A run that goes on trains on from where it was.
func Run(ctx context.Context, env stage.Env, cfg Config, compute model.Compute, cases audit.Cases) error {
	r, err := newRun(env, cfg, compute, cases)
	if err != nil {
		return err
	}
	_, done, err := Read(r.env.RunDir)
	if err != nil || !done || !env.Resume {
		if err := r.train(ctx); err != nil {
			return err
		}
	}
	return r.measure(ctx)
}

// run is a training of a net that finds points.
type run struct {
	env     stage.Env // where the net is trained
	to      stage.Recorder
	cfg     Config
	compute model.Compute
	cases   audit.Cases
	scans   []scan
	names   []string
	ruler   ruler
	locator Locator
	looked  map[string]bool // images that are seen in training
}

func newRun(env stage.Env, cfg Config, compute model.Compute, cases audit.Cases) (*run, error) {
	scans, err := cfg.scans(cases)
	if err != nil {
		return nil, err
	}
	ruler, err := newRuler(newResized(cases, cfg.Pixels), scans)
	if err != nil {
		return nil, err
	}
	r := &run{env: env, to: env.Recorder, cfg: cfg, compute: compute, cases: cases, scans: scans, names: names(scans), ruler: ruler}
	r.env.RunDir, r.env.Seed, r.env.BetweenEpochs = Folder(env.RunDir), stage.Hash(env.Seed, Name), nil
	r.env.Recorder = quiet{env.Recorder}
	r.locator = Locator{r.arrangement()}
	return r, os.MkdirAll(r.env.RunDir, 0o755)
}

// Folder is where a run keeps the net that finds points.
func Folder(runDir string) string { return filepath.Join(runDir, Name) }

// train leaves the weights, and then the Locator, by which it is known that they are there.
func (r *run) train(ctx context.Context) (err error) {
	images, err := preprocess.Run(ctx, r.env, r.cfg.steps(), asked(r.cases, r.names, r.scans, func(s scan) []string { return s.shown(r.cfg.Elsewhere) }))
	if err != nil {
		return fmt.Errorf("preprocess: %w", err)
	}
	defer func() { err = errors.Join(err, images.Close()) }()
	if err := r.ruler.sizes.place(images); err != nil {
		return err
	}
	r.looked = imagesOf(images)
	net, err := model.Build(ctx, r.env, r.cfg.Model(), images.Shape(), r.cfg.task(images.Questions()))
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	monitor := "train.loss"
	if slices.ContainsFunc(images.Cases, func(c stage.Case) bool { return c.Split == stage.Validation }) {
		monitor = "validation." + distanceName
	}
	if _, err = train.Run(ctx, r.env, r.cfg.training(r.compute, monitor), net, images, r.cfg.Augment, r.validate); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return r.locator.Write(r.env.RunDir)
}

// arrangement learns how the points of training patients lie.
func (r *run) arrangement() arrangement.Arrangement {
	bodies := map[string][]*arrangement.Place{}
	var order []string
	for _, s := range r.scans {
		if s.split != stage.Train {
			continue
		}
		if bodies[s.body] == nil {
			bodies[s.body], order = make([]*arrangement.Place, len(r.names)), append(order, s.body)
		}
		for name, at := range s.spots {
			g, _ := r.ruler.sizes.of(at.image) // newRuler has seen it
			bodies[s.body][slices.Index(r.names, name)] = s.placeOf(g, at.point)
		}
	}
	var studies [][]*arrangement.Place
	for _, body := range order {
		studies = append(studies, bodies[body])
	}
	return arrangement.Fit(r.names, studies)
}

// validate measures the net after an epoch, as Find would with the labelled series alone.
func (r *run) validate(said []stage.Prediction) ([]stage.Scalar, error) {
	seen, err := sightings(r.ruler.sizes, r.scans, said)
	if err != nil {
		return nil, err
	}
	wanted, truth := r.labelled(stage.Validation)
	wanted = readable(wanted, truth, r.looked)
	all, err := r.compare(wanted, r.finder().choose(r.cases, wanted, seen), truth)
	return r.misses(all).scalars(r.ruler.unit()), err
}

func (r *run) finder() Finder {
	return Finder{Locator: r.locator, Config: r.cfg, Compute: r.compute, Weights: train.Folder(r.env.RunDir)}
}

// silent is the world of work that nobody need know of.
func (r *run) silent() stage.Env {
	env := r.env
	env.Recorder = stage.Discard
	return env
}
