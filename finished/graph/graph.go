// Package graph says of a finished run what package export makes one file of: the nets of all folds or of all
// members of an ensemble, with what predict does to their answers.
package graph

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/evaluate"
	"vertebra/stages/export"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Options say which part of what predict does a graph leaves out.
type Options struct {
	Fold    int  // the net of this fold alone; 0 for all, and the mean of their probabilities
	Raw     bool // probabilities stay as the nets give them, also where the run is calibrated
	OneView bool // without test-time augmentation
}

// Graph is what is asked of package export for a finished run, and what is told of it.
type Graph struct {
	export.Request
	Of    finished.Opened // the run, or the ensemble
	Steps []string        // of preprocessing, by their names
	Views string          // of test-time augmentation, in words; "" for none
}

// Open opens the nets of a run, or those of an ensemble's members, and says what predict does with their
// answers. program is what the file will say that wrote it.
func Open(ctx context.Context, run finished.Run, o Options, program string) (g Graph, err error) {
	g.About.Program = program
	if finished.IsEnsemble(run) {
		err = g.ofEnsemble(ctx, run, o)
		return g, err
	}
	if g.Of, err = finished.Open(run, o.Fold); err != nil {
		return g, err
	}
	for _, net := range g.Of.Nets {
		if net.Fold > 0 {
			g.About.Folds = append(g.About.Folds, net.Fold)
		}
	}
	err = g.fill(o, []finished.Opened{g.Of})
	return g, err
}

// ofEnsemble opens the members that count. One graph takes images in once, so all must want
// the same.
func (g *Graph) ofEnsemble(ctx context.Context, run finished.Run, o Options) error {
	e, err := experiments.StoredEnsemble(run.Experiment())
	if err != nil {
		return err
	}
	if o.Fold != 0 {
		return stage.Fault{Err: fmt.Errorf("--fold %d: run %s is an ensemble", o.Fold, run.ID()), Hint: "export one of its members, or leave --fold out"}
	}
	if g.Of, err = finished.Read(run); err != nil {
		return err
	}
	members, weights, err := finished.Members(ctx, run, e.Ensemble)
	if err != nil {
		return err
	}
	if g.Blend, err = evaluate.NewBlend(e.Ensemble.By, weights); err != nil {
		return err
	}
	if err := g.fill(o, members); err != nil {
		return err
	}
	for i, p := range members {
		if e.Ensemble.Raw {
			break
		}
		if g.Members[i].Calibrator, err = readCalibrator(p); err != nil {
			return err
		}
	}
	return nil
}

func readCalibrator(p finished.Opened) (*evaluate.FittedCalibrator, error) {
	text := p.Run.Fact(evaluate.CalibrationFact)
	if text == "" {
		return nil, nil
	}
	calibrator, err := evaluate.ReadCalibrator(text, len(p.Asked.Classes))
	return &calibrator, err
}

// fill says what predict does with the members' nets.
func (g *Graph) fill(o Options, members []finished.Opened) (err error) {
	first := members[0]
	layout, err := preprocess.Describe(first.Experiment.Preprocess)
	if err != nil {
		return fmt.Errorf("preprocess: %w", err)
	}
	g.Layout, g.Raw, g.Sets = layout.In(len(first.Experiment.Data.Views)), o.Raw, g.Of.Sets
	g.Names = augment.Names{Classes: g.Of.Asked.Classes, Targets: g.Of.Asked.Targets, Among: g.Of.Asked.Among, Views: first.Experiment.Data.Views, Covariates: first.Covariates.Columns()}
	for _, p := range members {
		if err := alike(first, p, g.Of); err != nil {
			return err
		}
		one := export.Member{Run: p.Run.ID(), Model: p.Experiment.Model, Train: p.Experiment.Train, Task: p.Task()}
		for _, net := range p.Nets {
			one.Weights = append(one.Weights, net)
		}
		if one.Model.Input, err = one.Model.Input.Follow(layout.Normalisation); err != nil {
			return fmt.Errorf("model: %w", err)
		}
		if words := one.Train.TestTime.String(); words != "" && !strings.Contains(g.Views, words) {
			g.Views = strings.TrimPrefix(g.Views+"; or "+words, "; or ")
		}
		if o.OneView {
			one.Train.TestTime = augment.DefaultTestTime
		}
		g.Members = append(g.Members, one)
	}
	for _, step := range first.Experiment.Preprocess {
		g.Steps = append(g.Steps, step.Name)
	}
	if g.Calibrator, err = readCalibrator(g.Of); err != nil {
		return err
	}
	return g.about(first)
}

// alike refuses members that want other images than the first, or answer something else.
func alike(first, p, whole finished.Opened) error {
	steps := func(p finished.Opened) string { return registry.OneLine(registry.Encode(p.Experiment.Preprocess)) }
	same := steps(first) == steps(p) && slices.Equal(first.Experiment.Data.Views, p.Experiment.Data.Views) && slices.Equal(first.Covariates.Columns(), p.Covariates.Columns())
	if same && reflect.DeepEqual(p.Asked, whole.Asked) {
		return nil
	}
	return stage.Fault{
		Err:  fmt.Errorf("members %s and %s see images that are made in different ways, or other covariates, and a file takes them in once", first.Run.ID(), p.Run.ID()),
		Hint: "export the members one by one; runner show " + whole.Run.ID() + " has their weights",
	}
}

// about says where the file comes from.
func (g *Graph) about(first finished.Opened) error {
	run := g.Of.Run
	g.About.Run, g.About.Name, g.About.Fingerprint = run.ID(), run.Name(), run.Fact(audit.FingerprintFact)
	g.About.Libtorch = first.Run.Fact("libtorch")
	return registry.Encode(first.Experiment.Preprocess).Decode(&g.About.Preprocess)
}
