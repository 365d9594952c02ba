package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/explain"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// trainFolds trains a net, or with cross-validation one for each fold, and gives
// what they predict: with folds, also what they say of the test split together. A
// fold that an interrupted run finished is not trained again.
func trainFolds(ctx context.Context, env stage.Env, e experiments.Experiment, cases audit.Cases, images *preprocess.Images, before earlier) ([]stage.Prediction, error) {
	if before.data != "" && before.data != cases.Fingerprint {
		return nil, stage.Fault{
			Err:  errors.New("going on: images, labels or splits are no longer those that the run began with"),
			Hint: "put back what was changed, or leave --resume out for a new run",
		}
	}
	numbers := cases.Runs()
	if len(numbers) == 1 {
		return trainOne(ctx, env, stage.Fold{Number: numbers[0], Of: 1}, e, images)
	}
	var all []stage.Prediction
	for _, number := range numbers {
		fold := stage.Fold{Number: number, Of: len(numbers), Phases: len(e.Train.Phases)}
		seen := images.InFold(number)
		predictions, done := before.of(fold, seen.Cases)
		if !done {
			var err error
			if predictions, err = trainOne(ctx, env, fold, e, seen); err != nil {
				return nil, fmt.Errorf("fold %d: %w", number, err)
			}
		}
		all = append(all, predictions...)
	}
	ensemble := evaluate.Ensemble(all)
	all = append(all, ensemble...)
	if err := env.Recorder.Record(ctx, asRecords(ensemble)...); err != nil {
		return nil, err
	}
	subject := explain.Subject{Images: images, Classes: images.Classes, Probabilities: e.Train.Probabilities}
	if err := explain.Run(ctx, env, subject, all); err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	return all, nil
}

func asRecords(predictions []stage.Prediction) []stage.Record {
	records := make([]stage.Record, len(predictions))
	for i, p := range predictions {
		records[i] = p
	}
	return records
}

// trainOne trains the net of a fold and gives its predictions, named as those of
// the fold.
func trainOne(ctx context.Context, env stage.Env, fold stage.Fold, e experiments.Experiment, images *preprocess.Images) (out []stage.Prediction, err error) {
	within := env.InFold(fold)
	net, err := model.Build(ctx, within, e.Model, images.Shape(), e.Train.Outputs(len(images.Classes)))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	if fold.Number == 1 || fold.Of == 1 {
		drawn := within
		drawn.Recorder = env.Recorder // the pictures stand for all folds
		if err := train.Preview(ctx, drawn, net, images, e.Augment, images.Classes); err != nil {
			return nil, fmt.Errorf("augment: %w", err)
		}
	}
	trained, err := train.Run(ctx, within, e.Train, net, images, e.Augment, evaluate.Measure(e.Evaluate, images.Classes))
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	for _, p := range trained.Predictions {
		out = append(out, fold.Prediction(p))
	}
	if fold.Of > 1 {
		return out, nil
	}
	subject := explain.Subject{Net: net, Images: images, Classes: images.Classes, Probabilities: e.Train.Probabilities}
	if err := explain.Run(ctx, env, subject, out); err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	return out, nil
}

// of gives the predictions of a fold that is finished: they are stored at once,
// after its training. done is false when it is not.
func (b earlier) of(fold stage.Fold, cases []stage.Case) (out []stage.Prediction, done bool) {
	tag := strconv.Itoa(fold.Number)
	made := map[string]stage.Prediction{}
	for _, p := range b.predictions {
		if p.Tags[stage.FoldTag] == tag {
			made[p.CaseID] = p
		}
	}
	for _, split := range []stage.Split{stage.Validation, stage.Test} { // as train.Run orders them
		for _, c := range cases {
			if c.Split != split {
				continue
			}
			p, ok := made[c.ID]
			if !ok {
				return nil, false
			}
			out = append(out, p)
		}
	}
	return out, true
}
