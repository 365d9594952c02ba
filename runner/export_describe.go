package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/model"
	"vertebra/stages/packages"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// packedFacts are the facts of a run that a package has: what predict asks for, and how the
// nets were trained. None of them names a case, a study or a file.
var packedFacts = []string{
	evaluate.ClassesFact, evaluate.TrainingFact, audit.TargetsFact, audit.AmongFact, audit.CovariatesFact, audit.SeriesFact, evaluate.CalibrationFact, evaluate.SetsFact, results.EnsembleFact, audit.UndividedFact,
	preprocess.PixelsFact + string(stage.Train), "libtorch", "device", "precision", "parameters", "test-time augmentation", "weights",
}

// describe says of a run what its package does, but for its nets and its experiment.
func (k *packing) describe(run trained) (out packages.Run, err error) {
	switch run := run.(type) {
	case packedRun:
		return k.describePacked(run), nil
	case storedRun:
		return k.describeStored(run.record)
	}
	return out, fmt.Errorf("run %s is neither in a database nor in a package", run.ID())
}

// describePacked says what the package of a member says.
func (k *packing) describePacked(run packedRun) packages.Run {
	for _, setting := range run.in.Left {
		k.leave(setting)
	}
	out := run.run
	out.Nets, out.Image, out.Experiment = nil, nil, ""
	return out
}

func (k *packing) describeStored(r *results.RunRecord) (out packages.Run, err error) {
	k.guard.learnRun(r)
	out = packages.Run{ID: r.ID, Name: r.Name, Trained: r.Ended.UTC().Format("2006-01-02"), Numbers: numbersOf(r.RunSummary)}
	for _, name := range packedFacts {
		if err := out.SetFact(name, r.Fact(name)); err != nil {
			return out, err
		}
	}
	out.Data.Fingerprint = r.Fact(audit.FingerprintFact)
	for _, t := range results.Shape[stage.Table](r) {
		counts := &packages.Table{Title: t.Title, Columns: t.Columns, Rows: t.Rows}
		switch {
		case t.Section == "data" && t.Name == "splits":
			out.Data.Splits = counts
		case t.Section == "data" && t.Name == "input_statistics":
			out.Data.Pixels = counts
		}
	}
	return out, nil
}

// numbersOf are the final numbers of validation and test, of folds and of the guess without
// images too, the one that training watched first.
func numbersOf(r results.RunSummary) (out []packages.Number) {
	for _, s := range r.WatchedFirst() {
		if !strings.HasPrefix(s.Series, string(stage.Validation)) && !strings.HasPrefix(s.Series, string(stage.Test)) {
			continue
		}
		n := packages.Number{Series: s.Series, Name: s.Name, Title: s.Title, Value: finite(s.Value), Unit: s.Unit}
		if i := s.Interval; i != nil {
			n.Low, n.High, n.Level, n.Method = finite(i.Low), finite(i.High), i.Level, i.Method
		}
		out = append(out, n)
	}
	return out
}

// finite is nil of what JSON has no number for.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// entering is how images enter a run's nets.
type entering struct {
	preprocess.Layout
	input model.Input
}

func layoutOf(p predictor) (e entering, err error) {
	if e.Layout, err = preprocess.Describe(p.e.Preprocess); err != nil {
		return e, fmt.Errorf("preprocess: %w", err)
	}
	e.Layout = e.In(len(p.e.Data.Views))
	if e.input, err = p.e.Model.Input.Follow(e.Normalisation); err != nil {
		return e, fmt.Errorf("model: %w", err)
	}
	return e, nil
}

// imageOf says what is to be given to a run's nets, and what they see of it.
func imageOf(p predictor) (*packages.Image, error) {
	layout, err := layoutOf(p)
	if err != nil {
		return nil, err
	}
	views, shape, columns := p.e.Data.Views, layout.Shape, imageColumns(p.e.Data.Source.Part)
	out := &packages.Image{
		Sample: p.e.Data.Sample, Point: p.e.Preprocess.NeedsPoint(), Views: views,
		Place: p.e.Data.Sample == "level" || columns == nil && (len(views) > 0 || p.e.Preprocess.NeedsView()), Columns: columns,
		Channels: shape.Channels, Height: shape.Height, Width: shape.Width, Mean: layout.input.Mean, Std: layout.input.Std,
	}
	if layout.Slices > 1 {
		out.Slices = layout.Slices
	}
	// Those of the training, where it noted them: what this program does may be another thing.
	steps, err := p.run.Steps()
	if len(steps) == 0 {
		steps = p.e.Preprocess.Versions()
	}
	for _, step := range steps {
		out.Steps = append(out.Steps, packages.Step(step))
	}
	return out, err
}

// imageColumns are those of a table that tells images and what they show, which a table of new
// images has too.
func imageColumns(source audit.Source) (out []string) {
	t, ok := source.(audit.Table)
	if !ok || len(t.Images) == 0 && t.View == "" {
		return nil
	}
	for _, of := range t.Images {
		if column := of["image"]; column != "" {
			out = append(out, column)
		}
	}
	if len(out) == 0 {
		out = append(out, t.Image)
	}
	if t.View != "" {
		out = append(out, t.View)
	}
	if t.Group != "" && len(t.Images) == 0 {
		out = append(out, t.Group)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
