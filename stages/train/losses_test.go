package train

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// lossReference is testdata/losses.json; losses.py says where it is from.
type lossReference struct {
	Logits        []float32 // (12, 3)
	Ordinal       []float32 // (12, 2)
	Labels        []int64
	Ignored       []int64
	Shares        []float32 // (12, 3)
	ClassWeights  []float32 `json:"class_weights"`
	SampleWeights []float32 `json:"sample_weights"`
	Counts        []int
	Groups        []string
	Conditions    []string
	Cases         []lossCase
}

type lossCase struct {
	Name, Loss string
	Settings   json.RawMessage
	Ordinal    bool
	Given      []string
	Want       float64
	Grad       []float64
}

func readLosses(t *testing.T) (r lossReference) {
	t.Helper()
	parity.Read(t, "testdata/losses.json", &r)
	return r
}

// part gives the default loss with the case's settings.
func (c lossCase) part(t *testing.T) Loss {
	t.Helper()
	one, ok := Losses.Default(c.Loss)
	if !ok {
		t.Fatalf("there is no loss %q", c.Loss)
	}
	v := reflect.New(reflect.TypeOf(one.Part))
	v.Elem().Set(reflect.ValueOf(one.Part))
	if err := json.Unmarshal(c.Settings, v.Interface()); err != nil {
		t.Fatal(err)
	}
	return v.Elem().Interface().(Loss)
}

// rows gives logits and targets of the rows [from, to).
func (r lossReference) rows(s *torch.Scope, c lossCase, from, to int) (torch.Tensor, Targets) {
	n := int64(to - from)
	t := Targets{Counts_K: r.Counts, Labels_B: s.FromInt64(r.Labels[from:to], n)}
	if slices.Contains(c.Given, "ignored") {
		t.Labels_B = s.FromInt64(r.Ignored[from:to], n)
	}
	if slices.Contains(c.Given, "shares") {
		t.Labels_B, t.Shares_BK = torch.Tensor{}, s.FromFloat32(r.Shares[3*from:3*to], n, 3)
	}
	if slices.Contains(c.Given, "class_weights") {
		t.ClassWeights_K = s.FromFloat32(r.ClassWeights, 3)
	}
	if slices.Contains(c.Given, "sample_weights") {
		t.SampleWeights_B = s.FromFloat32(r.SampleWeights[from:to], n)
	}
	for i := from; i < to; i++ {
		t.Groups_B = append(t.Groups_B, r.Groups[i])
		t.Tags_B = append(t.Tags_B, map[string]string{"condition": r.Conditions[i]})
	}
	logits, k := r.Logits, 3
	if c.Ordinal {
		logits, k = r.Ordinal, 2
	}
	z := s.FromFloat32(logits[k*from:k*to], n, int64(k))
	s.RequireGrad(z, true)
	return z, t
}

