package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// predictCommand is runner predict.
type predictCommand struct {
	ID   string   `arg:"" name:"run" help:"Finished run: its id, the beginning of one, or latest."`
	Data []string `arg:"" help:"Images and folders of images, or one CSV file with a row for each image, or one experiment file, of which the section data counts."`

	Out     string `short:"o" help:"File to write; standard output when absent." placeholder:"FILE" type:"path"`
	JSON    bool   `help:"Write JSON in place of CSV."`
	Split   string `help:"Of an experiment's data, only the cases of one split." enum:",train,validation,test" default:""`
	Fold    int    `help:"Ask the net of one fold alone; 0 asks all and takes the mean of their probabilities." default:"0"`
	Raw     bool   `help:"Leave the probabilities as the net gives them, also where the run is calibrated."`
	Columns struct {
		Image  string `help:"Column of the image's path in a CSV file." default:"image"`
		ID     string `help:"Column of the case's id, where there is one." default:"id"`
		Group  string `help:"Column of the study or patient, where there is one." default:"group"`
		Series string `help:"Column of the series, where there is one." default:"series"`
		X      string `help:"Column of the labelled point's x, where there is one." default:"x"`
		Y      string `help:"Column of the labelled point's y, where there is one." default:"y"`
	} `embed:"" prefix:"column-"`

	database
	cachePlace
	Runs      string `help:"Folder of checkpoints." default:"runs" type:"path"`
	CacheSize size   `help:"How much the cache may hold; what was unused for longest goes first. 0 for no limit." default:"200GB"`
	Device    string `help:"Where to compute: auto, cpu, cuda, cuda:<index>." default:"auto"`
	Threads   int    `help:"Threads of one tensor operation; 0 leaves it to libtorch." default:"0"`
	Workers   int    `help:"Images decoded at once." default:"${workers}"`
}

// predictor is a finished run that is asked about other images.
type predictor struct {
	record  *results.RunRecord
	e       experiments.Experiment
	classes []string
	folders []string // of checkpoints, one for each net
	numbers []int    // of the folds of these; 0 for the only net
}

// Run asks the nets of a finished run about images, and writes what they say.
func (c predictCommand) Run(ctx context.Context, w world) error {
	p, err := c.open(ctx)
	if err != nil {
		return err
	}
	console := newConsole(w)
	defer console.close()
	env := stage.Env{
		Now: w.now, Recorder: onlyTroubles{console}, Cache: c.Cache, CacheBytes: int64(c.CacheSize),
		Device: c.Device, Workers: max(1, c.Workers), Threads: c.Threads, Seed: p.e.Seed,
	}
	cases, err := c.cases(ctx, env, p)
	if err != nil {
		return err
	}
	items, err := p.predict(ctx, env, cases)
	if err != nil {
		return err
	}
	if err := p.tellMissing(console, cases, items); err != nil {
		return err
	}
	if !c.Raw {
		if items, err = p.calibrated(items); err != nil {
			return err
		}
	}
	if err := p.tellMeasured(console, items); err != nil {
		return err
	}
	return c.write(w, p, items)
}

// onlyTroubles shows progress and warnings alone.
type onlyTroubles struct{ *console }

