package preprocess

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// branched chooses the first step after decode by what a picture shows.
func branched(of map[string]Step, other Step, after ...Step) Config {
	v := ByView{Of: map[string]registry.One[Step]{}}
	for name, step := range of {
		v.Of[name] = steps(step)[1]
	}
	if other != nil {
		v.Else = &steps(other)[1]
	}
	cfg := steps(append([]Step{v}, after...)...)
	cfg[1].Name = "by_view"
	return cfg
}

var (
	narrow = Crop{Around: "point", Millimetres: 20}
	rest   = []Step{bySeries, Resize{Pixels: 16}}
)

// pixelsOf gives the image of each case.
func (b bench) pixelsOf(t *testing.T, cfg Config) map[string][]byte {
	t.Helper()
	images, _ := b.run(t, t.TempDir(), 2, cfg)
	out := map[string][]byte{}
	for i, c := range images.Cases {
		out[c.ID] = bytes.Clone(images.Bytes(i))
	}
	return out
}

// TestByView: each view is what a chain with its own step makes of it, and a change of one branch leaves the others' results alone.
func TestByView(t *testing.T) {
	t.Parallel()
	levels := newBench(t, 3).inViews(t)
	views := levels.cases.Views // left_subarticular_stenosis on axial series, spinal_canal_stenosis on sagittal ones
	wide, small := levels.pixelsOf(t, steps(append([]Step{crop}, rest...)...)), levels.pixelsOf(t, steps(append([]Step{narrow}, rest...)...))
	half := 16 * 16 * 2
	for name, cfg := range map[string]Config{
		"name of a view":    branched(map[string]Step{views[0]: narrow}, crop, rest...),
		"type of series":    branched(map[string]Step{"Axial T2": narrow, "Sagittal T2/STIR": crop}, nil, rest...),
		"name before type":  branched(map[string]Step{"Axial T2": crop, views[0]: narrow}, crop, rest...),
		"stack of one type": branched(map[string]Step{"Axial T2": narrow}, crop, append([]Step{Stack{Slices: 1}}, rest...)...),
	} {
		for id, got := range levels.pixelsOf(t, cfg) {
			if !bytes.Equal(got, slices.Concat(small[id][:half], wide[id][half:])) {
				t.Errorf("%s: %s is not its axial view narrow beside its sagittal one", name, id)
			}
		}
	}

	cache := t.TempDir()
	levels.run(t, cache, 2, branched(map[string]Step{"Axial T2": narrow}, crop, rest...))
	_, told := levels.run(t, cache, 2, branched(map[string]Step{"Axial T2": Crop{Around: "point", Millimetres: 25}}, crop, rest...))
	if got := told.step("window"); got.Computed != 15 || got.Reused != 15 {
		t.Errorf("another axial crop computes the window of %d and finds %d, want 15 axial pictures and 15 others", got.Computed, got.Reused)
	}
}

// TestByViewOfPoints: without views it is the type of the case's own series that decides.
func TestByViewOfPoints(t *testing.T) {
	t.Parallel()
	points := newBench(t, 3)
	wide, small := points.pixelsOf(t, steps(append([]Step{crop}, rest...)...)), points.pixelsOf(t, steps(append([]Step{narrow}, rest...)...))
	got := points.pixelsOf(t, branched(map[string]Step{"Axial T2": narrow}, crop, rest...))
	seen := map[bool]int{}
	for _, c := range points.cases.Cases {
		axial := c.Tags["series_type"] == "Axial T2"
		seen[axial]++
		if want := map[bool][]byte{true: small[c.ID], false: wide[c.ID]}[axial]; !bytes.Equal(got[c.ID], want) {
			t.Errorf("%s on %s has other pixels", c.ID, c.Tags["series_type"])
		}
	}
	if seen[true] == 0 || seen[false] == 0 {
		t.Errorf("%v cases on axial and other series, want some of both", seen)
	}
}

