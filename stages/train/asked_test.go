package train

import (
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// targetsReference is testdata/targets.json.
type targetsReference struct {
	Logits   []float32
	Labels   [][]int
	Counts   [][]int
	Partner  []int
	Share    []float64
	Swap     []int
	Mirrored []bool
	Cases    map[string]struct {
		Want float64
		Grad []float64
	}
}

// TestLossOfTargets: losses and gradients of three targets, of which some answers are not
// known, are PyTorch's; also when images are mixed or mirrored, and when the batch is
// computed in parts.
func TestLossOfTargets(t *testing.T) {
	t.Parallel()
	var ref targetsReference
	parity.Read(t, "testdata/targets.json", &ref)
	var b batch
	for i, labels := range ref.Labels {
		b.samples = append(b.samples, string(rune('a'+i)))
		for target, label := range labels {
			if label >= 0 {
				b.rows = append(b.rows, row{image: i, target: target, label: int64(label)})
			}
		}
	}
	weighted, mean := CrossEntropy{Reduction: "weighted_mean"}, Reduce{"mean"}
	onEngine(t, func(s *torch.Scope) {
		for name, want := range ref.Cases {
			tr := &trainer{kinds: []kind{{classes: xyz, counts: []int{77, 52, 41}, countsOf: ref.Counts}}, images: &preprocess.Images{Classes: []string{"x", "y", "z"}, Targets: []string{"left", "right", "canal"}}}
			tr.cfg.Loss.Part, tr.cfg.Balance = weighted, DefaultBalance
			seen := augment.Augmented{Images_BCHW: s.Zeros(torch.Float32, 4, 1, 1, 1)}
			switch name {
			case "balanced":
				tr.cfg.Balance.ClassWeights, tr.epoch = "balanced", 1
			case "focal":
				tr.cfg.Loss.Part = Focal{Gamma: 2, Alpha: "balanced", ClassReduction: "sum", Reduce: mean}
			case "adjusted":
				tr.cfg.Loss.Part = LogitAdjusted{Tau: 1, Reduce: byWeights}
			case "pairs":
				tr.cfg.Loss.Part, tr.cfg.Balance.ClassWeights, tr.epoch = PairwiseAUC{Margin: 1}, "balanced", 1
			case "mixed":
				seen.Partner, seen.Share = ref.Partner, ref.Share
			case "mirrored":
				tr.cfg.Balance.ClassWeights, tr.epoch = "balanced", 1
				seen.Mirrored, tr.sides.Targets = ref.Mirrored, ref.Swap
			}
			lossIsReference(t, s, name, asReference{tr, b, seen, ref.Logits, want.Want, want.Grad})
		}
	})
}

// benchOfTargets has the five conditions of a level as targets; of one level in seven one
// answer is missing. Views go through the same backbone.
func benchOfTargets(t *testing.T, dir, device string, views ...string) bench {
	t.Helper()
	m := &memory{}
	env := stage.Env{Now: time.Now, Recorder: m, Cache: filepath.Join(shared, "cache"), RunDir: filepath.Join(dir, "run"), Device: device, Threads: 1, Workers: 2, Seed: 5}
	data := audit.Default
	data.Source = registry.One[audit.Source]{Name: "rsna", Part: audit.RSNA{Root: registry.Path(filepath.Join(shared, "data"))}}
	data.Split.Validation, data.Sample, data.Label, data.Views = 0.34, "level", "all", views
	cases, err := audit.Run(t.Context(), env, data)
	if err != nil {
		t.Fatal(err)
	}
	kept := cases.Cases[:0]
	for i, c := range cases.Cases {
		if delete(c.Tags, "series_type"); i%7 != 3 { // flips swap sides where nothing says that a series is sagittal
			kept = append(kept, c)
		}
	}
	cases.Cases = kept
	images, err := preprocess.Run(t.Context(), env, preprocess.Config{
		{Name: "decode", Part: preprocess.Decode{}}, {Name: "window", Part: preprocess.Window{Percentiles: [2]float64{1, 99}, Scope: "crop"}},
		{Name: "resize", Part: preprocess.Resize{Pixels: 12}},
	}, cases)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { images.Close() })
	task := Config{Loss: registry.One[Loss]{Part: CrossEntropy{}}}.Task(images.Questions())
	task.Views = len(views)
	return bench{env, netOn(t, env, images, task), images, m}
}

