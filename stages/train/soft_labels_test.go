package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// softReference is testdata/soft_labels.json.
type softReference struct {
	Logits       []float32
	Labels       [][]int
	Votes        [][][]float64
	ClassWeights []float64 `json:"class_weights"`
	Partner      []int
	Share        []float64
	Swap         []int
	Classes      []int
	Mirrored     []bool
	Cases        map[string]struct {
		Weight, Temperature, Want float64
		Grad                      []float64
	}
}

// file writes the votes, each as one of several ways to say the same.
func (r softReference) file(t *testing.T) (path string, cases []stage.Case) {
	t.Helper()
	rows := []string{"case_id,predicted,z,y,x"}
	for i, labels := range r.Labels {
		for target, label := range labels {
			id := fmt.Sprintf("%d-%d", i, target)
			if label >= 0 {
				cases = append(cases, stage.Case{ID: id, Label: label, Target: target, Split: stage.Train})
			}
			if v := r.Votes[i][target]; v != nil {
				rows = append(rows, fmt.Sprintf("%s,x,%v,%v,%v", id, v[2], v[1], v[0]))
			}
		}
	}
	return written(t, strings.Join(rows, "\n")), cases
}

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "soft.csv")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

var xyz = []string{"x", "y", "z"}

// TestLossOfSoftLabels: losses and gradients are those of PyTorch's cross-entropy of
// probabilities, from a file, for several targets of which some are not known; also of images
// that are mixed or mirrored, and of batches in parts.
func TestLossOfSoftLabels(t *testing.T) {
	t.Parallel()
	var ref softReference
	parity.Read(t, "testdata/soft_labels.json", &ref)
	path, cases := ref.file(t)
	onEngine(t, func(s *torch.Scope) {
		for name, want := range ref.Cases {
			soft, err := SoftLabels{registry.Path(path), want.Weight, want.Temperature}.Soften(stage.Questions{Classes: xyz}, cases, nil)
			if err != nil || soft.Found != 7 || soft.Cases != len(cases) {
				t.Fatalf("%+v, %v", soft, err)
			}
			tr := &trainer{kinds: []kind{{classes: xyz, counts: []int{3, 3, 2}, countsOf: [][]int{{1, 1, 1}, {1, 1, 1}, {1, 1, 0}}}}, soft: soft, epoch: 1}
			tr.images = &preprocess.Images{Classes: xyz, Targets: []string{"left", "right", "canal"}}
			tr.cfg.Loss.Part, tr.cfg.Balance = CrossEntropy{Reduction: "mean"}, DefaultBalance
			seen := augment.Augmented{Images_BCHW: s.Zeros(torch.Float32, 4, 1, 1, 1)}
			switch name {
			case "class weights", "mirrored":
				tr.cfg.Balance.ClassWeights, tr.cfg.Balance.Weights = "given", map[string]float64{"x": ref.ClassWeights[0], "y": ref.ClassWeights[1], "z": ref.ClassWeights[2]}
			case "mixed":
				tr.cfg.Loss.Part = CrossEntropy{Reduction: "weighted_mean"}
				seen.Partner, seen.Share = ref.Partner, ref.Share
			}
			if name == "mirrored" {
				seen.Mirrored, tr.sides = ref.Mirrored, augment.Sides{Targets: ref.Swap, Classes: ref.Classes}
			}
			lossIsReference(t, s, name, asReference{tr, ref.batch(soft), seen, ref.Logits, want.Want, want.Grad})
		}
	})
}

func (r softReference) batch(soft Softened) (b batch) {
	for i, labels := range r.Labels {
		b.samples = append(b.samples, fmt.Sprint(i))
		for target, label := range labels {
			if label >= 0 {
				b.rows = append(b.rows, row{image: i, target: target, label: int64(label), soft: soft.shares[fmt.Sprintf("%d-%d", i, target)]})
			}
		}
	}
	return b
}

// labelsAs writes a file in which p says something of each case, or less than 0 to leave it
// out.
func labelsAs(t *testing.T, images *preprocess.Images, p func(c stage.Case, k int) float64) registry.Path {
	t.Helper()
	rows := []string{"case_id," + strings.Join(images.Classes, ",")}
	for _, c := range images.Cases {
		if p(c, 0) < 0 {
			continue
		}
		line := c.ID
		for k := range images.Classes {
			line += fmt.Sprintf(",%g", p(c, k))
		}
		rows = append(rows, line)
	}
	return registry.Path(written(t, strings.Join(rows, "\n")))
}

