package main

import (
	"context"
	"errors"
	"fmt"

	"vertebra/experiments"
	"vertebra/stages/evaluate"
	"vertebra/stages/explain"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/pretrain"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// training is what the nets of a run have in common.
type training struct {
	env    stage.Env
	e      experiments.Experiment
	images *preprocess.Images
	runs   []int // the folds to train; see audit.Cases.FoldsToRun

	material *pretrain.Material // what backbones learn from before; nil for nothing
}

func (t training) fold(number int) stage.Fold {
	return stage.Fold{Number: number, Of: len(t.runs), Phases: len(t.e.Train.Phases), Tests: t.e.Data.Split.TestsInTurn()}
}

// run trains a net, or with cross-validation one for each fold, and gives what they
// predict: with folds, also what they say together of a test split that all have. A fold that
// an interrupted run finished is not trained again.
func (t training) run(ctx context.Context, before earlier) (all []stage.Prediction, err error) {
	if len(t.runs) == 1 {
		if all, done := before.finishedFold(t.fold(t.runs[0]), t.images.Cases); done {
			return all, t.explain(ctx, all)
		}
		return t.trainFold(ctx, t.fold(t.runs[0]), t.images)
	}
	for _, number := range t.runs {
		seen := t.images.InFold(number)
		predictions, done := before.finishedFold(t.fold(number), seen.Cases)
		if !done {
			if predictions, err = t.trainFold(ctx, t.fold(number), seen); err != nil {
				return nil, fmt.Errorf("fold %d: %w", number, err)
			}
		}
		all = append(all, predictions...)
	}
	mean := evaluate.MeanOfFolds(all)
	all = append(all, mean...)
	if err := t.env.Recorder.Record(ctx, stage.PredictionRecords(mean)...); err != nil {
		return nil, err
	}
	return all, t.explain(ctx, all)
}

// explain shows single cases of trainings that are over, each as the net sees it
// that predicted it.
func (t training) explain(ctx context.Context, predictions []stage.Prediction) (err error) {
	quiet := t.env
	quiet.Recorder = stage.Discard // the folds have told of their nets
	net, err := model.Blank(ctx, quiet, t.e.Model, t.images.Shape(), t.e.Task(t.images.Questions(), t.images.Covariates))
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	if err := net.Compute(ctx, quiet, t.e.Train.Compute); err != nil {
		return err
	}
	subject := t.subject(net)
	if len(t.runs) == 1 {
		err = train.Restore(ctx, net, train.Folder(t.env.RunDir))
	} else {
		subject.LoadFold = func(ctx context.Context, number int) (*model.Net, error) {
			return net, train.Restore(ctx, net, train.Folder(t.env.InFold(t.fold(number)).RunDir))
		}
	}
	if err != nil {
		return err
	}
	if err := explain.Run(ctx, t.env, subject, predictions); err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	for _, number := range t.runs {
		if len(t.runs) > 1 {
			subject.Images = t.images.InFold(number)
		}
		if err := t.learnOutliers(ctx, number, subject); err != nil {
			return err
		}
	}
	return nil
}

// learnOutliers lets the net of a fold learn what the images of its training are like, where
// the experiment asks for that.
func (t training) learnOutliers(ctx context.Context, number int, subject explain.Subject) error {
	if t.e.Evaluate.Outliers == nil {
		return nil
	}
	cfg := explain.Familiarity{Samples: t.e.Evaluate.Outliers.Samples, Axes: t.e.Evaluate.Outliers.Axes, Fold: number}
	if err := subject.Outliers(ctx, t.env.InFold(t.fold(number)), cfg); err != nil {
		return fmt.Errorf("outliers: %w", err)
	}
	return nil
}

func (t training) subject(net *model.Net) explain.Subject {
	return explain.Subject{Net: net, Images: t.images, Classes: t.images.Classes, Scores: t.e.Train.Scores(t.images.Questions()), Alike: t.e.Evaluate.Alike}
}

// trainFold trains the net of a fold and gives its predictions, named as those of the
// fold.
func (t training) trainFold(ctx context.Context, fold stage.Fold, images *preprocess.Images) (out []stage.Prediction, err error) {
	env := t.env.InFold(fold)
	begin, err := t.pretrain(ctx, env, fold.Number)
	if err != nil {
		return nil, fmt.Errorf("pretrain: %w", err)
	}
	net, err := model.Build(ctx, env, t.e.Model, images.Shape(), t.e.Task(images.Questions(), images.Covariates))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	if err := begin(ctx, net); err != nil {
		return nil, err
	}
	if fold.Number == 1 || fold.Of == 1 {
		drawn := env
		drawn.Recorder = t.env.Recorder // the pictures stand for all folds
		if err := train.Preview(ctx, drawn, t.e.Train, net, images, t.e.Augment); err != nil {
			return nil, fmt.Errorf("augment: %w", err)
		}
		if err := t.env.Recorder.Record(ctx, t.e.Train.Balance.Table(images.Questions(), images.Cases)); err != nil {
			return nil, err
		}
	}
	trained, err := train.Run(ctx, env, t.e.Train, net, images, t.e.Augment, evaluate.Measure(t.e.Measures(), images.Classes))
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	for _, p := range trained.Predictions {
		out = append(out, fold.Prediction(p))
	}
	if fold.Of > 1 {
		return out, nil
	}
	if err := explain.Run(ctx, env, t.subject(net), out); err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	return out, t.learnOutliers(ctx, fold.Number, t.subject(net))
}

// finishedFold gives the predictions of a fold that is finished: they are stored at once,
// after its training. done is false when it is not.
func (b earlier) finishedFold(fold stage.Fold, cases []stage.Case) (out []stage.Prediction, done bool) {
	tag := fold.Prediction(stage.Prediction{}).Tags[stage.FoldTag]
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
	return out, len(out) > 0
}