var sidedRecipe = augment.Config{{Name: "flip", Part: augment.Flip{When: augment.Always, Horizontal: 0.5, Sides: "swap"}}}

// TestTargets trains five targets of one image: an image lies in memory once, each answer
// is predicted from its own block of outputs, and the loss falls.
func TestTargets(t *testing.T) {
	for _, device := range []string{"cpu", "cuda"} {
		for name, views := range map[string][]string{"one picture": nil, "views": {"left_subarticular_stenosis", "right_subarticular_stenosis"}} {
			t.Run(device+" "+name, func(t *testing.T) { trainsTargets(t, benchOfTargets(t, t.TempDir(), device, views...)) })
		}
	}
}

func trainsTargets(t *testing.T, b bench) {
	if images, cases := b.images.Len(), len(b.images.Cases); len(b.images.Targets) != 5 || cases >= 5*images || cases <= 3*images {
		t.Fatalf("%d images with %d answers of %v", images, cases, b.images.Targets)
	}
	cfg := config(1e-2, phase("all", 4, "all"))
	cfg.Compute.Graphs = true // where the device can
	trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, sidedRecipe, measure)
	if err != nil {
		t.Fatal(err)
	}
	if losses := b.seen.values("train", "loss"); len(losses) != 4 || losses[3] >= losses[0] {
		t.Errorf("losses %v; want four that fall", losses)
	}
	checkAnswers(t, b, cfg, trained.Predictions)
}

// checkAnswers asks the net about each image by itself.
func checkAnswers(t *testing.T, b bench, cfg Config, predictions []stage.Prediction) {
	t.Helper()
	made := map[string]stage.Prediction{}
	for _, p := range predictions {
		made[p.CaseID] = p
	}
	validated := 0
	for i, c := range b.images.Cases {
		if c.Split != stage.Validation {
			continue
		}
		validated++
		var all []float64
		if err := b.net.Engine().Do(t.Context(), func(s *torch.Scope) error {
			s.NoGrad(func() {
				x := (&mapped{images: b.images, batches: [][]int{{i}}}).next(s)
				all = s.Float64s(s.Softmax(s.Reshape(b.net.Forward(&torch.Pass{Scope: s}, x), 5, 3)))
			})
			return s.Err()
		}); err != nil {
			t.Fatal(err)
		}
		p := made[c.ID]
		if p.Tags[stage.TargetTag] != b.images.Targets[c.Target] || p.Label != c.Label {
			t.Fatalf("got the prediction %+v of %+v", p, c)
		}
		for k, v := range p.Probabilities {
			if want := all[3*c.Target+k]; !(math.Abs(v-want) <= 1e-5) {
				t.Errorf("%s: class %d has %v, want %v", c.ID, k, v, want)
			}
		}
	}
	if validated == 0 || validated != len(made) {
		t.Errorf("%d predictions of %d cases", len(made), validated)
	}
}

// TestTargetsFromFeatures: features of frozen layers, of images that flips mirror with
// their targets and views, change no bit.
func TestTargetsFromFeatures(t *testing.T) {
	for name, views := range map[string][]string{"one picture": nil, "views": {"left_subarticular_stenosis", "right_subarticular_stenosis"}} {
		for _, trained := range [][]string{{"head"}, {"blocks.1", "head"}} {
			t.Run(name+" "+trained[0], func(t *testing.T) {
				sameFromFeatures(t, phase("head", 5, trained...), sidedRecipe, func() bench { return benchOfTargets(t, t.TempDir(), "cpu", views...) })
			})
		}
	}
}

