package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/reports"
	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// findRateCommand is runner find-rate.
type findRateCommand struct {
	File  string   `arg:"" help:"Experiment file." type:"existingfile"`
	Set   []string `help:"Change a setting: path=value." sep:"none" placeholder:"PATH=VALUE"`
	Phase string   `help:"Name of the phase; the first by default." placeholder:"NAME"`
	From  string   `help:"Begin with the weights of this run: its name (the latest so called), its id, the beginning of one, or latest; or a package of one. For a phase after the first one, whose net has learnt something." placeholder:"RUN"`
	Low   float64  `help:"The rate of the first step." default:"1e-7"`
	High  float64  `help:"The rate of the last step." default:"10"`
	Steps int      `help:"How many steps." default:"100"`
	Out   string   `help:"The page; by default a file named after the experiment in the folder of reports." short:"o" placeholder:"FILE" type:"path"`
	places
	pretrainedFlags
	Device  string `help:"Where to compute: auto, cpu, cuda, cuda:<index>." default:"auto"`
	Threads int    `help:"Threads of one tensor operation; 0 leaves it to libtorch." default:"0"`
	Workers int    `help:"Images decoded at once." default:"${workers}"`
}

// Run trains some steps with a rising rate and proposes rates. Nothing of it is stored but
// the images, and a page.
func (c findRateCommand) Run(ctx context.Context, w world) error {
	e, warnings, err := experiments.Load(c.File, c.Set)
	w.warn(warnings)
	if err != nil {
		return err
	}
	phase, err := c.phase(e)
	if err != nil {
		return err
	}
	if e.Data.Split.Folds > 0 && e.Data.Split.Fold == 0 {
		e.Data.Split.Fold = 1 // the others are alike
	}
	console := newConsole(w)
	defer console.close()
	env := stage.Env{
		Now: w.now, Recorder: stage.OnlyProgress{Recorder: console}, Cache: c.Cache, CacheBytes: int64(c.CacheSize), Device: c.Device, Threads: c.Threads,
		Workers: max(1, c.Workers), Seed: e.Seed, Pretrained: c.Pretrained, PretrainedURL: c.PretrainedURL,
	}
	steps, err := c.test(ctx, env, e, phase)
	if err != nil {
		return experiments.Place(err, c.File, c.Set)
	}
	console.close()
	advice, noAdvice := train.Advise(steps)
	if noAdvice != nil {
		noAdvice = stage.Fault{Err: fmt.Errorf("%d steps: %w", len(steps), noAdvice), Hint: "give --low a smaller number, or --steps a larger one"}
	} else if err := c.print(w.out, e, phase, advice); err != nil {
		return err
	}
	return errors.Join(c.write(w, e, steps, advice), noAdvice)
}

// phase finds the phase by its name.
func (c findRateCommand) phase(e experiments.Experiment) (int, error) {
	switch {
	case c.Low <= 0 || c.High <= c.Low || math.IsInf(c.High, 0):
		return 0, stage.Fault{Err: fmt.Errorf("--low %g --high %g are no range of rates", c.Low, c.High), Hint: "give numbers over 0, the lower one first, such as --low 1e-7 --high 10"}
	case c.Steps < 30:
		return 0, stage.Fault{Err: fmt.Errorf("--steps %d are too few to say anything", c.Steps), Hint: "give 30 or more"}
	case c.Phase == "":
		return 0, nil
	}
	i := slices.IndexFunc(e.Train.Phases, func(p train.Phase) bool { return p.Name == c.Phase })
	if i < 0 {
		var names []string
		for _, p := range e.Train.Phases {
			names = append(names, p.Name)
		}
		return 0, stage.Fault{Err: fmt.Errorf("--phase %s: the experiment has no such phase", c.Phase), Hint: registry.Suggest(c.Phase, names)}
	}
	return i, nil
}

// pretrain lets the backbone learn first what the experiment wants it to begin with; a run then finds
// that done.
func (c findRateCommand) pretrain(ctx context.Context, env stage.Env, e experiments.Experiment, cases audit.Cases, images *preprocess.Images) (begin func(context.Context, *model.Net) error, err error) {
	if c.From != "" {
		e.Pretrain = nil
	}
	material, err := gather(ctx, env, e, cases, images)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, material.Close()) }()
	fold := cases.FoldsToRun()[0]
	return training{env, e, images, cases.FoldsToRun(), material}.pretrain(ctx, env.InFold(stage.Fold{Number: fold, Of: 1}), fold)
}

