package finished

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		err := Net{Weights: train.Folder(dir), probe: c.probe}.Tried(t.Context(), net, shape)
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
		err := Net{Weights: train.Folder(dir), bytes: c.bytes}.holds(c.of)
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
		p, err := Read(Packed{Run: r})
		if err == nil {
			_, err = p.Calibrated(items)
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
		got := Packed{In: &packages.Package{}, Run: packages.Run{Image: &packages.Image{Steps: c.was}}}.Changed(steps)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s: got %q", c.name, got)
		}
	}
	record := &results.RunRecord{RunSummary: results.RunSummary{ID: "a"}}
	if got := (Stored{Record: record}).Changed(steps); got != nil {
		t.Errorf("of a run that noted nothing: got %q", got)
	}
	record.Facts = []stage.Fact{{Name: preprocess.StepsFact, Value: fmt.Sprintf("decode %d, resize %d", preprocess.Decode{}.Version(), resize-1)}, {Name: "program", Value: "p1"}}
	if got := (Stored{Record: record}).Changed(steps); len(got) != 1 || !strings.Contains(got[0], "than that of the one that wrote run a (version 2)") || !strings.HasSuffix(got[0], "that program was p1") {
		t.Errorf("of a stored run: got %q", got)
	}
	if got := (Packed{In: &packages.Package{}}).Changed(steps); got != nil {
		t.Errorf("of an ensemble: got %q", got)
	}
}

// TestPackageOfVersion1: a package that was written when the format was new is read, and its
// nets compute what they did. testdata/package-1.zip is of the run that the script package.txtar
// begins with, named small: runner export package latest package-1.zip --threads 1.
func TestPackageOfVersion1(t *testing.T) {
	t.Parallel()
	run, err := OpenPackage("testdata/package-1.zip")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Open(run, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Nets) != 2 || len(p.Asked.Classes) != 3 || p.Sets == nil || len(run.Finals()) < 8 {
		t.Errorf("got %d nets, the classes %q, the sets %v, %d numbers", len(p.Nets), p.Asked.Classes, p.Sets, len(run.Finals()))
	}
	items, err := p.Calibrated([]stage.Prediction{{Probabilities: []float64{0.2, 0.3, 0.5}}})
	if err != nil || items[0].Probabilities[2] == 0.5 {
		t.Errorf("calibrated: got %v, %v", items, err)
	}
	layout, err := p.Entering()
	if err != nil {
		t.Fatal(err)
	}
	cfg := p.Experiment.Model
	cfg.Input = layout.Input
	net, err := model.Blank(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu"}, cfg, layout.Shape, p.Task())
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	for _, one := range p.Nets {
		if err := train.Restore(t.Context(), net, one); err != nil {
			t.Fatal(err)
		}
		if err := one.Tried(t.Context(), net, layout.Shape); err != nil {
			t.Error(err)
		}
	}
}

// TestNoClasses: of what a run of the first programs answers nobody knows anything, which is said.
func TestNoClasses(t *testing.T) {
	t.Parallel()
	_, err := Questions(Stored{Record: &results.RunRecord{}})
	var fault stage.Fault
	if !errors.As(err, &fault) || !strings.Contains(fault.Error(), "an older version of this program stored it without its classes") || !strings.Contains(fault.Hint, "train it again") {
		t.Errorf("got %v", err)
	}
}