func onEngine(t *testing.T, work func(*torch.Scope)) {
	t.Helper()
	e, err := torch.Open(torch.Options{Device: "cpu", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Do(t.Context(), func(s *torch.Scope) error { work(s); return nil }); err != nil {
		t.Fatal(err)
	}
}

// deviation is relative to the largest number of the reference.
func deviation(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	worst, largest := 0.0, 0.0
	for i := range want {
		d := math.Abs(got[i] - want[i])
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		worst, largest = max(worst, d), max(largest, math.Abs(want[i]))
	}
	return worst / largest
}

// TestParityOfLossesIsFresh compares values and gradients.
func TestParityOfLossesIsFresh(t *testing.T) {
	ref := readLosses(t)
	seen, rows := map[string]bool{}, []parity.Row{}
	onEngine(t, func(s *torch.Scope) {
		for _, c := range ref.Cases {
			seen[c.Loss] = true
			z, targets := ref.rows(s, c, 0, len(ref.Labels))
			loss := c.part(t).Of(s, z, targets)
			s.Backward(loss)
			value, grad := deviation(s.Float64s(loss), []float64{c.Want}), deviation(s.Float64s(s.Grad(z)), c.Grad)
			if s.Err() != nil {
				t.Fatalf("%s, %s: %v", c.Loss, c.Name, s.Err())
			}
			rows = append(rows, parity.Row{Part: c.Loss, Case: c.Name, Reference: c.reference(), Deviation: max(value, grad), Limit: 1e-6})
		}
	})
	parity.Hold(t, parityPage, "losses", rows, *update)
	for _, name := range Losses.Names() {
		if !seen[name] {
			t.Errorf("no reference for %s", name)
		}
	}
}

// reference names what losses.py computes the case with.
func (c lossCase) reference() string {
	for _, r := range []struct{ loss, begins, reference string }{
		{"cross_entropy", "Keras", "keras.losses.CategoricalCrossentropy"},
		{"cross_entropy", "", "torch.nn.functional.cross_entropy"},
		{"focal", "Keras", "keras.losses.CategoricalFocalCrossentropy"},
		{"focal", "the notebook", "the notebook's code"},
		{"asymmetric", "single", "timm AsymmetricLossSingleLabel"},
		{"asymmetric", "", "equation 7 of the paper, held against timm AsymmetricLossMultiLabel"},
		{"coral", "", "coral_pytorch coral_loss"},
		{"corn", "", "coral_pytorch corn_loss"},
		{"class_balanced", "", "the authors' weights on PyTorch's cross-entropy"},
		{"ldam", "", "the authors' code"},
		{"logit_adjusted", "", "the authors' code"},
		{"symmetric_cross_entropy", "soft", "the paper's formula, by the shares of the classes"},
		{"pairwise_auc", "soft", "LibAUC's formula, pair by pair"},
		{"pairwise_auc", "", "LibAUC PairwiseAUCLoss, class after class"},
		{"kappa", "", "TensorFlow Addons' formula, row by row"},
		{"rsna_log_loss", "", "the metric's rules, study by study"},
	} {
		if c.Loss == r.loss && strings.HasPrefix(c.Name, r.begins) {
			return r.reference
		}
	}
	return "the paper's formula"
}

// TestLossesAreFiniteAtTheExtremes tries every loss on logits of ±1e4.
func TestLossesAreFiniteAtTheExtremes(t *testing.T) {
	ref := readLosses(t)
	onEngine(t, func(s *torch.Scope) {
		for _, c := range append(ref.Cases, lossCase{Name: "γ below 1", Loss: "focal", Settings: []byte(`{"Gamma": 0.25}`)}) {
			_, targets := ref.rows(s, c, 0, len(ref.Labels))
			k := 3
			if c.Ordinal {
				k = 2
			}
			data := make([]float32, len(ref.Labels)*k)
			for i := range data {
				data[i] = []float32{1e4, -1e4, 0, 1e4, 1e4, -1e4, -1e4}[i%7]
			}
			z := s.FromFloat32(data, int64(len(ref.Labels)), int64(k))
			s.RequireGrad(z, true)
			loss := c.part(t).Of(s, z, targets)
			s.Backward(loss)
			for _, v := range append(s.Float64s(loss), s.Float64s(s.Grad(z))...) {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s, %s: not finite: %v, %v", c.Loss, c.Name, s.Float64s(loss), s.Float64s(s.Grad(z)))
					break
				}
			}
			if s.Err() != nil {
				t.Fatalf("%s: %v", c.Loss, s.Err())
			}
		}
	})
}

// TestLossOfPartsIsLossOfTheWhole cuts batches into micro-batches.
func TestLossOfPartsIsLossOfTheWhole(t *testing.T) {
	ref, divided := readLosses(t), 0
	onEngine(t, func(s *torch.Scope) {
		for _, c := range ref.Cases {
			cfg := Config{Loss: registry.One[Loss]{Part: c.part(t)}}
			if want := !slices.Contains([]string{"kappa", "rsna_log_loss", "pairwise_auc"}, c.Loss); cfg.Divisible() != want {
				t.Errorf("%s: divisible %v, want %v", c.Loss, cfg.Divisible(), want)
			}
			if !cfg.Divisible() {
				continue
			}
			_, whole := ref.rows(s, c, 0, len(ref.Labels))
			divisor, sum := cfg.Divisor(s, whole), 0.0
			var grads []float64
			for _, cut := range [][2]int{{0, 5}, {5, 6}, {6, 12}} {
				z, targets := ref.rows(s, c, cut[0], cut[1])
				targets.Divisor = divisor
				loss := cfg.Loss.Part.Of(s, z, targets)
				s.Backward(loss)
				sum, grads = sum+s.Float64(loss), append(grads, s.Float64s(s.Grad(z))...)
			}
			if d := max(deviation([]float64{sum}, []float64{c.Want}), deviation(grads, c.Grad)); !(d <= 1e-6) {
				t.Errorf("%s, %s: the parts give %v, the whole %v (%.1e); %v", c.Loss, c.Name, sum, c.Want, d, s.Err())
			}
			divided++
		}
	})
	if divided < 20 {
		t.Errorf("only %d cases were divided", divided)
	}
}

// TestHardSharesAreLabels: a soft target that is all of one class is a label, and
// an ignored row is as good as none.
func TestHardSharesAreLabels(t *testing.T) {
	ref := readLosses(t)
	onEngine(t, func(s *torch.Scope) {
		for _, c := range ref.Cases {
			if slices.Contains(c.Given, "shares") || slices.Contains(c.Given, "ignored") {
				continue
			}
			z, targets := ref.rows(s, c, 0, 12)
			hot := make([]float32, 36)
			for i, label := range ref.Labels {
				hot[3*i+int(label)] = 1
			}
			soft := targets
			soft.Labels_B, soft.Shares_BK = torch.Tensor{}, s.FromFloat32(hot, 12, 3)
			if d := deviation(s.Float64s(c.part(t).Of(s, z, soft)), []float64{c.Want}); !(d <= 1e-6) {
				t.Errorf("%s, %s: soft targets differ by %.1e from labels", c.Loss, c.Name, d)
			}
			labels := slices.Clone(ref.Labels)
			labels[10], labels[11] = -1, -1
			targets.Labels_B = s.FromInt64(labels, 12)
			z10, targets10 := ref.rows(s, c, 0, 10)
			got, want := s.Float64s(c.part(t).Of(s, z, targets)), s.Float64s(c.part(t).Of(s, z10, targets10))
			if d := deviation(got, want); !(d <= 1e-6) {
				t.Errorf("%s, %s: %v with two ignored rows, %v without them", c.Loss, c.Name, got, want)
			}
		}
	})
}

// TestPairsThatAreNone: a batch of one class, or of one case, teaches no ranking, and says so by zeros.
func TestPairsThatAreNone(t *testing.T) {
	onEngine(t, func(s *torch.Scope) {
		for _, labels := range [][]int64{{1, 1, 1}, {0}, {-1, -1}, {1, -1, 1}} {
			n := int64(len(labels))
			z := s.FromFloat32([]float32{1, -2, 3, 0.5, -1, 2}[:2*n], n, 2)
			s.RequireGrad(z, true)
			loss := PairwiseAUC{Margin: 1}.Of(s, z, Targets{Labels_B: s.FromInt64(labels, n), Counts_K: []int{5, 5}})
			s.Backward(loss)
			for _, v := range append(s.Float64s(loss), s.Float64s(s.Grad(z))...) {
				if v != 0 {
					t.Errorf("%v: loss %v, gradient %v", labels, s.Float64s(loss), s.Float64s(s.Grad(z)))
					break
				}
			}
		}
	})
}

// TestProbabilitiesSumToOne and never leave [0, 1], whatever the outputs.
func TestProbabilitiesSumToOne(t *testing.T) {
	onEngine(t, func(s *torch.Scope) {
		for _, name := range Losses.Names() {
			one, _ := Losses.Default(name)
			parts := []Loss{one.Part}
			if name == "asymmetric" {
				parts = append(parts, Asymmetric{Activation: "sigmoid"})
			}
			for _, part := range parts {
				cfg := Config{Loss: registry.One[Loss]{Part: part}}
				o := cfg.outputs(4)
				data := make([]float32, 8*o)
				for i := range data {
					data[i] = float32(math.Sin(float64(i)*1.3)) * float32(math.Pow(10, float64(i%5-1)))
				}
				p := s.Float64s(cfg.Probabilities(s, s.FromFloat32(data, 8, int64(o))))
				if len(p) != 32 {
					t.Fatalf("%s: %d probabilities, want 32; %v", name, len(p), s.Err())
				}
				for i := range 8 {
					sum := 0.0
					for _, v := range p[4*i : 4*i+4] {
						if !(v >= 0 && v <= 1) {
							t.Errorf("%s: probability %v", name, v)
						}
						sum += v
					}
					if !(math.Abs(sum-1) <= 1e-5) {
						t.Errorf("%s: probabilities %v sum to %v", name, p[4*i:4*i+4], sum)
					}
				}
			}
		}
	})
}

// TestOrdinalProbabilities by hand: answers 0.8 and 0.5 of two questions.
func TestOrdinalProbabilities(t *testing.T) {
	logit := func(p float64) float32 { return float32(math.Log(p / (1 - p))) }
	onEngine(t, func(s *torch.Scope) {
		z := s.FromFloat32([]float32{logit(0.8), logit(0.5)}, 1, 2)
		for _, c := range []struct {
			loss Loss
			want []float64
		}{
			{Coral{}, []float64{0.2, 0.3, 0.5}}, {Corn{}, []float64{0.2, 0.4, 0.4}},
			{Cumulative{}, []float64{0.2, 0.8 - 2.0/3, 2.0 / 3}}, // 4 less softplus(0) = ln 2: odds 2
		} {
			if got := s.Float64s(probabilities(c.loss, s, z)); !(deviation(got, c.want) <= 1e-6) {
				t.Errorf("%T: %v, want %v", c.loss, got, c.want)
			}
		}
	})
}

func TestLossesThatDoNotFitTheClasses(t *testing.T) {
	three := []string{"normal_mild", "moderate", "severe"}
	for _, c := range []struct {
		loss    Loss
		classes []string
		want    string
	}{
		{Focal{Alpha: "given", Weights: []float64{1, 2}}, three, "want 3 numbers, got 2"},
		{Coral{Importance: []float64{1, 2, 3}}, three, "want 2 numbers, got 3"},
		{Corn{}, three[:1], "at least two classes"},
		{RSNALogLoss{}, three[:2], "three severities"},
		{ClassBalanced{Loss: registry.One[Loss]{Part: Kappa{}}}, three[:1], "at least two classes"},
	} {
		got := Config{Loss: registry.One[Loss]{Name: "x", Part: c.loss}}.Fits(stage.Questions{Classes: c.classes})
		if len(got) != 1 || !strings.Contains(got[0].Text, c.want) {
			t.Errorf("%T: %v, want %q", c.loss, got, c.want)
		}
	}
	if got := (Config{Loss: registry.One[Loss]{Part: Coral{}}}).Fits(stage.Questions{Classes: three}); got != nil {
		t.Errorf("coral of three classes: %v", got)
	}
}

// TestLossesThatDoNotFitTheCases: the RSNA loss asks each case's condition.
func TestLossesThatDoNotFitTheCases(t *testing.T) {
	t.Parallel()
	one, _ := Losses.Default("rsna_log_loss")
	spinal := map[string]string{"condition": "Spinal Canal Stenosis"}
	cases := []stage.Case{{Split: stage.Train, Tags: spinal}, {Split: stage.Test}}
	if got := (Config{Loss: one}).FitsCases(cases); got != nil {
		t.Errorf("got %v; only training cases are asked", got)
	}
	cases[1].Split = stage.Train
	if got := (Config{Loss: one}).FitsCases(cases); len(got) != 1 || got[0].Path != "loss.rsna_log_loss" || !strings.Contains(got[0].Text, `condition of a case is ""`) || got[0].Hint == "" {
		t.Errorf("got %+v", got)
	}
	if one, _ = Losses.Default("focal"); (Config{Loss: one}).FitsCases(cases) != nil {
		t.Error("focal asks for no condition")
	}
}