func (c findRateCommand) test(ctx context.Context, env stage.Env, e experiments.Experiment, phase int) (steps []train.RateStep, err error) {
	if err := model.FetchWeights(ctx, env, e.Model); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	cases, images, err := prepare(ctx, env, e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, images.Close()) }()
	if e.Model.Input, err = e.Model.Input.Follow(images.Normalisation()); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	begin, err := c.pretrain(ctx, env, e, cases, images)
	if err != nil {
		return nil, fmt.Errorf("pretrain: %w", err)
	}
	if folds := cases.FoldsToRun(); folds[0] != 0 {
		images = images.InFold(folds[0])
	}
	net, err := model.Build(ctx, env, e.Model, images.Shape(), e.Task(images.Questions(), images.Covariates))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	if err := begin(ctx, net); err != nil {
		return nil, err
	}
	if err := c.restore(ctx, net); err != nil {
		return nil, fmt.Errorf("--from %s: %w", c.From, err)
	}
	r := train.RateRange{Phase: phase, Low: c.Low, High: c.High, Steps: c.Steps}
	return r.Run(ctx, env, e.Train, net, images, e.Augment)
}

// restore gives the net the weights of a run, of its first fold where it has several nets.
func (c findRateCommand) restore(ctx context.Context, net *model.Net) error {
	if c.From == "" {
		return nil
	}
	run, err := finished.Store{DB: c.DB, Runs: c.Runs}.FindAny(ctx, c.From)
	if err != nil {
		return err
	}
	if finished.IsEnsemble(run) {
		return stage.Fault{Err: fmt.Errorf("run %s is an ensemble, and has no net of its own", run.ID()), Hint: "name one of its members; runner show has their names"}
	}
	nets, err := run.Nets(0)
	if err != nil {
		return err
	}
	return train.Restore(ctx, net, nets[0])
}

func (c findRateCommand) print(out io.Writer, e experiments.Experiment, phase int, a train.RateAdvice) error {
	p := e.Train.Phases[phase]
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "rate\tof phase %s\n", p.Name)
	for _, row := range adviceRows(a) {
		fmt.Fprintf(t, "%.2g\t%s\n", row.rate, row.why)
	}
	fmt.Fprintf(t, "%.2g\tas the file has it\n", e.Train.RateOf(p))
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "try      --set train.phases.%s.rate=%.2g\n", p.Name, a.Valley)
	return err
}

type adviceRow struct {
	rate float64
	why  string
}

func adviceRows(a train.RateAdvice) []adviceRow {
	return []adviceRow{
		{a.Valley, "two thirds down the longest way that the loss falls"},
		{a.Steepest, "where the loss falls fastest"},
		{a.Lowest, "a tenth of the rate with the lowest loss"},
	}
}

// write draws the losses over the rates.
func (c findRateCommand) write(w world, e experiments.Experiment, steps []train.RateStep, a train.RateAdvice) error {
	return w.page("page", cmp.Or(c.Out, filepath.Join(c.Reports, "rates-"+e.Name+".html")), reports.Standalone{
		Name: e.Name, Purpose: "Which learning rates train it? The rate rises step by step, and the loss of each batch tells what it does.", File: w.called(c.File),
		Experiment: string(experiments.Resolved(e)), Records: rateRecords(steps, a),
		Facts: []stage.Fact{{Name: "seed", Value: fmt.Sprint(e.Seed)}, {Name: "batch", Value: fmt.Sprint(e.Train.BatchSize())}, {Name: "steps", Value: fmt.Sprint(len(steps))}},
	})
}

func rateRecords(steps []train.RateStep, a train.RateAdvice) (out []stage.Record) {
	table := stage.Table{Name: "advice", Title: "Learning rates to try", Section: "rates", Columns: []string{"rate", "why"}}
	for _, row := range adviceRows(a) {
		if row.rate > 0 {
			table.Rows = append(table.Rows, []any{row.rate, row.why})
		}
	}
	if len(table.Rows) > 0 {
		out = append(out, table)
	}
	return append(out,
		rateCurve("smoothed", "Smoothed loss over the learning rate", steps, func(s train.RateStep) float64 { return s.Smooth }),
		rateCurve("batches", "Loss of each batch", steps, func(s train.RateStep) float64 { return s.Loss }))
}

func rateCurve(name, title string, steps []train.RateStep, of func(train.RateStep) float64) stage.Curve {
	var line stage.Line
	for _, s := range steps {
		line.X, line.Y = append(line.X, math.Log10(s.Rate)), append(line.Y, of(s))
	}
	return stage.Curve{Name: name, Title: title, Section: "rates", XLabel: "logarithm of the learning rate, to the base of 10", YLabel: "loss", Lines: []stage.Line{line}}
}