// TestByViewStacks: neighbours go through what lies before the step.
func TestByViewStacks(t *testing.T) {
	t.Parallel()
	levels := newBench(t, 3).inViews(t)
	near, far := Stack{Slices: 3, Reach: "neighbours", Stride: 1, Edge: "repeat"}, Stack{Slices: 3, Reach: "series"}
	all := func(s Step) Config { return steps(crop, bySeries, s, Resize{Pixels: 16}) }
	ofNear, ofFar := levels.pixelsOf(t, all(near)), levels.pixelsOf(t, all(far))
	v := branched(map[string]Step{"Axial T2": far}, near)[1]
	cfg := all(near)
	cfg[3] = v
	if n := SlicesOf(cfg); n != 3 {
		t.Errorf("%d slices, want 3", n)
	}
	for id, got := range levels.pixelsOf(t, cfg) {
		n := len(got) / 2
		if !bytes.Equal(got, slices.Concat(ofFar[id][:n], ofNear[id][n:])) {
			t.Errorf("%s is not a stack of the series beside one of neighbours", id)
		}
	}
}

func TestByViewForesees(t *testing.T) {
	t.Parallel()
	levels := newBench(t, 3).inViews(t)
	cfg, cache := branched(map[string]Step{"Axial T2": narrow}, crop, rest...), t.TempDir()
	for _, want := range []StepUse{{Step: "resize", Computed: 30}, {Step: "resize", Reused: 30}} {
		env := stage.Env{Recorder: stage.Discard, Cache: cache, Workers: 2}
		uses, err := Foresee(t.Context(), env, cfg, levels.cases)
		if err != nil || uses[3] != want {
			t.Errorf("foresees %+v, %v, want %+v", uses, err, want)
		}
		images, err := Run(context.WithoutCancel(t.Context()), env, cfg, levels.cases)
		if err != nil {
			t.Fatal(err)
		}
		images.Close()
	}
}

func TestByViewRefuses(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]Config{
		"different numbers of channels":           branched(map[string]Step{"a": Stack{Slices: 3}}, nil, rest...),
		"would leave with different sizes":        branched(map[string]Step{"a": Crop{Around: "centre", Pixels: 8}}, Crop{Around: "centre", Pixels: 9}, bySeries),
		"some views leave this step with values":  branched(map[string]Step{"a": bySeries}, nil, rest...),
		"has 3 channels already; want 1":          steps(Stack{Slices: 3}, ByView{Of: map[string]registry.One[Step]{"a": {Name: "stack", Part: Stack{Slices: 3}}}}, bySeries, Resize{Pixels: 8}),
		"comes after every step that changes val": steps(bySeries, Normalise{By: "none"}, ByView{Of: map[string]registry.One[Step]{"a": {Name: "equalise", Part: Equalise{By: "histogram"}}}}, Resize{Pixels: 8}),
	} {
		if _, err := Describe(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	normal := ByView{Of: map[string]registry.One[Step]{"a": {Name: "normalise", Part: Normalise{}}}}
	if err := normal.Validate(); err == nil || !strings.Contains(err.Error(), "normalise is for all images alike") {
		t.Errorf("got %v", err)
	}
	nested := ByView{Of: map[string]registry.One[Step]{"a": {Name: "by_view", Part: normal}}}
	if err := nested.Validate(); err == nil || !strings.Contains(err.Error(), "no by_view; name all views in one of") {
		t.Errorf("got %v", err)
	}
	after := steps(bySeries, Normalise{By: "none"}, ByView{Of: map[string]registry.One[Step]{"a": {Name: "crop", Part: crop}}}, Resize{Pixels: 8})
	if _, err := Describe(after); err != nil {
		t.Errorf("a crop after normalise: %v", err)
	}
}

func TestUnseen(t *testing.T) {
	t.Parallel()
	cases := audit.Cases{
		Cases:  []stage.Case{{ID: "1", Series: "s"}},
		Series: map[string]audit.Series{"s": {Type: "Axial T2"}},
	}
	for name, want := range map[string]string{"Axial T2": "", "Axial T3": "known: Axial T2"} {
		found := Unseen(branched(map[string]Step{name: crop}, nil), cases)
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].Hint != want || found[0].Path != "1.by_view.of."+name) {
			t.Errorf("%s: %+v, want %q", name, found, want)
		}
	}
	cfg := branched(map[string]Step{"Axial T2": crop}, nil)
	if Untold(cfg, cases) || !Untold(cfg, audit.Cases{Cases: []stage.Case{{ID: "1"}}}) {
		t.Error("a series has a type, an image alone has none")
	}
}
