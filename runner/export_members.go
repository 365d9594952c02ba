package main

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

// exported is what is asked of package export, and what is told of it.
type exported struct {
	export.Request
	p     finished.Opened // of the run, or the ensemble
	steps []string        // of preprocessing
	views string          // of test-time augmentation, in words
}

// open finds the run and its nets, or those of an ensemble's members.
func (c exportModelCommand) open(ctx context.Context) (m exported, err error) {
	run, err := finished.Store{DB: c.DB, Runs: c.Runs}.Find(ctx, c.ID)
	if err != nil {
		return m, err
	}
	if finished.IsEnsemble(run) {
		return c.ofEnsemble(ctx, run)
	}
	if m.p, err = finished.Open(run, c.Fold); err != nil {
		return m, err
	}
	for _, net := range m.p.Nets {
		if net.Fold > 0 {
			m.About.Folds = append(m.About.Folds, net.Fold)
		}
	}
	return m, c.fill(&m, []finished.Opened{m.p})
}

// ofEnsemble opens the members that count. One graph takes images in once, so all must want
// the same.
func (c exportModelCommand) ofEnsemble(ctx context.Context, run finished.Run) (m exported, err error) {
	e, err := experiments.StoredEnsemble(run.Experiment())
	if err != nil {
		return m, err
	}
	if c.Fold != 0 {
		return m, stage.Fault{Err: fmt.Errorf("--fold %d: run %s is an ensemble", c.Fold, run.ID()), Hint: "export one of its members, or leave --fold out"}
	}
	if m.p, err = finished.Read(run); err != nil {
		return m, err
	}
	members, weights, err := finished.Members(ctx, run, e.Ensemble)
	if err != nil {
		return m, err
	}
	if m.Blend, err = evaluate.NewBlend(e.Ensemble.By, weights); err != nil {
		return m, err
	}
	if err := c.fill(&m, members); err != nil {
		return m, err
	}
	for i, p := range members {
		if e.Ensemble.Raw {
			break
		}
		if m.Members[i].Calibrator, err = readCalibrator(p); err != nil {
			return m, err
		}
	}
	return m, nil
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
func (c exportModelCommand) fill(m *exported, members []finished.Opened) (err error) {
	first := members[0]
	layout, err := preprocess.Describe(first.Experiment.Preprocess)
	if err != nil {
		return fmt.Errorf("preprocess: %w", err)
	}
	m.Layout, m.Raw, m.Sets = layout.In(len(first.Experiment.Data.Views)), c.Raw, m.p.Sets
	m.Names = augment.Names{Classes: m.p.Asked.Classes, Targets: m.p.Asked.Targets, Among: m.p.Asked.Among, Views: first.Experiment.Data.Views, Covariates: first.Covariates.Columns()}
	for _, p := range members {
		if err := alike(first, p, m.p); err != nil {
			return err
		}
		one := export.Member{Run: p.Run.ID(), Model: p.Experiment.Model, Train: p.Experiment.Train, Task: p.Task()}
		for _, net := range p.Nets {
			one.Weights = append(one.Weights, net)
		}
		if one.Model.Input, err = one.Model.Input.Follow(layout.Normalisation); err != nil {
			return fmt.Errorf("model: %w", err)
		}
		if words := one.Train.TestTime.String(); words != "" && !strings.Contains(m.views, words) {
			m.views = strings.TrimPrefix(m.views+"; or "+words, "; or ")
		}
		if c.OneView {
			one.Train.TestTime = augment.DefaultTestTime
		}
		m.Members = append(m.Members, one)
	}
	for _, step := range first.Experiment.Preprocess {
		m.steps = append(m.steps, step.Name)
	}
	if m.Calibrator, err = readCalibrator(m.p); err != nil {
		return err
	}
	return m.about(first)
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
func (m *exported) about(first finished.Opened) (err error) {
	run := m.p.Run
	m.About.Run, m.About.Name, m.About.Fingerprint = run.ID(), run.Name(), run.Fact(audit.FingerprintFact)
	m.About.Libtorch = first.Run.Fact("libtorch")
	if m.About.Program, err = programVersion(); err != nil {
		return err
	}
	return registry.Encode(first.Experiment.Preprocess).Decode(&m.About.Preprocess)
}
