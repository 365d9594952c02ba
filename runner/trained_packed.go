package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/locate"
	"vertebra/stages/packages"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// packedRun is the run of a package, or a member of it.
type packedRun struct {
	in         *packages.Package
	run        packages.Run
	experiment string
}

func openPackage(path string) (packedRun, error) {
	p, err := packages.Open(path)
	if err != nil {
		return packedRun{}, err
	}
	return packed(p, p.Run)
}

func packed(p *packages.Package, run packages.Run) (r packedRun, err error) {
	r = packedRun{in: p, run: run}
	if err := allKnown(run); err != nil {
		return r, fmt.Errorf("package %s: %w", p.Path(), err)
	}
	r.experiment, err = p.Text(run.Experiment)
	return r, err
}

// allKnown refuses facts that this program passes over: what a newer one does with them may be
// other predictions.
func allKnown(run packages.Run) error {
	for _, name := range slices.Sorted(maps.Keys(run.Facts)) {
		if !slices.Contains(packedFacts, name) {
			return stage.Fault{Err: fmt.Errorf("run %s notes %q, of which this program knows nothing", run.ID, name), Hint: "use the runner that wrote it, or a newer one"}
		}
	}
	return nil
}

// ID is what the run was called where it was trained.
func (r packedRun) ID() string { return r.run.ID }

// Name is what its experiment is called.
func (r packedRun) Name() string { return r.run.Name }

// Experiment is the packed one.
func (r packedRun) Experiment() string { return r.experiment }

// Fact gives a packed fact.
func (r packedRun) Fact(name string) string {
	if name == audit.FingerprintFact {
		return r.run.Data.Fingerprint
	}
	return r.run.Fact(name)
}

// Finals are the packed ones.
func (r packedRun) Finals() (out []stage.Scalar) {
	for _, n := range r.run.Numbers {
		s := stage.Scalar{Name: n.Name, Title: n.Title, Series: n.Series, Epoch: stage.Final, Value: number(n.Value), Unit: n.Unit}
		if n.Level > 0 {
			s.Interval = &stage.Interval{Low: number(n.Low), High: number(n.High), Level: n.Level, Method: n.Method}
		}
		out = append(out, s)
	}
	return out
}

// number is NaN of what JSON has no number for.
func number(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// Nets are parts of the package.
func (r packedRun) Nets(fold int) (nets []foldNet, err error) {
	for _, net := range r.run.Nets {
		if fold == 0 || fold == net.Fold {
			one := foldNet{Weights: r.in.Weights(net), fold: net.Fold, probe: net.Probe, bytes: r.in.Parts[net.Weights].Bytes}
			if net.Outliers != "" {
				one.outliers = r.in.Outliers(net)
			}
			nets = append(nets, one)
		}
	}
	if len(nets) == 0 {
		return nil, stage.Fault{Err: fmt.Errorf("run %s has no fold %d in %s", r.ID(), fold, r.in.Path()), Hint: "leave --fold out"}
	}
	return nets, nil
}

// Finder is two parts of the package.
func (r packedRun) Finder() (l locate.Locator, net train.Weights, ok bool, err error) {
	if r.run.Locate == nil {
		return l, nil, false, nil
	}
	weights, points := r.in.Finder(*r.run.Locate)
	data, err := points.Read()
	if err == nil {
		l, err = locate.Decode(data)
	}
	return l, weights, err == nil, err
}

// Steps are those of the manifest.
func (r packedRun) Steps() (out []preprocess.StepVersion, err error) {
	if r.run.Image == nil { // of an ensemble
		return nil, nil
	}
	for _, step := range r.run.Image.Steps {
		out = append(out, preprocess.StepVersion(step))
	}
	return out, nil
}

// Changed goes by the versions of steps.
func (r packedRun) Changed(steps preprocess.Config) []string {
	was, _ := r.Steps() // a manifest was read before
	return steps.Changed(was, r.in.Path(), r.in.Program)
}

// Member finds it in the package.
func (r packedRun) Member(_ context.Context, id string) (trained, error) {
	for _, member := range r.in.Members {
		if member.ID == id {
			return packed(r.in, member)
		}
	}
	return nil, stage.Fault{Err: fmt.Errorf("ensemble %s asks run %s, which is not in %s", r.ID(), id, r.in.Path()), Hint: "export the package again"}
}
