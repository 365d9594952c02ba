package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/explain"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// predictor is a finished run that is asked about other images.
type predictor struct {
	run        trained
	e          experiments.Experiment
	asked      stage.Questions   // what the net is asked about each sample
	covariates stage.Covariates  // that the net takes besides an image
	samples    map[string]string // of the cases that are asked about, where there are targets
	cases      audit.Cases       // that are asked about
	nets       []foldNet
	rarity     *rarity        // how rare such images are; nil where nobody knows
	features   *featureTable  // where what last layers see is written; nil where nobody asked
	see        sight          // is shown the nets and the images before they are gone; nil where nobody asked
	sets       *evaluate.Sets // that the run makes of calibrated probabilities; nil where it makes none
}

// open reads what the run was, and finds its nets, or the one of a fold.
func open(run trained, fold int) (p predictor, err error) {
	if p, err = newPredictor(run); err != nil {
		return p, err
	}
	if p.e, err = experiments.Stored(run.Experiment()); err != nil {
		return p, err
	}
	if p.nets, err = run.Nets(fold); err != nil {
		return p, err
	}
	if p.e.Evaluate.Outliers != nil {
		p.rarity = newRarity(p.nets)
	}
	sketch := model.Sketch(p.e.Model, p.e.Task(p.asked, p.covariates))
	for _, net := range p.nets {
		if err := net.holds(sketch); err != nil {
			return p, err
		}
	}
	return p, nil
}

// newPredictor reads what a run's answers are: its classes and targets.
func newPredictor(run trained) (predictor, error) {
	p, id := predictor{run: run}, run.ID()
	var err error
	if p.asked, err = askedOf(run); err != nil {
		return p, fmt.Errorf("run %s: %w", id, err)
	}
	if text := run.Fact(audit.CovariatesFact); text != "" {
		if err := json.Unmarshal([]byte(text), &p.covariates); err != nil {
			return p, fmt.Errorf("run %s: its covariates: %w", id, err)
		}
	}
	if text := run.Fact(evaluate.SetsFact); text != "" {
		sets, err := evaluate.ReadSets(text, len(p.asked.Classes))
		if err == nil {
			err = sets.Check(p.asked)
		}
		if err != nil {
			return p, fmt.Errorf("run %s: %w", id, err)
		}
		p.sets = &sets
	}
	return p, nil
}

// askedOf reads what the nets of a run are asked.
func askedOf(run interface{ Fact(string) string }) (q stage.Questions, err error) {
	if run.Fact(evaluate.ClassesFact) == "" {
		return q, stage.Fault{Err: errors.New("an older version of this program stored it without its classes, so nobody knows what its nets answer"),
			Hint: "runner show, report and compare read it as ever; to ask its nets, train it again: runner show RUN writes its experiment"}
	}
	if err := json.Unmarshal([]byte(run.Fact(evaluate.ClassesFact)), &q.Classes); err != nil {
		return q, fmt.Errorf("its classes: %w", err)
	}
	if len(q.Classes) < 2 {
		return q, fmt.Errorf("its classes are %q, and a net tells at least two apart", q.Classes)
	}
	for fact, into := range map[string]any{audit.TargetsFact: &q.Targets, audit.AmongFact: &q.Among} {
		if text := run.Fact(fact); text != "" {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				return q, fmt.Errorf("its %s: %w", fact, err)
			}
		}
	}
	return q, q.Check()
}

// predict makes the images and asks every net about them.
func (p predictor) predict(ctx context.Context, env stage.Env, cases audit.Cases) (all []stage.Prediction, err error) {
	for i := range cases.Cases {
		cases.Cases[i].Split = stage.Test // whatever they are elsewhere
	}
	images, err := preprocess.Run(ctx, env, p.e.Preprocess, cases)
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
	cfg := p.e.Model
	if cfg.Input, err = cfg.Input.Follow(images.Normalisation()); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	net, err := model.Blank(ctx, env, cfg, images.Shape(), p.e.Task(p.asked, p.covariates))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	for _, one := range p.nets {
		if err := train.Restore(ctx, net, one); err != nil {
			return nil, err
		}
		if err := one.tried(ctx, net, images.Shape()); err != nil {
			return nil, err
		}
		items, err := train.Predict(ctx, env, p.e.Train, net, images)
		if err != nil {
			return nil, err
		}
		if err := p.look(ctx, net, one, images); err != nil {
			return nil, err
		}
		for _, item := range items {
			all = append(all, stage.Fold{Number: one.fold, Of: len(p.nets)}.Prediction(item))
		}
	}
	if len(p.nets) > 1 {
		all = evaluate.MeanOfFolds(all)
	}
	if p.see == nil {
		return all, nil
	}
	return all, p.see(ctx, env, p, p.subject(net, images), all)
}

// sight looks at images with a net that has predicted them, as explain does.
type sight func(ctx context.Context, env stage.Env, p predictor, x explain.Subject, items []stage.Prediction) error

