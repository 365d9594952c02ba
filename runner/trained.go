package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/results"
	"vertebra/stages/model"
	"vertebra/stages/packages"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// trained is a finished run whose nets are asked, wherever it is kept: in the database and a
// folder of checkpoints, or in a package.
type trained interface {
	ID() string
	Name() string
	// Experiment is the resolved one, as YAML.
	Experiment() string
	// Fact gives what the run noted under a name; "" where it did not.
	Fact(name string) string
	// Finals are the final numbers of validation and test.
	Finals() []stage.Scalar
	// Nets are those of all folds, or the one of a fold that is not 0.
	Nets(fold int) ([]foldNet, error)
	// Changed says which steps make other pixels here than where the run was packed.
	Changed(steps preprocess.Config) []string
	// Member is a run that this one, an ensemble, blends.
	Member(ctx context.Context, id string) (trained, error)
}

// foldNet are the weights of a net, and the number of its fold; 0 of the only one.
type foldNet struct {
	train.Weights
	fold  int
	probe []float32 // what the net says of noise; nil where nobody kept that
	bytes int64     // of the weights; 0 where nobody says
}

// holds wants the weights to be as many as the net's, before a net is made that may be larger
// than any machine. Sketches of nets whose size depends on that of images may be off by some.
func (n foldNet) holds(o model.Outline) error {
	wanted := int64(0)
	for _, p := range o.Parameters {
		wanted += 4 * p.Elements
	}
	if n.bytes == 0 || wanted/2 <= n.bytes {
		return nil
	}
	name, err := n.Find()
	return errors.Join(err, stage.Fault{Err: fmt.Errorf("%s has %d bytes, and the net of its experiment wants %d", name, n.bytes, wanted),
		Hint: "experiment and weights are of different nets: get the package again from whoever wrote it"})
}

// finished says where finished runs are looked for, besides packages.
type finished struct {
	database
	runs string // folder of checkpoints
}

// find gives the run that a word names, or the one in a package.
func (f finished) find(ctx context.Context, word string) (trained, error) {
	if packages.Names(word) {
		return openPackage(word)
	}
	record, err := f.load(ctx, word)
	if err != nil {
		return nil, err
	}
	return f.stored(record)
}

// stored wants a run to be finished.
func (f finished) stored(record *results.RunRecord) (storedRun, error) {
	if id := record.ID; record.Status != results.Done {
		hint := "name a finished run; runner run FILE --resume " + id + " goes on with this one"
		if record.Fact(results.EnsembleFact) != "" {
			hint = "make the ensemble again, which takes seconds"
		}
		return storedRun{}, stage.Fault{Err: fmt.Errorf("run %s is %s", id, record.Status), Hint: hint}
	}
	return storedRun{record, f}, nil
}

// storedRun is a run of the database.
type storedRun struct {
	record *results.RunRecord
	at     finished
}

// ID is the run's.
func (r storedRun) ID() string { return r.record.ID }

// Name is what its experiment is called.
func (r storedRun) Name() string { return r.record.Name }

// Experiment is the stored one.
func (r storedRun) Experiment() string { return r.record.Experiment }

// Fact gives a stored fact.
func (r storedRun) Fact(name string) string { return r.record.Fact(name) }

// Finals are the stored ones.
func (r storedRun) Finals() []stage.Scalar { return r.record.Finals }

// folder is where the checkpoints are: where --runs says, or else where they were stored.
func (r storedRun) folder() string {
	dir := filepath.Join(r.at.runs, r.record.ID)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	for _, a := range r.record.Artefacts {
		if stored := folderOf(r.record.ID, a); stored != "" {
			return stored
		}
	}
	return dir
}

// Nets lists the folders of checkpoints.
func (r storedRun) Nets(fold int) (nets []foldNet, err error) {
	dir := r.folder()
	found, err := filepath.Glob(filepath.Join(dir, "fold-*"))
	if err != nil {
		return nil, err
	}
	for _, folder := range found {
		number, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(folder), "fold-"))
		if err == nil && (fold == 0 || fold == number) {
			nets = append(nets, foldNet{Weights: train.Folder(folder), fold: number})
		}
	}
	switch {
	case len(nets) == 0 && fold != 0:
		return nil, stage.Fault{Err: fmt.Errorf("run %s has no fold %d in %s", r.ID(), fold, dir), Hint: "leave --fold out"}
	case len(nets) == 0:
		nets = []foldNet{{Weights: train.Folder(dir)}}
	}
	return nets, nil
}

// Changed says nothing: nobody noted how the steps of a stored run worked.
func (r storedRun) Changed(preprocess.Config) []string { return nil }

// Member loads another run of the database.
func (r storedRun) Member(ctx context.Context, id string) (trained, error) { return r.member(ctx, id) }

func (r storedRun) member(ctx context.Context, id string) (storedRun, error) {
	record, err := r.at.load(ctx, id)
	if err != nil || record.ID != id {
		return storedRun{}, stage.Fault{Err: fmt.Errorf("ensemble %s asks run %s, which is not in this database", r.ID(), id), Hint: "take a database that has all its members"}
	}
	member, err := r.at.stored(record)
	if err != nil {
		err = fmt.Errorf("member %s: %w", id, err)
	}
	return member, err
}

// tried wants a net to compute what it did where its probe was kept. In fp32 machines differ
// by the order of sums, which is far below a hundredth.
func (n foldNet) tried(ctx context.Context, net *model.Net, shape preprocess.Shape) error {
	if n.probe == nil {
		return nil
	}
	logits, err := train.Probe(ctx, net, shape)
	if err != nil {
		return err
	}
	if far := train.Differ(logits, n.probe); !(far <= 0.01) {
		name, err := n.Find()
		return errors.Join(err, stage.Fault{Err: fmt.Errorf("%s: the net computes something else here than where it was packed: its answers to images of noise differ by %.2g of the largest", name, far),
			Hint: "use the program and the libtorch that runner show FILE.zip --json names, and see whether runner doctor finds fault with this device"})
	}
	return nil
}

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
func (r packedRun) Fact(name string) string { return r.run.Fact(name) }

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
			nets = append(nets, foldNet{r.in.Weights(net), net.Fold, net.Probe, r.in.Parts[net.Weights].Bytes})
		}
	}
	if len(nets) == 0 {
		return nil, stage.Fault{Err: fmt.Errorf("run %s has no fold %d in %s", r.ID(), fold, r.in.Path()), Hint: "leave --fold out"}
	}
	return nets, nil
}

// Changed goes by the versions of steps.
func (r packedRun) Changed(steps preprocess.Config) (out []string) {
	if r.run.Image == nil {
		return nil
	}
	for i, was := range r.run.Image.Steps {
		if i >= len(steps) || steps[i].Name != was.Name {
			return append(out, fmt.Sprintf("the steps of %s are not those of its experiment", r.in.Path()))
		}
		if here := steps[i].Part.Version(); here != was.Version {
			out = append(out, fmt.Sprintf("the step %s of this program (version %d) makes other pixels than that of the one that wrote %s (version %d): predictions may differ a little; that program was %s",
				was.Name, here, r.in.Path(), was.Version, r.in.Program))
		}
	}
	return out
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
