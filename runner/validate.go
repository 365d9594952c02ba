package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/explain"
	"vertebra/stages/stage"
)

// validateCommand is runner validate.
type validateCommand struct {
	otherData
	FindPoints bool   `help:"Look for the points that nets look at with the run's own net (section locate), also where the data says where they are: what the nets are worth where nobody marks any."`
	Split      string `help:"Ask about the cases of one split of the file alone; without it, about all." enum:",train,validation,test" default:""`
}

// Run asks the nets of a finished run about other data, measures what they say, and stores that
// as a run: an external validation.
func (c validateCommand) Run(ctx context.Context, w world) error {
	v, err := c.prepare(ctx, w)
	if err != nil {
		return err
	}
	return c.store(ctx, w, v.info, func(db *results.DB, r *results.Run) error {
		if err := v.carryOut(ctx, w, r); err != nil {
			return err
		}
		return v.tellMix(ctx, db, r)
	})
}

// asking is how the nets are asked: as runner predict does, without the calibration, which is
// measured by itself.
func (c validateCommand) asking() predict.Request {
	return predict.Request{Data: []string{c.File}, Set: c.Set, Split: c.Split, FindPoints: c.FindPoints, Raw: true, Whole: true, Audit: true}
}

// env is the world in which the nets are asked.
func (c otherData) env(w world, to stage.Recorder) stage.Env {
	return asksNets{database{c.DB}, cachePlace{c.Cache}, c.Runs, c.CacheSize, c.Device, c.Threads, c.Workers}.env(w, to)
}

// carryOut asks and measures. What it tells goes into the database and to the console.
func (v validation) carryOut(ctx context.Context, w world, r *results.Run) error {
	console := newConsole(w)
	defer console.close()
	console.say("run %s", r.ID())
	to := &listener{console: console, to: stage.Tee{r, console}}
	for _, text := range v.warnings {
		to.warn("%s", text)
	}
	asked := v.asking()
	asked.See = v.see
	p, items, err := predict.Ask(ctx, v.env(w, to), v.run, asked)
	if err == nil {
		err = v.measure(ctx, r, p, items, to)
	}
	return plain(errors.Join(err, r.Record(context.WithoutCancel(ctx), to.warnings...)))
}

// measure stores the predictions and all that is told of them.
func (v validation) measure(ctx context.Context, r *results.Run, p predict.Predictor, items []stage.Prediction, to *listener) error {
	for i := range items {
		items[i].Phase, items[i].Split = externalPhase, stage.Test
	}
	if silent := p.Silent(items); len(silent) > 0 {
		to.warn("there is no case of %s: the run's own numbers are means over more targets than these", stage.Shortened(silent))
	}
	env := stage.Env{Recorder: to.to, Workers: max(1, v.Workers), Seed: v.e.Seed}
	if err := r.Record(ctx, stage.PredictionRecords(items)...); err != nil {
		return err
	}
	known := evaluate.Known{Calibration: v.run.Fact(evaluate.CalibrationFact), Sets: v.run.Fact(evaluate.SetsFact), Finals: v.run.Finals(), Decides: v.decides}
	var err error
	if known.Training, err = v.trainedOn(); err != nil {
		return err
	}
	if err := evaluate.External(ctx, env, v.e.Evaluate, p.Asked.Classes, items, known); err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	if !finished.IsEnsemble(v.run) {
		return to.to.Record(ctx, v.seen.records...)
	}
	if err := explain.Kept(ctx, env, p.Asked.Classes, items, v.pictures.of); err != nil || p.Rarity == nil {
		return err
	}
	return explain.Rarity(ctx, env, p.Rare(v.pictures.images, items), v.pictures.some)
}

// trainedOn are cases like those that the nets were trained on; none where nobody knows.
func (v validation) trainedOn() ([]stage.Case, error) {
	var own []stage.Prediction // of which those of folds are all that the nets were trained on
	if stored, is := v.run.(finished.Stored); is {
		own = stored.Record.Predictions
	}
	cases, err := evaluate.TrainingCases(v.run.Fact(evaluate.TrainingFact), own)
	if err != nil {
		err = fmt.Errorf("run %s: %w", v.run.ID(), err)
	}
	return cases, err
}

// externalPhase is the phase of predictions of other data.
const externalPhase = "external"

// see shows single cases, and how rare such images were; of an ensemble, it keeps small pictures.
func (v validation) see(ctx context.Context, env stage.Env, p predict.Predictor, x explain.Subject, items []stage.Prediction) error {
	if finished.IsEnsemble(v.run) {
		return v.pictures.keep(x, p)
	}
	env.Recorder = stage.Tee{v.seen, stage.OnlyProgress{Recorder: env.Recorder}}
	for i := range items {
		items[i].Split = stage.Test
	}
	if err := explain.Run(ctx, env, x, items); err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	if p.Rarity == nil {
		return nil
	}
	return explain.Rarity(ctx, env, p.Rare(x.Others(), items), x.Thumbnails)
}

// held keeps records until what belongs before them is recorded.
type held struct{ records []stage.Record }

// Record keeps them.
func (h *held) Record(_ context.Context, records ...stage.Record) error {
	h.records = append(h.records, records...)
	return nil
}

// Progress is nothing to keep.
func (*held) Progress(stage.Progress) {}

// listener keeps warnings, for the report.
type listener struct {
	*console
	to       stage.Recorder
	warnings []stage.Record
}

func (l *listener) warn(format string, args ...any) {
	l.console.warn(format, args...)
	l.warnings = append(l.warnings, stage.Event{Level: "warning", Stage: "validate", Text: fmt.Sprintf(format, args...)})
}

// Record passes on what stages record. What comes up while nets are asked is told by the command itself.
func (l *listener) Record(ctx context.Context, records ...stage.Record) error {
	var rest []stage.Record
	for _, r := range records {
		e, is := r.(stage.Event)
		if !is || e.Stage != "" {
			rest = append(rest, r)
			continue
		}
		if err := l.console.Record(ctx, e); err != nil {
			return err
		}
		if e.Level == "warning" {
			l.warnings = append(l.warnings, stage.Event{Level: e.Level, Stage: "validate", Text: e.Text})
		}
	}
	if rest == nil {
		return nil
	}
	return l.to.Record(ctx, rest...)
}

// called is what a validation is called that nobody named.
func (c validateCommand) called(run finished.Run) string {
	file := filepath.Base(c.File)
	return run.Name() + "-on-" + file[:len(file)-len(filepath.Ext(file))]
}