// subject is a net, which has the weights of the last fold, with its images.
func (p predictor) subject(net *model.Net, images *preprocess.Images) explain.Subject {
	x := explain.Subject{Net: net, Images: images, Classes: images.Classes, Scores: p.e.Train.Scores(images.Questions()), Alike: p.e.Evaluate.Alike}
	if len(p.nets) > 1 {
		x.LoadFold = func(ctx context.Context, number int) error {
			at := slices.IndexFunc(p.nets, func(n foldNet) bool { return n.fold == number })
			if at < 0 {
				return fmt.Errorf("run %s has no fold %d", p.run.ID(), number)
			}
			return train.Restore(ctx, net, p.nets[at])
		}
	}
	return x
}

// tellUnlike warns of images that do not look like those of the training.
func (p predictor) tellUnlike(ctx context.Context, env stage.Env, images *preprocess.Images) error {
	n, mean, std := images.Entering(stage.Test)
	text := preprocess.Unlike(p.run.Fact(preprocess.PixelsFact+string(stage.Train)), n, mean, std)
	if text == "" {
		return nil
	}
	return env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "predict", Text: text})
}

// calibrated corrects the probabilities as the run's validation split showed.
func (p predictor) calibrated(items []stage.Prediction) ([]stage.Prediction, error) {
	out, err := calibratedAs(p.run, items)
	if err != nil {
		err = fmt.Errorf("run %s: %w", p.run.ID(), err)
	}
	return out, err
}

// tellMissing says what has no prediction.
func (p predictor) tellMissing(to audience, cases audit.Cases, items []stage.Prediction) error {
	for _, d := range cases.Dropped {
		if cases.Looks != nil {
			break // the audit tells more of them
		}
		to.warn("left out: %s: %d, such as %s (%s)", d.Rule, len(d.IDs), d.IDs[0], d.Reason)
	}
	made := map[string]bool{}
	for _, item := range items {
		made[cmp.Or(p.samples[item.CaseID], item.CaseID)] = true
	}
	if asked := len(cases.Samples().Cases); len(made) < asked {
		to.warn("%d of %d images could not be used and have no prediction", asked-len(made), asked)
	}
	if len(items) == 0 {
		return stage.Fault{Err: errors.New("nothing could be predicted: no image could be used"), Hint: "the warnings say why; runner predict takes DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP and PNM files"}
	}
	return nil
}

// tellBlank says which samples lack a view.
func (p predictor) tellBlank(to audience, cases audit.Cases) {
	for _, f := range cases.Findings {
		if f.ID == audit.ViewMissing {
			to.warn("%s: %d, such as %s: the net is shown a blank picture instead", f.Rule, len(f.IDs), f.IDs[0])
		}
	}
}

// tellUnknown says of which covariates nothing is known.
func (p predictor) tellUnknown(to audience, cases audit.Cases) {
	samples, unknown := cases.Samples().Cases, map[string]int{}
	for _, one := range samples {
		for _, name := range p.covariates.Unknown(one.Tags) {
			unknown[name]++
		}
	}
	for _, c := range p.covariates {
		if n := unknown[c.Name]; n > 0 {
			values := "a number"
			if c.Values != nil {
				values = "one of " + shortened(c.Values)
			}
			to.warn("%s of %d of %d images is not known, or nothing that the net has seen; it is %s, from a column of that name in a CSV file", c.Name, n, len(samples), values)
		}
	}
}

// tellMeasured says how good the predictions are, where the labels are known.
func (p predictor) tellMeasured(to audience, items []stage.Prediction, raw bool) (measured bool, err error) {
	if slices.ContainsFunc(items, func(item stage.Prediction) bool { return item.Label < 0 }) {
		return false, nil
	}
	scalars, err := evaluate.Measure(p.e.Evaluate, p.asked.Classes)(items)
	if err != nil {
		return false, err
	}
	if p.sets != nil {
		of, err := p.sets.Measure(p.e.Evaluate, p.asked.Classes, items)
		if err != nil {
			return false, err
		}
		scalars = append(scalars, of...)
	}
	to.say("measured over %d cases:", len(items))
	if silent := p.silent(items); len(silent) > 0 {
		to.warn("there is no case of %s: the run's own numbers are means over more targets than these", strings.Join(silent, ", "))
	}
	for _, line := range besideFinals(scalars, p.run.Finals(), raw) {
		to.say("  %s", line)
	}
	return true, nil
}

// silent are the targets that no prediction is of.
func (p predictor) silent(items []stage.Prediction) (out []string) {
	for _, target := range p.asked.Targets {
		if !slices.ContainsFunc(items, func(item stage.Prediction) bool { return item.Tags[stage.TargetTag] == target }) {
			out = append(out, target)
		}
	}
	return out
}

// besideFinals writes a line for each number, with what the run measured itself, on its test
// split where it has one, and calibrated where these are.
func besideFinals(scalars, finals []stage.Scalar, raw bool) []string {
	var out strings.Builder
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	series := []string{"test calibrated", "test", "validation calibrated", "validation"}
	if raw {
		series = []string{"test", "validation"}
	}
	for _, s := range scalars {
		fmt.Fprintf(t, "%s\t%s", s.Name, finalText(s))
		for _, one := range series {
			at := slices.IndexFunc(finals, func(f stage.Scalar) bool { return f.Series == one && f.Name == s.Name && measured(f) })
			if at >= 0 {
				fmt.Fprintf(t, "\trun, %s: %s", one, finalText(finals[at]))
				break
			}
		}
		fmt.Fprintln(t)
	}
	_ = t.Flush() // a buffer takes everything
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}
