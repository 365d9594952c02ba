package pack

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// describe says of a run what its package does, but for its nets and its experiment.
func (k *Packing) describe(run finished.Run) (out packages.Run, err error) {
	switch run := run.(type) {
	case finished.Packed:
		return k.describePacked(run), nil
	case finished.Stored:
		return k.describeStored(run.Record)
	}
	return out, fmt.Errorf("run %s is neither in a database nor in a package", run.ID())
}

// describePacked says what the package of a member says.
func (k *Packing) describePacked(run finished.Packed) packages.Run {
	for _, setting := range run.In.Left {
		k.leave(setting)
	}
	out := run.Run
	out.Nets, out.Image, out.Experiment = nil, nil, ""
	return out
}

func (k *Packing) describeStored(r *results.RunRecord) (out packages.Run, err error) {
	k.guard.learnRun(r)
	out = packages.Run{ID: r.ID, Name: r.Name, Trained: r.Ended.UTC().Format("2006-01-02"), Numbers: numbersOf(r.RunSummary)}
	for _, name := range finished.PackedFacts {
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

// imageOf says what is to be given to a run's nets, and what they see of it.
func imageOf(o finished.Opened) (*packages.Image, error) {
	layout, err := o.Entering()
	if err != nil {
		return nil, err
	}
	views, shape, columns := o.Experiment.Data.Views, layout.Shape, imageColumns(o.Experiment.Data.Source.Part)
	out := &packages.Image{
		Sample: o.Experiment.Data.Sample, Point: o.Experiment.Preprocess.NeedsPoint(), Levels: o.Experiment.Preprocess.NeedsSpacing(), Views: views,
		Place: o.Experiment.Data.Sample == "level" || columns == nil && (len(views) > 0 || o.Experiment.Preprocess.NeedsView()), Columns: columns,
		Channels: shape.Channels, Height: shape.Height, Width: shape.Width, Mean: layout.Input.Mean, Std: layout.Input.Std,
	}
	if layout.Slices > 1 {
		out.Slices = layout.Slices
	}
	// Those of the training, where it noted them: what this program does may be another thing.
	steps, err := o.Run.Steps()
	if len(steps) == 0 {
		steps = o.Experiment.Preprocess.Versions()
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
