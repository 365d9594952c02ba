package train

import (
	"math"
	"os"
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

// ownReference is testdata/own_classes.json.
type ownReference struct {
	Among    [][]int
	Labels   [][]int
	Counts   [][]int
	Partner  []int
	Share    []float64
	Swap     []int
	Mirrored []bool
	Cases    map[string]struct {
		Logits []float32
		Want   float64
		Grad   []float64
	}
}

// TestLossOfOwnClasses: losses and gradients of targets with classes of their own are
// PyTorch's; also when images are mixed or mirrored, and when the batch is computed in parts.
func TestLossOfOwnClasses(t *testing.T) {
	t.Parallel()
	var ref ownReference
	parity.Read(t, "testdata/own_classes.json", &ref)
	onEngine(t, func(s *torch.Scope) {
		for name, want := range ref.Cases {
			tr, seen := ref.trainer(name), augment.Augmented{Images_BCHW: s.Zeros(torch.Float32, 4, 1, 1, 1)}
			switch name {
			case "mixed":
				seen.Partner, seen.Share = ref.Partner, ref.Share
			case "mirrored":
				seen.Mirrored, tr.sides.Targets = ref.Mirrored, ref.Swap
			}
			lossIsReference(t, s, name, asReference{tr, ref.batch(), seen, want.Logits, want.Want, want.Grad})
		}
	})
}

var ownQuestions = stage.Questions{Classes: []string{"x", "y", "z", "p", "q", "r"}, Targets: []string{"left", "right", "canal"}, Among: [][]int{{0, 1, 2}, {0, 1, 2}, {4, 1, 3, 5}}}

// trainer has seen as many training cases as the reference.
func (r ownReference) trainer(name string) *trainer {
	tr := &trainer{images: &preprocess.Images{Classes: ownQuestions.Classes, Targets: ownQuestions.Targets, Among: r.Among}, epoch: 1}
	for target, counts := range r.Counts {
		for i, n := range counts {
			for range n {
				tr.images.Cases = append(tr.images.Cases, stage.Case{Target: target, Label: r.Among[target][i], Split: stage.Train})
			}
		}
	}
	tr.kinds = kindsOf(tr.images)
	tr.cfg.Loss.Part, tr.cfg.Balance = CrossEntropy{Reduction: "weighted_mean"}, DefaultBalance
	switch name {
	case "smoothed":
		tr.cfg.Loss.Part = CrossEntropy{LabelSmoothing: 0.1, Reduction: "weighted_mean"}
	case "balanced", "mirrored":
		tr.cfg.Balance.ClassWeights = "balanced"
	case "targets weighed":
		tr.cfg.Balance.ClassWeights, tr.cfg.Balance.Targets = "balanced", map[string]float64{"right": 0.5, "canal": 3}
	case "corn":
		tr.cfg.Loss.Part = Corn{Reduce: Reduce{"mean"}}
	}
	return tr
}

func (r ownReference) batch() (b batch) {
	for i, labels := range r.Labels {
		b.samples = append(b.samples, string(rune('a'+i)))
		for target, label := range labels {
			if label >= 0 {
				b.rows = append(b.rows, row{image: i, target: target, label: int64(label)})
			}
		}
	}
	return b
}

// TestOwnAnswers: each target's probabilities are the softmax of its own outputs, at the
// places of its classes among all, and outputs change places with those of the other side.
func TestOwnAnswers(t *testing.T) {
	t.Parallel()
	cfg := Config{Loss: registry.One[Loss]{Name: "cross_entropy", Part: CrossEntropy{}}}
	z := []float32{0.5, -1, 2, 1, 0, -2, 3, 0.25, -0.5, 1} // 3 of left, 3 of right, 4 of canal
	want := make([]float64, 18)
	for target, of := range [][]float32{z[:3], z[3:6], z[6:]} {
		sum := 0.0
		for _, v := range of {
			sum += math.Exp(float64(v))
		}
		for i, v := range of {
			want[6*target+ownQuestions.Among[target][i]] = math.Exp(float64(v)) / sum
		}
	}
	if task := cfg.Task(ownQuestions); !slices.Equal(task.Outputs(), []int{3, 3, 4}) || task.All() != 10 {
		t.Errorf("got the task %+v", task)
	}
	onEngine(t, func(s *torch.Scope) {
		twice := s.FromFloat32(append(slices.Clone(z), z...), 2, 10)
		if d := deviation(s.Float64s(cfg.Answers(ownQuestions)(s, twice)), append(slices.Clone(want), want...)); !(d <= 1e-6) {
			t.Errorf("probabilities are %.1e apart", d)
		}
		scores := s.Float64s(cfg.Scores(ownQuestions)(s, twice))
		if scores[2] != 2 || scores[12+4] != 3 || scores[12+0] != 0 || scores[18+12+3] != -0.5 {
			t.Errorf("got the scores %v", scores)
		}
		ordinal := Config{Loss: registry.One[Loss]{Name: "coral", Part: Coral{}}}
		p := s.Float64s(ordinal.Answers(ownQuestions)(s, s.FromFloat32(z[:7], 1, 7)))
		for target := range 3 {
			sum := 0.0
			for k, v := range p[6*target : 6*target+6] {
				if sum += v; !ownQuestions.Has(target, k) && v != 0 {
					t.Errorf("%s has %v of class %d", ownQuestions.Targets[target], v, k)
				}
			}
			if !(math.Abs(sum-1) <= 1e-6) {
				t.Errorf("the probabilities of %s add up to %v", ownQuestions.Targets[target], sum)
			}
		}
		if s.Err() != nil {
			t.Error(s.Err())
		}
	})
	if got := cfg.swappedOutputs(ownQuestions, augment.Sides{Targets: []int{1, 0, 2}}); !reflect.DeepEqual(got, []int{3, 4, 5, 0, 1, 2, 6, 7, 8, 9}) {
		t.Errorf("of the other side: %v", got)
	}
	if got := cfg.swappedOutputs(ownQuestions, augment.Sides{Classes: []int{0, 2, 1, 5, 4, 3}, Targets: []int{1, 0, 2}}); !reflect.DeepEqual(got[:6], []int{3, 5, 4, 0, 2, 1}) {
		t.Errorf("of the other side and its classes: %v", got)
	}
}

// TestLossOfOwnClassesFits: a loss that is one number of a batch wants the same classes of
// all, and one number for each class is none for lists of other lengths.
func TestLossOfOwnClassesFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		loss Loss
		want string
	}{
		{CrossEntropy{}, ""},
		{ClassBalanced{Loss: registry.One[Loss]{Part: Corn{}}}, ""},
		{Kappa{}, "those of left are x, y, z, those of canal q, y, p, r"},
		{Focal{Alpha: "given", Weights: []float64{1, 2, 3}}, "canal: want 4 numbers, got 3"},
	} {
		got := Config{Loss: registry.One[Loss]{Name: "it", Part: c.loss}, Balance: DefaultBalance}.Fits(ownQuestions)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0].Text, c.want)) {
			t.Errorf("%T: got %+v, want %q", c.loss, got, c.want)
		}
	}
}

