package validate

import (
	"context"
	"fmt"
	"path/filepath"

	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/stages/evaluate"
	"vertebra/stages/explain"
	"vertebra/stages/stage"
)

// Measure asks the nets, and records their answers and all that is told of them. What a reader must know
// comes up as events without a stage.
func (v Validation) Measure(ctx context.Context, env stage.Env) error {
	if err := warn(ctx, env, v.warnings...); err != nil {
		return err
	}
	asked := v.asking()
	asked.See = v.see
	p, items, err := predict.Ask(ctx, env, v.run, asked)
	if err != nil {
		return err
	}
	return v.measure(ctx, env, p, items)
}

// warn tells what a reader must know.
func warn(ctx context.Context, env stage.Env, texts ...string) error {
	var events []stage.Record
	for _, text := range texts {
		events = append(events, stage.Event{Level: "warning", Text: text})
	}
	if events == nil {
		return nil
	}
	return env.Recorder.Record(ctx, events...)
}

// measure records the predictions and all that is told of them.
func (v Validation) measure(ctx context.Context, env stage.Env, p predict.Predictor, items []stage.Prediction) error {
	for i := range items {
		items[i].Phase, items[i].Split = externalPhase, stage.Test
	}
	if silent := p.Silent(items); len(silent) > 0 {
		text := fmt.Sprintf("there is no case of %s: the run's own numbers are means over more targets than these", stage.Shortened(silent))
		if err := warn(ctx, env, text); err != nil {
			return err
		}
	}
	env = stage.Env{Recorder: env.Recorder, Workers: max(1, env.Workers), Seed: v.experiment.Seed}
	if err := env.Recorder.Record(ctx, stage.PredictionRecords(items)...); err != nil {
		return err
	}
	known := evaluate.Known{Calibration: v.run.Fact(evaluate.CalibrationFact), Sets: v.run.Fact(evaluate.SetsFact), Finals: v.run.Finals(), Decides: v.decides}
	var err error
	if known.Training, err = v.trainedOn(); err != nil {
		return err
	}
	if err := evaluate.External(ctx, env, v.experiment.Evaluate, p.Asked.Classes, items, known); err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	if !finished.IsEnsemble(v.run) {
		return env.Recorder.Record(ctx, v.seen.records...)
	}
	if err := explain.Kept(ctx, env, p.Asked.Classes, items, v.pictures.of); err != nil || p.Rarity == nil {
		return err
	}
	return explain.Rarity(ctx, env, p.Rare(v.pictures.images, items), v.pictures.some)
}

// trainedOn are cases like those that the nets were trained on; none where nobody knows.
func (v Validation) trainedOn() ([]stage.Case, error) {
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
func (v Validation) see(ctx context.Context, env stage.Env, p predict.Predictor, x explain.Subject, items []stage.Prediction) error {
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

// nameFor is what a validation is called that nobody named.
func (r Request) nameFor(run finished.Run) string {
	file := filepath.Base(r.File)
	return run.Name() + "-on-" + file[:len(file)-len(filepath.Ext(file))]
}
