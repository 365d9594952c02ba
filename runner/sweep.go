package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/model"
	"vertebra/stages/stage"
	"vertebra/sweeps"
	"vertebra/sweeps/queue"
)

// sweepCommand is runner sweep.
type sweepCommand struct {
	Run    sweepRun    `cmd:"" default:"withargs" help:"Run the trials of an experiment's section sweep, or go on with them until the declared number is done; finished trials are not repeated." example:"runner sweep experiments/sweep.yaml"`
	Status sweepStatus `cmd:"" help:"Show how far sweeps are." example:"runner sweep status latest"`
	Pause  sweepPause  `cmd:"" help:"Ask a running sweep to store its trials and wait." example:"runner sweep pause latest"`
	Resume sweepResume `cmd:"" help:"Ask a paused sweep to go on." example:"runner sweep resume latest"`
	Stop   sweepStop   `cmd:"" help:"Ask a running sweep to store its trials, draw its report and end." example:"runner sweep stop latest"`
	Add    sweepAdd    `cmd:"" help:"Put a trial of your own into the queue of a sweep." example:"runner sweep add latest --set train.batch=48"`
	Nested sweepNested `cmd:"" help:"Say what the search of a sweep, and training after it, are worth: for each fold that tests in turn the trial that its own validation number chose (nested cross-validation). The choice is stored as a run." example:"runner sweep nested latest"`
	Report sweepReport `cmd:"" help:"Write the HTML report of a sweep again." example:"runner sweep report latest"`
}

// sweepRun is runner sweep FILE.
type sweepRun struct {
	File   string   `arg:"" help:"Experiment file with a section sweep." type:"existingfile"`
	Set    []string `help:"Change a setting: path=value, such as sweep.trials=50." sep:"none" placeholder:"PATH=VALUE"`
	Extend bool     `help:"Go on though space, search or stopping were changed, if all trials so far lie in the new space."`
	Again  bool     `help:"Begin a new sweep though one of this name is there."`
	On     string   `help:"What runs the trials: local, processes of this machine; or slurm, tasks of a Slurm cluster, as the file's sweep.slurm says." enum:"local,slurm" default:"local"`
	places
	pretrainedFlags
	Device   string `help:"Where to compute: auto, cpu, cuda (every GPU), or a list such as cuda:0,cuda:2." default:"auto"`
	Parallel int    `help:"Trials at once on each GPU, or on the CPU; 0 for what sweep.per_gpu says, and one for every four cores of the CPU. On slurm, tasks at a time instead of sweep.slurm.parallel." default:"0"`
	Threads  int    `help:"Threads of each trial on the CPU; 0 divides the cores." default:"0"`
	Workers  int    `help:"Images decoded at once." default:"${workers}"`
}