// TestSoftOwnClasses: a file may say nothing of a class that is none of the target's.
func TestSoftOwnClasses(t *testing.T) {
	t.Parallel()
	training := []stage.Case{{ID: "a", Target: 0, Label: 1}, {ID: "b", Target: 2, Label: 4}}
	read := func(text string) (Softened, error) {
		path := t.TempDir() + "/soft.csv"
		if err := os.WriteFile(path, []byte("case_id,x,y,z,p,q,r\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		return SoftLabels{registry.Path(path), 1, 1}.Soften(ownQuestions, training, nil)
	}
	got, err := read("a,0.5,0.5,0,0,1e-9,0\nb,0,0.25,0,0,0.75,0\n")
	if err != nil || !slices.Equal(got.shares["a"], []float32{0.5, 0.5, 0, 0, 0, 0}) {
		t.Fatalf("got %v, %v", got.shares, err)
	}
	kinds := kindsOf(&preprocess.Images{Classes: ownQuestions.Classes, Targets: ownQuestions.Targets, Among: ownQuestions.Among})
	rows := kinds[1].of([]row{{target: 0, label: 1}, {image: 1, target: 2, label: 4, soft: got.shares["b"]}})
	if len(rows) != 1 || rows[0].label != 0 || !slices.Equal(rows[0].soft, []float32{0.75, 0.25, 0, 0}) {
		t.Errorf("got %+v", rows)
	}
	if _, err := read("a,0.5,0.25,0,0,0.25,0\n"); err == nil || !strings.Contains(err.Error(), "q is 0.25, and is no class of left") {
		t.Errorf("got %v", err)
	}
}

// TestOwnClassesAsShared trains the same with classes that all targets share and with lists
// of their own that say the same. Lists change no bit. Where one target's classes have names
// of their own the loss is the sum of two kinds, which rounds otherwise; an epoch is then one
// batch, since its order goes by the classes.
func TestOwnClassesAsShared(t *testing.T) {
	t.Parallel()
	same := [][]int{{0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {0, 1, 2}}
	mixing := append(slices.Clone(sidedRecipe), registry.One[augment.Augmentation]{Name: "mixup", Part: augment.MixUp{When: augment.Always, Alpha: 0.4}})
	for name, c := range map[string]struct {
		among             [][]int
		apart             float64
		batch, accumulate registry.Count
		recipe            augment.Config
	}{
		"listed":       {same, 0, 8, 2, mixing},
		"of their own": {append(slices.Clone(same[:4]), []int{4, 3, 5}), 1e-5, 1000, 1, nil},
	} {
		var trained [2][]stage.Prediction
		for i, among := range [][][]int{nil, c.among} {
			b := benchOfTargets(t, t.TempDir(), "cpu")
			if among != nil {
				b.relabel(among)
			}
			cfg := config(0, phase("all", 4, "all"))
			cfg.Optimizer = registry.One[Optimizer]{Name: "sgd", Part: SGD{Rate: 0.1, Momentum: 0.9}} // Adam makes whole steps of rounding
			cfg.Batch, cfg.Accumulate = c.batch, c.accumulate
			cfg.TestTime = augment.TestTime{Views: []registry.One[augment.View]{{Name: "flip", Part: augment.FlipView{Axis: "horizontal", Sides: "swap"}}}, Average: "logits"}
			out, err := Run(t.Context(), b.env, cfg, b.net, b.images, c.recipe, measure)
			if err != nil {
				t.Fatal(name, err)
			}
			trained[i] = out.Predictions
		}
		for i, want := range trained[0] {
			got := trained[1][i]
			for k, p := range want.Probabilities {
				if d := math.Abs(got.Probabilities[got.Among[k]] - p); !(d <= c.apart) || got.CaseID != want.CaseID {
					t.Fatalf("%s: %s has %v, want %v of %s", name, got.CaseID, got.Probabilities, want.Probabilities, want.CaseID)
				}
			}
		}
	}
}

// relabel gives each target's classes the places that a list says.
func (b bench) relabel(among [][]int) {
	b.images.Among = among
	b.images.Classes = append(slices.Clone(b.images.Classes), "p", "q", "r")[:1+slices.Max(slices.Concat(among...))]
	for i, c := range b.images.Cases {
		b.images.Cases[i].Label = among[c.Target][c.Label]
	}
}

// TestSamplingOfOwnClasses: a sample counts as a class that is repeated, whichever target's it
// is, and else as the rarest; whole samples are drawn.
func TestSamplingOfOwnClasses(t *testing.T) {
	t.Parallel()
	asked := stage.Questions{Classes: []string{"a", "b", "c", "no", "yes"}, Targets: []string{"grade", "mass"}, Among: [][]int{{0, 1, 2}, {3, 4}}}
	var cases []stage.Case
	for i, labels := range [][]int{{0, 3}, {0, 3}, {0, 4}, {1, 3}, {1, 4}, {0, 3}, {2, 4}, {0, 3}} {
		for target, label := range labels {
			cases = append(cases, stage.Case{Sample: string(rune('a' + i)), Target: target, Label: label, Split: stage.Train})
		}
	}
	for _, c := range []struct {
		of   Balance
		want []int // cases of each class that an epoch draws
	}{
		{Balance{Sampling: "none"}, []int{5, 2, 1, 5, 3}},
		{Balance{Sampling: "repeat", Repeat: map[string]float64{"b": 3}}, []int{5, 6, 1, 7, 5}},
		{Balance{Sampling: "repeat", Repeat: map[string]float64{"b": 3, "yes": 2}}, []int{6, 6, 2, 7, 7}},
		{Balance{Sampling: "repeat", Repeat: map[string]float64{"no": 0}}, []int{1, 1, 1, 0, 3}},
		{Balance{Sampling: "over"}, []int{8, 4, 4, 6, 10}}, // as no: 4, as yes: 1, as b: 2, as c: 1
	} {
		var got []int
		for _, count := range c.of.Counts(asked, cases) {
			got = append(got, count.Drawn)
		}
		order, drawn := caseSampler(c.of, cases, asked, 1).Epoch(1), make([]int, len(asked.Classes))
		for _, i := range order {
			drawn[cases[i].Label]++
			drawn[cases[i+1].Label]++
		}
		if !slices.Equal(drawn, c.want) || !slices.Equal(got, c.want) || len(order) != c.of.Drawn(asked, cases) {
			t.Errorf("%+v: %v are drawn, %v told, want %v", c.of, drawn, got, c.want)
		}
	}
	h := Showing{Cases: 1}
	if got := h.examples(cases, asked); len(got) != 5 {
		t.Errorf("examples are %v, want one of each class", got)
	}
}
