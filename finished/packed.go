package finished

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/locate"
	"vertebra/stages/packages"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Packed is the run of a package, or a member of it.
type Packed struct {
	In         *packages.Package // the file
	Run        packages.Run      // what it says of the run
	experiment string
}

// OpenPackage reads what a package says of its run. A fact that this program does not know is an
// error: what it stands for might change the predictions.
func OpenPackage(path string) (Packed, error) {
	p, err := packages.Open(path)
	if err != nil {
		return Packed{}, err
	}
	return packed(p, p.Run)
}

func packed(p *packages.Package, run packages.Run) (r Packed, err error) {
	r = Packed{In: p, Run: run}
	if err := allKnown(run); err != nil {
		return r, fmt.Errorf("package %s: %w", p.Path(), err)
	}
	r.experiment, err = p.Text(run.Experiment)
	return r, err
}

// PackedFacts are the facts of a run that a package has: what predict asks for, and how the
// nets were trained. None of them names a case, a study or a file.
var PackedFacts = []string{
	evaluate.ClassesFact, evaluate.TrainingFact, audit.TargetsFact, audit.AmongFact, audit.CovariatesFact, audit.SeriesFact, evaluate.CalibrationFact, evaluate.SetsFact, results.EnsembleFact, audit.UndividedFact,
	preprocess.PixelsFact + string(stage.Train), "libtorch", "device", "precision", "parameters", "test-time augmentation", "weights",
}

// allKnown refuses facts that this program passes over: what a newer one does with them may be
// other predictions.
func allKnown(run packages.Run) error {
	for _, name := range slices.Sorted(maps.Keys(run.Facts)) {
		if !slices.Contains(PackedFacts, name) {
			return stage.Fault{Err: fmt.Errorf("run %s notes %q, of which this program knows nothing", run.ID, name), Hint: "use the runner that wrote it, or a newer one"}
		}
	}
	return nil
}

// ID is what the run was called where it was trained.
func (r Packed) ID() string { return r.Run.ID }

// Name is what its experiment is called.
func (r Packed) Name() string { return r.Run.Name }

// Experiment is the packed one.
func (r Packed) Experiment() string { return r.experiment }

// Fact gives a packed fact.
func (r Packed) Fact(name string) string {
	if name == audit.FingerprintFact {
		return r.Run.Data.Fingerprint
	}
	return r.Run.Fact(name)
}

// Finals are the packed ones.
func (r Packed) Finals() (out []stage.Scalar) {
	for _, n := range r.Run.Numbers {
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
func (r Packed) Nets(fold int) (nets []Net, err error) {
	for _, net := range r.Run.Nets {
		if fold == 0 || fold == net.Fold {
			one := Net{Weights: r.In.Weights(net), Fold: net.Fold, probe: net.Probe, bytes: r.In.Parts[net.Weights].Bytes}
			if net.Outliers != "" {
				one.Outliers = r.In.Outliers(net)
			}
			nets = append(nets, one)
		}
	}
	if len(nets) == 0 {
		return nil, stage.Fault{Err: fmt.Errorf("run %s has no fold %d in %s", r.ID(), fold, r.In.Path()), Hint: "leave --fold out"}
	}
	return nets, nil
}

// Finder is two parts of the package.
func (r Packed) Finder() (l locate.Locator, net train.Weights, ok bool, err error) {
	if r.Run.Locate == nil {
		return l, nil, false, nil
	}
	weights, points := r.In.Finder(*r.Run.Locate)
	data, err := points.Read()
	if err == nil {
		l, err = locate.Decode(data)
	}
	return l, weights, err == nil, err
}

// Steps are those of the manifest.
func (r Packed) Steps() (out []preprocess.StepVersion, err error) {
	if r.Run.Image == nil { // of an ensemble
		return nil, nil
	}
	for _, step := range r.Run.Image.Steps {
		out = append(out, preprocess.StepVersion(step))
	}
	return out, nil
}

// Changed goes by the versions of steps.
func (r Packed) Changed(steps preprocess.Config) []string {
	was, _ := r.Steps() // a manifest was read before
	return steps.Changed(was, r.In.Path(), r.In.Program)
}

// Member finds it in the package.
func (r Packed) Member(_ context.Context, id string) (Run, error) {
	for _, member := range r.In.Members {
		if member.ID == id {
			return packed(r.In, member)
		}
	}
	return nil, stage.Fault{Err: fmt.Errorf("ensemble %s asks run %s, which is not in %s", r.ID(), id, r.In.Path()), Hint: "export the package again"}
}

// InPackage is what a recalibrated run calls a member of a packed ensemble: FILE.zip#RUN. Ids of runs
// have no #.
func InPackage(path, member string) string { return path + "#" + member }

// SplitPacked takes the name of a packed run apart; member is "" where the package is one of a single run.
func SplitPacked(id string) (path, member string, packed bool) {
	if packages.Names(id) {
		return id, "", true
	}
	at := strings.LastIndex(id, "#")
	if at < 0 || !packages.Names(id[:at]) {
		return id, "", false
	}
	return id[:at], id[at+1:], true
}

// PackageFact is the SHA-256 of the package whose nets a recalibrated run asks.
const PackageFact = "SHA-256 of the package"
