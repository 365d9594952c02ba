package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/model"
	"vertebra/stages/packages"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// TestTried: a net that computes what it did where it was packed is taken, but for rounding;
// one that computes something else is refused, and so is one whose probe has another form.
func TestTried(t *testing.T) {
	t.Parallel()
	shape := preprocess.Shape{Channels: 1, Height: 8, Width: 8}
	cfg := model.Default
	cfg.Backbone = registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4}}}
	cfg.Input = model.Input{Channels: 1, Mean: []float64{0.5}, Std: []float64{0.5}}
	net, err := model.Blank(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu", Seed: 3}, cfg, shape, model.Single(3))
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	logits, err := train.Probe(t.Context(), net, shape)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "best.safetensors"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	changed := func(by float32) []float32 {
		out := append([]float32{}, logits...)
		out[1] += by
		return out
	}
	for _, c := range []struct {
		name  string
		probe []float32
		fine  bool
	}{
		{"kept by nobody", nil, true}, {"the same", logits, true}, {"rounded otherwise", changed(1e-4), true},
		{"something else", changed(0.1), false}, {"of fewer classes", logits[:4], false},
	} {
		err := foldNet{Weights: train.Folder(dir), probe: c.probe}.tried(t.Context(), net, shape)
		fault := stage.Fault{}
		if c.fine != (err == nil) || err != nil && (!errors.As(err, &fault) || !strings.Contains(err.Error(), "best.safetensors: the net computes something else here than where it was packed")) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

// TestWeightsAreHeld: no net is made that is much larger than its weights.
func TestWeightsAreHeld(t *testing.T) {
	t.Parallel()
	cfg := model.Default
	cfg.Backbone = registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4}}}
	small := model.Sketch(cfg, model.Single(3))
	cfg.Backbone.Part = model.ConvNet{Widths: []int{100_000, 100_000}} // 360 GB
	large := model.Sketch(cfg, model.Single(3))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "best.safetensors"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		bytes int64
		of    model.Outline
		fine  bool
	}{{1000, small, true}, {1000, large, false}, {0, large, true}} {
		err := foldNet{Weights: train.Folder(dir), bytes: c.bytes}.holds(c.of)
		if c.fine != (err == nil) || err != nil && !strings.Contains(err.Error(), "best.safetensors has 1000 bytes, and the net of its experiment wants 36") {
			t.Errorf("%d bytes: got %v", c.bytes, err)
		}
	}
}

// TestFactsOfStrangers: whatever the facts of a package say, they are taken or refused, and
// nothing breaks later.
func TestFactsOfStrangers(t *testing.T) {
	t.Parallel()
	items := []stage.Prediction{{CaseID: "a", Probabilities: []float64{0.25, 0.75}}}
	for _, c := range []struct{ fact, value, want string }{
		{"classes", `["no","yes"]`, ""},
		{"classes", `{"no":1}`, "its classes: json"},
		{"classes", `[]`, "a net tells at least two apart"},
		{"targets", `7`, "its targets: json"},
		{"calibration", `{"scale":[2]}`, ""},
		{"calibration", `{"scale":[1,2,3]}`, "3 scales and 0 offsets for 2 classes"},
		{"calibration", `{"scale":[1],"offset":[1]}`, "1 scales and 1 offsets for 2 classes"},
		{"calibration", `{"scale":[1],"of":{"":{}}}`, "0 scales"},
		{"calibration", `{"scale":["x"]}`, "stored calibration: json"},
		{"prediction sets", `{"method":{"lac":{}},"thresholds":[0.1,0.2,0.3]}`, "3 thresholds for 2 classes"},
	} {
		r := packages.Run{ID: "x"}
		err := errors.Join(r.SetFact("classes", `["no","yes"]`), r.SetFact(c.fact, c.value))
		if err != nil {
			t.Fatal(err)
		}
		p, err := newPredictor(packedRun{run: r})
		if err == nil {
			_, err = p.calibrated(items)
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s %s: got %v, want %q", c.fact, c.value, err, c.want)
		}
	}
}

// TestUnknownFacts: a newer program may predict otherwise by what an older one passes over.
func TestUnknownFacts(t *testing.T) {
	t.Parallel()
	r := packages.Run{ID: "x"}
	if err := errors.Join(r.SetFact("classes", `["no","yes"]`), r.SetFact("libtorch", "2.1")); err != nil {
		t.Fatal(err)
	}
	if err := allKnown(r); err != nil {
		t.Error(err)
	}
	if err := r.SetFact("mirror", "yes"); err != nil {
		t.Fatal(err)
	}
	if err := allKnown(r); err == nil || !strings.Contains(err.Error(), `notes "mirror", of which this program knows nothing`) {
		t.Errorf("got %v", err)
	}
}