func oneHot(c stage.Case, k int) float64 {
	if k == c.Label {
		return 1
	}
	return 0
}

// TestOneHotSoftLabelsChangeNoBit: labels that a file repeats give the weights and numbers of
// a training without the file, bit by bit, whatever else the training has.
func TestOneHotSoftLabelsChangeNoBit(t *testing.T) {
	t.Parallel()
	for name, recipe := range map[string]augment.Config{"hard": recipe, "mixed": mixedRecipe} {
		want := newBench(t)
		trained, err := Run(t.Context(), want.env, resumable(), want.net, want.images, recipe, measure)
		if err != nil {
			t.Fatal(err)
		}
		cfg, b := resumable(), newBench(t)
		cfg.SoftLabels = &SoftLabels{labelsAs(t, b.images, oneHot), 0.3, 3}
		again, err := Run(t.Context(), b.env, cfg, b.net, b.images, recipe, measure)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again.Predictions, trained.Predictions) || !slices.Equal(b.seen.values("train", "loss"), want.seen.values("train", "loss")) {
			t.Errorf("%s: other numbers than without", name)
		}
	}
}

// softly mixes votes that differ from case to case into the labels of two cases of three.
func softly(t *testing.T, cfg Config, images *preprocess.Images) Config {
	t.Helper()
	file := labelsAs(t, images, func(c stage.Case, k int) float64 {
		if stage.Hash(1, c.ID)%3 == 0 {
			return -1
		}
		return float64(stage.Hash(1, c.ID, k)%7 + 1)
	})
	cfg.SoftLabels = &SoftLabels{file, 0.6, 2}
	return cfg
}

