package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"vertebra/experiments"
	"vertebra/reports"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// runCommand is runner run.
type runCommand struct {
	File   string   `arg:"" help:"Experiment file." type:"existingfile"`
	Set    []string `help:"Change a setting: path=value, such as train.batch=16." sep:"none" placeholder:"PATH=VALUE"`
	Again  bool     `help:"Run it also when the same experiment is done already, with the same data, program, libtorch and device."`
	Resume string   `help:"Go on with an interrupted run of the same experiment: its id, or latest." placeholder:"RUN"`
	places
	pretrainedFlags
	Device  string `help:"Where to compute: auto, cpu, cuda, cuda:<index>." default:"auto"`
	Threads int    `help:"Threads of one tensor operation; 0 leaves it to libtorch." default:"0"`
	Workers int    `help:"Images decoded at once." default:"${workers}"`
}

// places are where things are kept.
type places struct {
	DB      string `help:"Database of results." default:"results.db" type:"path"`
	Runs    string `help:"Folder of checkpoints, one folder for each run." default:"runs" type:"path"`
	Cache   string `help:"Folder of preprocessed images." default:".cache" type:"path"`
	Reports string `help:"Folder of HTML reports." default:"reports/out" type:"path"`

	CacheSize size `help:"How much the cache may hold; what was unused for longest goes first. 0 for no limit." default:"200GB"`
}

// Run loads the file, opens the database, and stores how the run ended. What is wrong with
// file, data or device is told before anything is stored; a run that was done before is shown.
func (c runCommand) Run(ctx context.Context, w world) (err error) {
	outliveReaders()
	e, warnings, err := experiments.Load(c.File, c.Set)
	w.warn(warnings)
	if err != nil {
		return err
	}
	e.Sweep = nil // runner sweep is for that; this is one run
	db, err := results.Open(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.WaitLong(ctx, lockPatience, w.tell)
	id := c.identify(ctx, w, e)
	if err := cmp.Or(id.mistake, id.device); err != nil {
		return err
	}
	if done, err := c.doneBefore(ctx, w, db, e, id); done || err != nil {
		return err
	}
	if err := c.mayWrite(); err != nil {
		return err
	}
	r, before, err := c.begin(ctx, w, db, e, id)
	if err != nil {
		return err
	}
	known := c.tellWeightsKnow(ctx, db, e, id)
	failure := c.carryOut(ctx, w, e, r, before, known)
	stored := c.finish(context.WithoutCancel(ctx), w, db, r, failure)
	if errors.Is(failure, context.Canceled) {
		failure = resumable{failure, "the same command with --resume " + r.ID() + " goes on from there"}
	} else if stage.KindOf(failure) == stage.Machine {
		failure = fmt.Errorf("%w; then the same command with --resume %s goes on", failure, r.ID())
	}
	return errors.Join(failure, stored)
}

// lockPatience is how long what computes for hours waits for another program that has the
// results locked: a backup, a copy over a slow line.
const lockPatience = 10 * time.Minute

// tell is for what people are to know while they wait.
func (w world) tell(text string) { fmt.Fprintln(w.err, text) }

// carryOut runs the experiment. What it tells goes into the database, to the console and
// into the file of progress; known is what to warn of, if anything.
func (c runCommand) carryOut(ctx context.Context, w world, e experiments.Experiment, r *results.Run, before earlier, known string) error {
	console := newConsole(w)
	console.epochs.of(e)
	defer console.close()
	console.say("run %s", r.ID())
	progress := newProgressFile(filepath.Join(c.Runs, r.ID()), time.Second)
	env := c.env(w, e, r.ID())
	env.Recorder = stage.Tee{r, console, progress}
	if known != "" {
		if err := env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "model", Text: known}); err != nil {
			return errors.Join(err, progress.close())
		}
	}
	failure := experiments.Place(run(ctx, e, env, before), c.File, c.Set)
	return plain(errors.Join(failure, progress.close()))
}

// mayWrite makes the folders that a run will need after its first epoch, after hours of
// preprocessing, and at its end, and tries them.
func (c places) mayWrite() error {
	for _, folder := range []string{c.Runs, c.Cache, c.Reports} {
		err := tryFolder(folder)
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			at.Path = folder
		}
		if err != nil {
			return plain(fmt.Errorf("nothing was run: %w", err))
		}
	}
	return nil
}

func tryFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	f, err := stage.CreateTemp(folder, ".writable-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func (c runCommand) env(w world, e experiments.Experiment, id string) stage.Env {
	return stage.Env{
		Now: w.now, Cache: c.Cache, CacheBytes: int64(c.CacheSize), RunDir: filepath.Join(c.Runs, id),
		Device: c.Device, Workers: max(1, c.Workers), Threads: c.Threads, Seed: e.Seed, Resume: c.Resume != "",
		Pretrained: c.Pretrained, PretrainedURL: c.PretrainedURL,
	}
}

// run is the main path: an experiment is these calls. A run that goes on has left
// something before.
func run(ctx context.Context, e experiments.Experiment, env stage.Env, before earlier) (err error) {
	if err := fetchWeights(ctx, env, e); err != nil {
		return err
	}
	cases, images, err := prepare(ctx, env, e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, images.Close()) }()
	if e.Model.Input, err = e.Model.Input.Follow(images.Normalisation()); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	material, err := gather(ctx, env, e, cases, images)
	if err != nil {
		return fmt.Errorf("pretrain: %w", err)
	}
	predictions, err := training{env, e, images, cases.FoldsToRun(), material}.run(ctx, before)
	if err := errors.Join(err, material.Close()); err != nil {
		return err
	}
	if err := evaluate.Run(ctx, env, e.Measures(), cases.Classes, images.Cases, predictions); err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	if err := findPoints(ctx, env, e, cases, images.Cases); err != nil {
		return fmt.Errorf("locate: %w", err)
	}
	return nil
}

// prepare audits the data and makes the images, in one pass over the pixels: the audit
// looks at what preprocessing decodes.
func prepare(ctx context.Context, env stage.Env, e experiments.Experiment) (audit.Cases, *preprocess.Images, error) {
	cases, err := audit.Begin(ctx, env, e.Data)
	if err != nil {
		return cases, nil, fmt.Errorf("audit: %w", stage.Failure{What: stage.BadData, Err: err})
	}
	if err := e.Fits(cases); err != nil {
		return cases, nil, errors.Join(err, cases.Tell(ctx, env))
	}
	for _, text := range e.Cautions(cases) {
		if err := env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "data", Text: text}); err != nil {
			return cases, nil, err
		}
	}
	images, err := preprocess.Run(ctx, env, e.Preprocess, cases)
	if err != nil {
		return cases, nil, errors.Join(fmt.Errorf("preprocess: %w", stage.Failure{What: stage.BadData, Err: err}), cases.Tell(context.WithoutCancel(ctx), env))
	}
	if cases, err = cases.Look(ctx, env); err != nil {
		return cases, nil, errors.Join(fmt.Errorf("audit: %w", err), images.Close())
	}
	return cases, images, nil
}

// finish stores how the run ended and writes its report, whatever happened.
func (c places) finish(ctx context.Context, w world, db *results.DB, r *results.Run, failure error) error {
	status := results.Done
	switch {
	case errors.Is(failure, context.Canceled):
		status = results.Interrupted
	case failure != nil:
		status = results.Failed
	}
	if err := r.Finish(ctx, status, failure); err != nil {
		fmt.Fprintf(w.err, "how run %s ended (%s) could not be stored: lists call it lost; --resume %s goes on with it\n", r.ID(), status, r.ID())
		return err
	}
	record, err := db.Load(ctx, r.ID())
	if err != nil {
		return err
	}
	said := printFinals(w.out, record.RunSummary) // where nobody can read it, the report is written all the same
	path, err := drawReport(ctx, db, record, c.Reports)
	if path == "" {
		fmt.Fprintf(w.err, "run %s is %s and stored, but its report is missing: runner report %s would write it\n", r.ID(), status, r.ID())
		return errors.Join(err, said)
	}
	_, last := fmt.Fprintf(w.out, "run      %s (%s)\nresults  %s\nreport   %s\n", r.ID(), status, c.DB, path)
	return errors.Join(err, cmp.Or(said, last))
}

func writeReport(ctx context.Context, db *results.DB, id, folder string) (string, error) {
	record, err := db.Load(ctx, id)
	if err != nil {
		return "", err
	}
	return drawReport(ctx, db, record, folder)
}

// drawReport writes the page of a run, and that of all runs. It gives no path where that of
// the run is missing.
func drawReport(ctx context.Context, db *results.DB, record *results.RunRecord, folder string) (string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(folder, record.ID+".html")
	if err := reports.Write(ctx, record, path); err != nil {
		return "", err
	}
	_, err := writeIndex(ctx, db, folder, listed{})
	return path, err
}
