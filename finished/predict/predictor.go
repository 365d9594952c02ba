// Package predict asks the nets of a finished run about images that it does not know: it finds the
// cases, makes their images as the run made its own, asks the nets of all folds, or of all members
// of an ensemble, and corrects what they say as the run does.
//
// What a reader must know comes up as events without a stage: they are of whoever asks.
package predict

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"vertebra/finished"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/explain"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Request says which cases nets are asked about, and how.
type Request struct {
	Data    []string    // images and folders of images, or one CSV file with a row for each image, or one experiment file
	Columns audit.Table // what the columns of a CSV file are called
	Set     []string    // changes of the experiment file: path=value
	Split   string      // of an experiment's data, the cases of this split alone; "" for all

	Fold       int  // the net of this fold alone; 0 asks all, and takes the mean of their probabilities
	FindPoints bool // points that nets look at are looked for also where the data says where they are
	Raw        bool // probabilities stay as the nets give them, also where the run is calibrated

	OnlyImages     bool   // Data are images and folders of them, whatever they are called: strangers chose their names
	FolderIsSeries bool   // images that a table names are slices of the series that their folder is
	Within         string // folder that names of cases are told from, where Data lie in it; "" leaves names as they are

	Whole  bool // all cases are in one split, where none is asked for
	Audit  bool // what is wrong with the data is told
	Marked bool // the data are read as they are: no point is looked for

	Kept     *Kept    // nets that stay open for the next request; nil where there is none
	Features Features // takes what the last layers see; nil where nobody wants it
	See      Sight    // is shown the nets and the images before they are gone; nil where nobody wants that
}

// Features takes what the last layer of each net sees of each image.
type Features interface {
	// Begin says what rows are named by, case_id or sample, and whether there are several folds.
	Begin(first string, folds bool)
	// Row is about one image: its name, the fold of the net, and the features_F.
	Row(name string, fold int, features_F []float32) error
}

// Sight looks at images with a net that has predicted them, as explain does.
type Sight func(ctx context.Context, env stage.Env, p Predictor, x explain.Subject, items []stage.Prediction) error

// Predictor is a finished run that is asked about images.
type Predictor struct {
	finished.Opened
	Cases   audit.Cases       // that are asked about
	Samples map[string]string // of these cases
	Rarity  *Rarity           // how rare such images are; nil where nobody knows
	request Request
}

// Ask asks the nets of a run, or those of the members of an ensemble. Probabilities are calibrated
// where the run is, unless the request is Raw. Of env the seed is the run's. That no image could be
// used is an error.
func Ask(ctx context.Context, env stage.Env, run finished.Run, r Request) (p Predictor, items []stage.Prediction, err error) {
	if finished.IsEnsemble(run) {
		return r.askMembers(ctx, env, run)
	}
	opened, err := finished.Open(run, r.Fold)
	if err != nil {
		return p, nil, err
	}
	if err := warn(ctx, env, opened.NoOutliers()); err != nil {
		return p, nil, err
	}
	if err := r.Fits(opened); err != nil {
		return p, nil, err
	}
	if r.Features != nil {
		first := "case_id"
		if len(opened.Asked.Targets) > 0 {
			first = "sample"
		}
		r.Features.Begin(first, len(opened.Nets) > 1)
	}
	if p, items, err = r.askNets(ctx, env, opened); err != nil {
		return p, items, err
	}
	return p, items, warn(ctx, env, p.outlying(items))
}

// Fits refuses what is asked for of a run that cannot give it.
func (r Request) Fits(o finished.Opened) error {
	if r.FindPoints && wholeSeries(o.Experiment.Data.Sample) {
		return stage.Fault{Err: fmt.Errorf("--find-points: a sample of run %s is a %s, which is seen whole", o.Run.ID(), o.Experiment.Data.Sample), Hint: "leave it out"}
	}
	return nil
}