func (o onlyTroubles) Record(ctx context.Context, records ...stage.Record) error {
	for _, r := range records {
		if e, ok := r.(stage.Event); ok && e.Level != "info" {
			if err := o.console.Record(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// onlyProgress forgets what is recorded.
type onlyProgress struct{ stage.Recorder }

func (onlyProgress) Record(context.Context, ...stage.Record) error { return nil }

// open reads the run, and finds its checkpoints.
func (c predictCommand) open(ctx context.Context) (p predictor, err error) {
	err = c.use(ctx, func(db *results.DB) (err error) {
		p.record, err = db.Load(ctx, c.ID)
		return err
	})
	if err != nil {
		return p, err
	}
	id := p.record.ID
	if p.record.Status != results.Done {
		return p, stage.Fault{Err: fmt.Errorf("run %s is %s", id, p.record.Status), Hint: "predict with a finished run; runner run FILE --resume " + id + " goes on with this one"}
	}
	if p.e, err = experiments.Stored(p.record.Experiment); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(p.record.Fact(evaluate.ClassesFact)), &p.classes); err != nil {
		return p, fmt.Errorf("run %s: its classes: %w", id, err)
	}
	return p, c.findNets(&p, c.folder(p.record))
}

// folder is where the checkpoints are: where --runs says, or else where they were
// stored.
func (c predictCommand) folder(rec *results.RunRecord) string {
	dir := filepath.Join(c.Runs, rec.ID)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	for _, a := range rec.Artefacts {
		if stored := folderOf(rec.ID, a); stored != "" {
			return stored
		}
	}
	return dir
}

// findNets lists the folders of the run's nets.
func (c predictCommand) findNets(p *predictor, dir string) error {
	found, err := filepath.Glob(filepath.Join(dir, "fold-*"))
	if err != nil {
		return err
	}
	for _, folder := range found {
		number, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(folder), "fold-"))
		if err == nil && (c.Fold == 0 || c.Fold == number) {
			p.folders, p.numbers = append(p.folders, folder), append(p.numbers, number)
		}
	}
	if len(p.folders) == 0 && c.Fold != 0 {
		return stage.Fault{Err: fmt.Errorf("run %s has no fold %d in %s", p.record.ID, c.Fold, dir), Hint: "leave --fold out"}
	}
	if len(p.folders) == 0 {
		p.folders, p.numbers = []string{dir}, []int{0}
	}
	return nil
}

// predict makes the images and asks every net about them.
func (p predictor) predict(ctx context.Context, env stage.Env, cases audit.Cases) (all []stage.Prediction, err error) {
	images, err := preprocess.Run(ctx, env, p.e.Preprocess, cases)
	if err != nil {
		return nil, fmt.Errorf("preprocess: %w", err)
	}
	defer func() { err = errors.Join(err, images.Close()) }()
	cfg := p.e.Model
	if cfg.Input, err = cfg.Input.Follow(images.Normalisation()); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	net, err := model.Blank(ctx, env, cfg, images.Shape(), p.e.Train.Outputs(len(p.classes)))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	for i, folder := range p.folders {
		if err := train.Restore(ctx, net, folder); err != nil {
			return nil, err
		}
		items, err := train.Predict(ctx, env, p.e.Train, net, images)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			all = append(all, stage.Fold{Number: p.numbers[i], Of: len(p.folders)}.Prediction(item))
		}
	}
	if len(p.folders) > 1 {
		all = evaluate.Ensemble(all)
	}
	return all, nil
}

// calibrated mends the probabilities as the run's validation split showed.
func (p predictor) calibrated(items []stage.Prediction) ([]stage.Prediction, error) {
	text := p.record.Fact(evaluate.MendFact)
	if text == "" {
		return items, nil
	}
	mend, err := evaluate.ReadMend(text)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(items)
	for i, item := range items {
		out[i].Probabilities = mend.Probabilities(item.Probabilities)
	}
	return out, nil
}

// tellMissing says what has no prediction.
func (p predictor) tellMissing(console *console, cases audit.Cases, items []stage.Prediction) error {
	for _, d := range cases.Dropped {
		console.say("warning: left out: %s: %d, such as %s", d.Rule, len(d.IDs), d.IDs[0])
	}
	if len(items) < len(cases.Cases) {
		console.say("warning: %d of %d images could not be used and have no prediction", len(cases.Cases)-len(items), len(cases.Cases))
	}
	if len(items) == 0 {
		return errors.New("nothing could be predicted")
	}
	return nil
}

// tellMeasured says how good the predictions are, where the labels are known.
func (p predictor) tellMeasured(console *console, items []stage.Prediction) error {
	if slices.ContainsFunc(items, func(item stage.Prediction) bool { return item.Label < 0 }) {
		return nil
	}
	scalars, err := evaluate.Measure(p.e.Evaluate, p.classes)(items)
	if err != nil {
		return err
	}
	console.say("measured over %d cases:", len(items))
	for _, s := range scalars {
		console.say("  %-24s %.4f", s.Name, s.Value)
	}
	return nil
}

// write writes the predictions to standard output or to a file, as a whole.
func (c predictCommand) write(w world, p predictor, items []stage.Prediction) (err error) {
	if c.Out == "" {
		return c.format(w.out, p, items)
	}
	f, err := os.CreateTemp(filepath.Dir(c.Out), ".predict-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := errors.Join(c.format(f, p, items), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.Out); err != nil {
		return err
	}
	fmt.Fprintf(w.err, "%d predictions of run %s in %s\n", len(items), p.record.ID, c.Out)
	return nil
}