// Run finds or begins the sweep and runs its queue.
func (c sweepRun) Run(ctx context.Context, w world) (err error) {
	outliveReaders()
	s, warnings, err := experiments.LoadSweep(c.File, c.Set)
	w.warn(warnings)
	if err != nil {
		return err
	}
	if err := c.tryData(ctx, w, s); err != nil {
		return err
	}
	if err := cmp.Or(readable([]string{c.DB, c.Runs, c.Cache, c.Reports, c.File}), c.mayWrite()); err != nil {
		return err
	}
	if c.On == "slurm" {
		if err := c.tryCluster(ctx, w, s); err != nil {
			return err
		}
	}
	db, err := results.Open(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.WaitLong(ctx, lockPatience, w.tell)
	q, deadline, err := c.take(ctx, w, db, s)
	if q == nil || err != nil {
		return err
	}
	o, err := c.options(ctx, w, db, s, q, deadline)
	if err != nil {
		return errors.Join(err, q.Finish(context.WithoutCancel(ctx), results.SweepPaused, err.Error()))
	}
	ended, err := queue.Run(ctx, q, o)
	if err != nil {
		return err
	}
	err = c.tell(context.WithoutCancel(ctx), w, db, q.ID, ended)
	if err == nil && s.Config.Nested && ended.Status == results.SweepDone && !ended.Unwell {
		err = c.nested(ctx, w, db, q.ID)
	}
	if err == nil && ended.Unwell {
		err = unwell(q.ID, ended)
	}
	if cause := context.Cause(ctx); cause != nil {
		err = errors.Join(err, resumable{cause, "the same command goes on with the sweep"})
	}
	return err
}

// unwell tells of a sweep that failures ended.
func unwell(id string, ended queue.Ended) error {
	look := "runner sweep status " + id + " tells how each trial ended; "
	if ended.Status == results.SweepDone {
		return stage.Fault{Err: fmt.Errorf("all trials of sweep %s failed", id), Hint: look + "--again begins a new sweep"}
	}
	return stage.Fault{Err: fmt.Errorf("sweep %s is %s: %s", id, ended.Status, ended.Because), Hint: look + "once that is mended the same command goes on"}
}

// tryData looks at tables and headers before a sweep is stored: one whose data cannot be
// read would stand in the way of the same with its mistake mended.
func (c sweepRun) tryData(ctx context.Context, w world, s *experiments.Sweep) error {
	env := stage.Env{Now: w.now, Recorder: stage.Discard, Cache: c.Cache, Workers: max(1, c.Workers), Seed: s.Base.Seed}
	cases, err := readData(ctx, env, s.Base.Data)
	if err == nil {
		whole := s.Base
		whole.Sweep = &s.Config // whose objective the data must have
		err = whole.Fits(cases)
	} else {
		err = fmt.Errorf("audit: %w", err)
	}
	return experiments.Place(err, c.File, c.Set)
}

// options prepares what all trials share: the images, the devices.
func (c sweepRun) options(ctx context.Context, w world, db *results.DB, s *experiments.Sweep, q *results.Queue, deadline time.Time) (queue.Options, error) {
	data, err := c.prepare(ctx, w, s)
	if err != nil {
		return queue.Options{}, err
	}
	self, err := ownPath()
	if err != nil {
		return queue.Options{}, err
	}
	objective := objectiveOf(s)
	better, _ := experiments.Direction(s.Base, objective)
	base, inside := s.BasePoint()
	if !inside {
		base = nil
	}
	o := queue.Options{
		Config: s.Config, Space: s.Space, Seed: s.Base.Seed, File: c.File, Objective: objective, Better: better, Epochs: epochsOf(s.Base),
		Replicates: s.Config.Replicates(s.Base.Data.Split.Folds), BasePoint: base, Deadline: deadline, Grace: 30 * time.Second, Rest: time.Minute,
		Noise: measuredNoise(ctx, db, data, objective), Make: maker(s), Now: w.now, Logs: filepath.Join(c.Runs, "sweeps", q.ID), Runs: c.Runs,
		Say: func(format string, args ...any) {
			fmt.Fprintf(w.err, w.now().Format("15:04:05 ")+format+"\n", args...)
		},
		Report: func(ctx context.Context, final bool) error {
			_, err := writeSweepReport(ctx, db, q.ID, c.Reports, final)
			return err
		},
	}
	if c.On == "slurm" {
		o.Cluster, o.Slots = c.cluster(db, s, q, o.Logs, self)
		return o, nil
	}
	slots, measured, err := c.slots(ctx, s.Config.PerGpu)
	if measured {
		o.Measure = deviceMemory(db)
	}
	o.Slots = slots
	_, program, failed := ownProgram()
	o.Command = func(queue.Job) *exec.Cmd {
		cmd := exec.Command(self, append([]string{"trial", "--db", c.DB, "--runs", c.Runs, "--cache", c.Cache, "--cache-size", fmt.Sprintf("%dB", int64(c.CacheSize)),
			"--workers", fmt.Sprint(max(1, c.Workers/len(slots)))}, c.pretrainedFlags.flags()...)...)
		cmd.Path, cmd.Err = program, nil
		return cmd
	}
	return o, errors.Join(err, failed)
}

// prepare gets the weights and makes the images, so that no two trials do, and gives the
// fingerprint of the data. It finds what is wrong with the data before the first trial.
func (c sweepRun) prepare(ctx context.Context, w world, s *experiments.Sweep) (fingerprint string, err error) {
	console := newConsole(w)
	defer console.close()
	env := stage.Env{Now: w.now, Recorder: stage.OnlyProgress{Recorder: console}, Cache: c.Cache, CacheBytes: int64(c.CacheSize), Workers: max(1, c.Workers), Seed: s.Base.Seed, Pretrained: c.Pretrained, PretrainedURL: c.PretrainedURL}
	e := s.Base
	if s.Config.Folds && e.Data.Split.Fold == 0 {
		e.Data.Split.Fold = 1
	}
	nets, err := s.Models() // also of trials, whose machines may have no network
	if err != nil {
		return "", err
	}
	for _, net := range nets {
		if err := model.FetchWeights(ctx, env, net); err != nil {
			return "", fmt.Errorf("model: %w", err)
		}
	}
	cases, images, err := prepare(ctx, env, e)
	if err != nil {
		return "", err
	}
	return cases.Identity(), images.Close()
}

// maker makes the experiments of trials: a replicate has its own seed and fold.
func maker(s *experiments.Sweep) func([]sweeps.Assignment, []string, int) (string, int, error) {
	return func(settings []sweeps.Assignment, sets []string, replicate int) (string, int, error) {
		sets = append(ofReplicate(s, replicate), sets...)
		e, err := s.Trial(settings, sets...)
		return string(experiments.Resolved(e)), epochsOf(e), err
	}
}

// ofReplicate sets the seed and fold of a run of a trial.
func ofReplicate(s *experiments.Sweep, replicate int) (sets []string) {
	folds := 1
	if s.Config.Folds {
		folds = s.Base.Data.Split.Folds
	}
	if s.Config.Seeds > 1 {
		sets = append(sets, fmt.Sprintf("seed=%d", s.Base.Seed+uint64(replicate/folds)))
	}
	if s.Config.Folds {
		sets = append(sets, fmt.Sprintf("data.split.fold=%d", replicate%folds+1))
	}
	return sets
}

// objectiveOf is the number that a sweep makes better.
func objectiveOf(s *experiments.Sweep) string {
	if s.Config.Objective != "" {
		return s.Config.Objective
	}
	return s.Base.Train.Monitor
}

// tell says how a sweep ended.
func (c sweepRun) tell(ctx context.Context, w world, db *results.DB, id string, ended queue.Ended) error {
	rec, err := db.LoadSweep(ctx, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "sweep    %s (%s: %s)\n", id, ended.Status, ended.Because)
	fmt.Fprintf(w.out, "trials   %s\n", countsWords(rec))
	if best := bestTrial(rec); best != nil {
		fmt.Fprintf(w.out, "best     trial %d, run %s: %s%s\n", best.Number, best.Run, bestWords(rec), settingWords(best))
	}
	_, err = fmt.Fprintf(w.out, "results  %s\nreport   %s\n", c.DB, sweepReportPath(c.Reports, id))
	return err
}