// askNets makes the images as the run made its own, and asks its nets about them.
func (r Request) askNets(ctx context.Context, env stage.Env, o finished.Opened) (p Predictor, items []stage.Prediction, err error) {
	env.Seed = o.Experiment.Seed
	p = Predictor{Opened: o, Rarity: newRarity(o), request: r}
	cases, err := r.cases(ctx, env, o)
	if err != nil {
		return p, nil, err
	}
	if err := warn(ctx, env, o.Run.Changed(o.Experiment.Preprocess)...); err != nil {
		return p, nil, err
	}
	if len(cases.Cases) == 0 {
		return p, nil, p.tellMissing(ctx, env, cases, nil)
	}
	cases.Covariates = o.Covariates
	if err := warn(ctx, env, slices.Concat(unknown(o.Covariates, cases), blank(cases), preprocess.TellUnspaced(o.Experiment.Preprocess, cases))...); err != nil {
		return p, nil, err
	}
	p.Cases, p.Samples = cases, map[string]string{}
	for _, one := range cases.Cases {
		p.Samples[one.ID] = one.Sample
	}
	if items, err = p.predict(ctx, env, cases); err != nil {
		return p, nil, err
	}
	if err := p.tellMissing(ctx, env, cases, items); err != nil {
		return p, nil, err
	}
	if !r.Raw {
		items, err = p.Calibrated(items)
	}
	return p, items, err
}

// predict makes the images and asks every net about them.
func (p Predictor) predict(ctx context.Context, env stage.Env, cases audit.Cases) (all []stage.Prediction, err error) {
	for i := range cases.Cases {
		cases.Cases[i].Split = stage.Test // whatever they are elsewhere
	}
	images, err := preprocess.Run(ctx, env, p.Experiment.Preprocess, cases)
	if err != nil {
		return nil, fmt.Errorf("preprocess: %w", err)
	}
	defer func() { err = errors.Join(err, images.Close()) }()
	if cases.Looks != nil {
		if _, err := cases.Look(ctx, env); err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
	}
	if err := p.tellUnlike(ctx, env, images); err != nil {
		return nil, err
	}
	opener := p.opener(env, images.Shape())
	if opener.cfg.Input, err = opener.cfg.Input.Follow(images.Normalisation()); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, opener.close()) }()
	var net *model.Net
	for _, one := range p.Nets {
		if net, err = opener.open(ctx, one); err != nil {
			return nil, err
		}
		items, err := train.Predict(ctx, env, p.Experiment.Train, net, images)
		if err != nil {
			return nil, err
		}
		if err := p.look(ctx, net, one, images); err != nil {
			return nil, err
		}
		for _, item := range items {
			all = append(all, stage.Fold{Number: one.Fold, Of: len(p.Nets)}.Prediction(item))
		}
	}
	if len(p.Nets) > 1 {
		all = evaluate.MeanOfFolds(all)
	}
	if p.request.See == nil {
		return all, nil
	}
	return all, p.request.See(ctx, env, p, p.subject(opener, net, images), all)
}

// subject is the net of the last fold with its images.
func (p Predictor) subject(opener *opener, net *model.Net, images *preprocess.Images) explain.Subject {
	x := explain.Subject{Net: net, Images: images, Classes: images.Classes, Scores: p.Experiment.Train.Scores(images.Questions()), Alike: p.Experiment.Evaluate.Alike}
	if len(p.Nets) > 1 {
		x.LoadFold = func(ctx context.Context, number int) (*model.Net, error) {
			at := slices.IndexFunc(p.Nets, func(n finished.Net) bool { return n.Fold == number })
			if at < 0 {
				return nil, fmt.Errorf("run %s has no fold %d", p.Run.ID(), number)
			}
			return opener.open(ctx, p.Nets[at])
		}
	}
	return x
}

// tellUnlike warns of images that do not look like those of the training.
func (p Predictor) tellUnlike(ctx context.Context, env stage.Env, images *preprocess.Images) error {
	n, mean, std := images.Entering(stage.Test)
	text := preprocess.Unlike(p.Run.Fact(preprocess.PixelsFact+string(stage.Train)), n, mean, std)
	if text == "" {
		return nil
	}
	return env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "predict", Text: text})
}