// sameFromFeatures trains a phase of two views of each image with features that are computed
// once, and without.
func sameFromFeatures(t *testing.T, p Phase, recipe augment.Config, newBench func() bench) {
	t.Helper()
	var losses [2][]float64
	for i, reuse := range []string{"auto", "never"} {
		b := newBench()
		cfg := config(1e-2, p)
		cfg.Features, cfg.Phases[0].Views = Features{Reuse: reuse, Memory: 1, Disk: 1}, 2
		if _, err := Run(t.Context(), b.env, cfg, b.net, b.images, recipe, measure); err != nil {
			t.Fatal(err)
		}
		losses[i] = b.seen.values("train", "loss")
		used := slices.ContainsFunc(b.seen.records, func(r stage.Record) bool {
			e, ok := r.(stage.Event)
			return ok && strings.Contains(e.Text, "are computed once")
		})
		if used != (reuse == "auto") {
			t.Errorf("reuse: %s, features used: %v", reuse, used)
		}
	}
	if !slices.Equal(losses[0], losses[1]) || len(losses[0]) != p.Epochs {
		t.Errorf("with features %v, without %v", losses[0], losses[1])
	}
}

// TestColumns: classes of a side change places within their target, targets with all that
// they have.
func TestColumns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sides         augment.Sides
		targets, each int
		want          []int
	}{
		{augment.Sides{}, 3, 2, nil},
		{augment.Sides{Classes: []int{1, 0}}, 1, 2, []int{1, 0}},
		{augment.Sides{Targets: []int{1, 0, 2}}, 3, 2, []int{2, 3, 0, 1, 4, 5}},
		{augment.Sides{Classes: []int{0, 2, 1}, Targets: []int{1, 0}}, 2, 3, []int{3, 5, 4, 0, 2, 1}},
	} {
		if got := columns(c.sides, c.targets, c.each); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.sides, got, c.want)
		}
	}
}

// TestSampledTargets: a sample counts as the worst of its answers, and is drawn as a
// whole; weights are those of each target.
func TestSampledTargets(t *testing.T) {
	t.Parallel()
	var cases []stage.Case
	for i, labels := range [][]int{{0, 0}, {0, 0}, {0, 1}, {0, 0}} { // of four samples and two targets
		for target, label := range labels {
			cases = append(cases, stage.Case{Sample: string(rune('a' + i)), Target: target, Label: label, Split: stage.Train})
		}
	}
	classes, targets := []string{"no", "yes"}, []string{"edema", "nodule"}
	over := Balance{Sampling: "over", ClassWeights: "balanced", From: 1}
	order := caseSampler(over, cases, stage.Questions{Classes: classes, Targets: targets}, 1).Epoch(1)
	if n := len(order); n != 6 || over.Drawn(stage.Questions{Classes: classes, Targets: targets}, cases) != 6 || !slices.Contains(order, 4) || slices.ContainsFunc(order, func(i int) bool { return i%2 == 1 }) {
		t.Errorf("drawn are %v, want the first cases of six samples", order)
	}
	var got []ClassCount
	for _, c := range over.Counts(stage.Questions{Classes: classes, Targets: targets}, cases) {
		c.Share = math.Round(1000*c.Share) / 1000
		got = append(got, c)
	}
	// nodule: n/(K·n_c) is 4/(2·3) and 4/2; the losses weigh 6, 3·2/3 and 3·2 in 14.
	want := []ClassCount{{"edema", "no", 4, 6, 1, 0.429}, {"edema", "yes", 0, 0, 0, 0}, {"nodule", "no", 3, 3, 2. / 3, 0.143}, {"nodule", "yes", 1, 3, 2, 0.429}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	over.Targets = map[string]float64{"nodule": 3} // then they weigh 6, 3·2 and 3·6 in 30
	if last := over.Counts(stage.Questions{Classes: classes, Targets: targets}, cases)[3]; last.Weight != 6 || !(math.Abs(last.Share-0.6) <= 1e-12) {
		t.Errorf("with a weight of its target: %+v", last)
	}
}