// TestInterruptedSoftLabelsGoOnBitForBit: also of targets that mirrors swap, mixed; and a
// file of other content is not gone on with.
func TestInterruptedSoftLabelsGoOnBitForBit(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T, dir string) bench { t.Helper(); return benchOfTargets(t, dir, "cpu") }
	cfg := softly(t, resumable(), open(t, t.TempDir()).images)
	cfg.Batch = 3
	recipe := append(slices.Clone(sidedRecipe), mixing...)
	train := func(ctx context.Context, b bench) (Trained, error) {
		return Run(ctx, b.env, cfg, b.net, b.images, recipe, measure)
	}
	whole := open(t, t.TempDir())
	trained, err := train(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := interrupted(t, open, train)
	got.same(t, whole.outcome(t, trained))

	b := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	b.env.Recorder = &stopping{b.seen, 5, cancel}
	if _, err := train(ctx, b); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	text, err := os.ReadFile(string(cfg.SoftLabels.File))
	if err == nil {
		err = os.WriteFile(string(cfg.SoftLabels.File), []byte(strings.Replace(string(text), ",1,", ",1.5,", 1)), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.env.Resume, b.env.Recorder = true, b.seen
	if _, err := train(t.Context(), b); err == nil || !strings.Contains(err.Error(), "no longer those") {
		t.Errorf("with other soft labels: %v", err)
	}
}

// TestSoftLabelsFromFeatures: features that are reused change no bit, and accuracy is that of
// the data's labels.
func TestSoftLabelsFromFeatures(t *testing.T) {
	t.Parallel()
	var losses [2][]float64
	for i, reuse := range []string{"auto", "never"} {
		b := newBench(t)
		cfg := softly(t, config(1e-2, phase("head", 4, "head")), b.images)
		cfg.Features, cfg.Phases[0].Views = Features{Reuse: reuse, Memory: 1, Disk: 1}, 2
		if _, err := Run(t.Context(), b.env, cfg, b.net, b.images, flipping, measure); err != nil {
			t.Fatal(err)
		}
		losses[i] = append(b.seen.values("train", "loss"), b.seen.values("train", "accuracy")...)
	}
	if !slices.Equal(losses[0], losses[1]) || len(losses[0]) != 8 {
		t.Errorf("with features %v, without %v", losses[0], losses[1])
	}
}

// TestTeacherThatKnowsNothing: where the file alone counts and says the same of all classes,
// so does the net in the end, which without the file does not.
func TestTeacherThatKnowsNothing(t *testing.T) {
	t.Parallel()
	farthest := func(soft bool) (far float64) {
		b, cfg := newBench(t), config(2e-2, phase("all", 25, "all"))
		cfg.Balance, cfg.Phases[0].Keep = DefaultBalance, "last"
		if soft {
			cfg.SoftLabels = &SoftLabels{labelsAs(t, b.images, func(stage.Case, int) float64 { return 4 }), 1, 1}
		}
		trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range trained.Predictions {
			for _, v := range p.Probabilities {
				far = max(far, math.Abs(v-1./3))
			}
		}
		return far
	}
	if with, without := farthest(true), farthest(false); with > 0.05 || without < 0.3 {
		t.Errorf("the net is up to %.3f from a third, and %.3f without the file", with, without)
	}
}

// TestSoftLabelFiles: what is read, and what is said of what cannot be.
func TestSoftLabelFiles(t *testing.T) {
	t.Parallel()
	training := []stage.Case{{ID: "a", Label: 0}, {ID: "b", Label: 1}, {ID: "c", Label: 2}}
	for _, c := range []struct{ name, text, problem, hint string }{
		{"predict's form", "case_id,x,y,z,predicted,set,label\na,1,0,0,x,x|y,x\nt,0,0,1,z,,z\n", "", ""},
		{"spreadsheet", "\xef\xbb\xbfcase_id;x;y;z\r\na;0,5;0,25;0,25\r\n", "", ""},
		{"tabs", "x\ty\tz\tcase_id\n2\t0\t1\tb\n", "", ""},
		{"misspelt", "case_id,x,Y,z\na,1,0,0\n", "has no column y", "did you mean Y?"},
		{"no classes", "id,p\na,1\n", "none of the columns case_id, x, y, z", ""},
		{"empty", "", "is empty", "case_id, x, y, z"},
		{"header alone", "case_id,x,y,z\n", "names no case", "such as a"},
		{"others", "case_id,x,y,z\nq7,1,0,0\n", "names none of the 3 training cases", "such as q7, the training cases are such as a"},
		{"negative", "case_id,x,y,z\na,1,0,0\nb,1,-1,0\nc,1,0,\n", `line 3, case b: y is "-1", want a number of 0 or more (2 rows are wrong)`, "leave out cases"},
		{"not a number", "case_id,x,y,z\na,1,NaN,0\n", `line 2, case a: y is "NaN"`, ""},
		{"infinite", "case_id,x,y,z\na,1,0,Inf\n", `line 2, case a: z is "Inf"`, ""},
		{"zeros", "case_id,x,y,z\nt,0,0,0\n", "line 2, case t: all classes are 0", ""},
		{"twice", "case_id,x,y,z\na,1,0,0\nb,1,0,0\na,1,0,0\n", "line 4, case a: line 2 names it too", ""},
		{"ragged", "case_id,x,y,z\na,1,0,0\nb,1\n", "line 3: wrong number of fields", "as many cells"},
	} {
		cfg := Config{SoftLabels: &SoftLabels{registry.Path(written(t, c.text)), 0.5, 1}}
		got := cfg.FitsSoftLabels(stage.Questions{Classes: xyz}, training)
		switch {
		case c.problem == "" && got == nil:
		case c.problem == "" || len(got) != 1 || got[0].Path != "soft_labels.file" || !strings.Contains(got[0].Text, c.problem) || !strings.Contains(got[0].Hint, c.hint):
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
	if got := (Config{SoftLabels: &SoftLabels{"nowhere.csv", 0.5, 1}}).FitsSoftLabels(stage.Questions{Classes: xyz}, training); len(got) != 1 || !strings.Contains(got[0].Text, "nowhere.csv cannot be read: no such file") {
		t.Errorf("a missing file: %+v", got)
	}
}

// TestSoftLabelsTellLabels: the file's own labels are held against the data's, also where a
// class is called label; and test cases that taught are counted.
func TestSoftLabelsTellLabels(t *testing.T) {
	t.Parallel()
	training := []stage.Case{{ID: "a", Label: 0}, {ID: "b", Label: 1}, {ID: "c", Label: 2}}
	file := registry.Path(written(t, "case_id,x,label,z,predicted,label,split,fold\na,1,0,0,x,x,validation,1\nb,1,3,0,x,z,test,\nt,0,0,1,z,x,validation,2\nu,0,0,1,z,x,test,\nc,1,1,1,x,,validation,1\n"))
	got, err := SoftLabels{file, 0.5, 1}.Soften(stage.Questions{Classes: []string{"x", "label", "z"}}, training, []stage.Case{{ID: "t"}, {ID: "u"}, {ID: "v"}})
	if err != nil || got.Taught != 1 || got.Found != 3 || got.Labelled != 2 || got.Other != 1 || got.Example != "b: z there, label here" || !slices.Equal(got.Own, []float64{1, 1, 1}) || !(math.Abs(got.Said[0]-(1+0.25+1/3.0)) <= 1e-12) || !(math.Abs(got.Said[2]-1/3.0) <= 1e-12) || !slices.Equal(got.shares["b"], []float32{0.125, 0.875, 0}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestSoftLabelsOfHugeAndTinyNumbers stay shares that add up to 1.
func TestSoftLabelsOfHugeAndTinyNumbers(t *testing.T) {
	t.Parallel()
	for _, temperature := range []float64{1e-3, 0.5, 1, 20, 1e6} {
		for _, p := range [][]float64{{1e308, 1e308, 0}, {5e-324, 0, 0}, {1e-300, 1, 1e300}, {0, 0, 7}} {
			sum := 0.0
			for _, v := range (SoftLabels{Weight: 1, Temperature: temperature}).softened(1, p) {
				if sum += float64(v); math.IsNaN(float64(v)) || v < 0 {
					t.Fatalf("T %g, %v: %v", temperature, p, v)
				}
			}
			if !(math.Abs(sum-1) <= 1e-6) {
				t.Errorf("T %g, %v: the sum is %v", temperature, p, sum)
			}
		}
	}
}

// FuzzSoftLabels: whatever a file holds, labels are shares of sum 1, or it is refused.
func FuzzSoftLabels(f *testing.F) {
	f.Add("case_id,x,y,z\na,1,0,0\n", 0.5, 2.0)
	f.Add("case_id;x;y;z\nb;0,5;1e300;3\n", 1.0, 0.1)
	f.Fuzz(func(t *testing.T, text string, weight, temperature float64) {
		if !(weight > 0 && weight <= 1 && temperature > 0 && temperature < 1e9) {
			return
		}
		c := SoftLabels{"x.csv", weight, temperature}
		r := softReader{SoftLabels: c, name: "x.csv", asked: stage.Questions{Classes: xyz}, cases: map[string]stage.Case{"a": {Label: 0}, "b": {Label: 2}}, lines: map[string]int{}, out: Softened{shares: map[string][]float32{}}}
		if r.read(strings.NewReader(text)) != nil {
			return
		}
		for id, shares := range r.out.shares {
			sum := 0.0
			for _, v := range shares {
				sum += float64(v)
			}
			if !(math.Abs(sum-1) < 1e-5) {
				t.Errorf("%s: %v", id, shares)
			}
		}
	})
}

// TestPseudoLabelsAreSoftLabels: they are the labels of their cases, which no file of soft labels
// changes.
func TestPseudoLabelsAreSoftLabels(t *testing.T) {
	t.Parallel()
	asked := stage.Questions{Classes: []string{"mild", "severe"}}
	cases := []stage.Case{{ID: "a", Label: 1}, {ID: "b", Label: 0, Soft: []float32{0.7, 0.3}}}
	if soft, err := (Config{}).soften(asked, cases[:1]); err != nil || soft.shares != nil {
		t.Errorf("labels that people gave: %v, %v", soft.shares, err)
	}
	soft, err := Config{}.soften(asked, cases)
	if want := map[string][]float32{"b": {0.7, 0.3}}; err != nil || !reflect.DeepEqual(soft.shares, want) {
		t.Errorf("got %v, %v", soft.shares, err)
	}
	file := filepath.Join(t.TempDir(), "soft.csv")
	if err := os.WriteFile(file, []byte("case_id,mild,severe\na,1,0\nb,0,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	soft, err = Config{SoftLabels: &SoftLabels{File: registry.Path(file), Weight: 0.5, Temperature: 1}}.soften(asked, cases)
	if want := map[string][]float32{"a": {0.5, 0.5}, "b": {0.7, 0.3}}; err != nil || !reflect.DeepEqual(soft.shares, want) {
		t.Errorf("beside a file: got %v, %v", soft.shares, err)
	}
}