// TestChangedSteps: a step that makes other pixels than where a package was written is told.
func TestChangedSteps(t *testing.T) {
	t.Parallel()
	steps := preprocess.Config{{Name: "decode", Part: preprocess.Decode{}}, {Name: "resize", Part: preprocess.Resize{}}}
	resize := preprocess.Resize{}.Version()
	for _, c := range []struct {
		name string
		was  []packages.Step
		want string
	}{
		{"the same", []packages.Step{{Name: "decode", Version: preprocess.Decode{}.Version()}, {Name: "resize", Version: resize}}, ""},
		{"an older one", []packages.Step{{Name: "decode", Version: preprocess.Decode{}.Version()}, {Name: "resize", Version: resize - 1}}, "the step resize of this program"},
		{"others", []packages.Step{{Name: "decode", Version: preprocess.Decode{}.Version()}, {Name: "window", Version: 1}}, "are not those of its experiment"},
		{"more", append(make([]packages.Step, 2), packages.Step{Name: "x"}), "are not those of its experiment"},
	} {
		got := packedRun{in: &packages.Package{}, run: packages.Run{Image: &packages.Image{Steps: c.was}}}.Changed(steps)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s: got %q", c.name, got)
		}
	}
	record := &results.RunRecord{RunSummary: results.RunSummary{ID: "a"}}
	if got := (storedRun{record: record}).Changed(steps); got != nil {
		t.Errorf("of a run that noted nothing: got %q", got)
	}
	record.Facts = []stage.Fact{{Name: preprocess.StepsFact, Value: fmt.Sprintf("decode 3, resize %d", resize-1)}, {Name: "program", Value: "p1"}}
	if got := (storedRun{record: record}).Changed(steps); len(got) != 1 || !strings.Contains(got[0], "than that of the one that wrote run a (version 2)") || !strings.HasSuffix(got[0], "that program was p1") {
		t.Errorf("of a stored run: got %q", got)
	}
	e, err := experiments.Stored("data: {source: {folders: {root: x}}}\ntrain: {phases: [{name: all, train: [all], epochs: 1}]}\nmodel: {backbone: resnet18}\nname: a\n")
	if err != nil {
		t.Fatal(err)
	}
	if image, err := imageOf(predictor{run: storedRun{record: record}, e: e}); err != nil || len(image.Steps) != 2 || image.Steps[1].Version != resize-1 {
		t.Errorf("a package of it says %+v, %v", image, err)
	}
	if got := (packedRun{in: &packages.Package{}}).Changed(steps); got != nil {
		t.Errorf("of an ensemble: got %q", got)
	}
}

// TestBesideFinals: what is measured elsewhere stands beside what the run said of its own test
// cases, or else of validation, and of a package as of the run.
func TestBesideFinals(t *testing.T) {
	t.Parallel()
	final := func(series, name string, value float64) stage.Scalar {
		return stage.Scalar{Series: series, Name: name, Value: value, Epoch: stage.Final}
	}
	record := &results.RunRecord{RunSummary: results.RunSummary{Finals: []stage.Scalar{
		final("validation", "f1", 0.7), final("test", "f1", 0.75), final("test calibrated", "f1", 0.8),
		final("validation", "auroc", 0.9), final("test", "auroc", math.NaN()), final("test fold 1", "loss", 3),
	}}}
	record.Finals[2].Interval = &stage.Interval{Low: 0.75, High: 0.85, Level: 0.95}
	packed := packedRun{run: packages.Run{Numbers: numbersOf(record.RunSummary)}}
	here := []stage.Scalar{{Name: "f1", Value: 0.6}, {Name: "auroc", Value: 0.85}, {Name: "loss", Value: 1}}
	for _, run := range []trained{storedRun{record: record}, packed} {
		got := besideFinals(here, run.Finals(), false)
		want := []string{"f1     0.6000  run, test calibrated: 0.8000 (0.7500 to 0.8500)", "auroc  0.8500  run, validation: 0.9000", "loss   1.0000"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := besideFinals(here[:1], run.Finals(), true); !slices.Equal(got, []string{"f1  0.6000  run, test: 0.7500"}) {
			t.Errorf("raw: got %q", got)
		}
	}
}

// TestPackageOfVersion1: a package that was written when the format was new is read, and its
// nets compute what they did. testdata/package-1.zip is of the run that the script package.txtar
// begins with, named small: runner export package latest package-1.zip --threads 1.
func TestPackageOfVersion1(t *testing.T) {
	t.Parallel()
	run, err := openPackage("testdata/package-1.zip")
	if err != nil {
		t.Fatal(err)
	}
	p, err := open(run, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.nets) != 2 || len(p.asked.Classes) != 3 || p.sets == nil || len(run.Finals()) < 8 {
		t.Errorf("got %d nets, the classes %q, the sets %v, %d numbers", len(p.nets), p.asked.Classes, p.sets, len(run.Finals()))
	}
	items, err := p.calibrated([]stage.Prediction{{Probabilities: []float64{0.2, 0.3, 0.5}}})
	if err != nil || items[0].Probabilities[2] == 0.5 {
		t.Errorf("calibrated: got %v, %v", items, err)
	}
	layout, err := layoutOf(p)
	if err != nil {
		t.Fatal(err)
	}
	cfg := p.e.Model
	cfg.Input = layout.input
	net, err := model.Blank(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu"}, cfg, layout.Shape, p.e.Task(p.asked, p.covariates))
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	for _, one := range p.nets {
		if err := train.Restore(t.Context(), net, one); err != nil {
			t.Fatal(err)
		}
		if err := one.tried(t.Context(), net, layout.Shape); err != nil {
			t.Error(err)
		}
	}
}

// TestNoClasses: of what a run of the first programs answers nobody knows anything, which is said.
func TestNoClasses(t *testing.T) {
	t.Parallel()
	_, err := askedOf(storedRun{record: &results.RunRecord{}})
	var fault stage.Fault
	if !errors.As(err, &fault) || !strings.Contains(fault.Error(), "an older version of this program stored it without its classes") || !strings.Contains(fault.Hint, "train it again") {
		t.Errorf("got %v", err)
	}
}
