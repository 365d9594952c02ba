package model

import (
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

var ageAndSex = stage.Covariates{{Name: "age"}, {Name: "sex", Values: []string{"f", "m"}}}

var patients = []map[string]string{{"age": "50", "sex": "f"}, {"age": "60", "sex": "m"}, {"age": "", "sex": "x"}, {"age": "70"}}

// withCovariates is a small net that takes them, standardised over the patients.
func withCovariates(t *testing.T, how Beside) *Net {
	t.Helper()
	cfg := Default
	cfg.Backbone.Name, cfg.Backbone.Part = "convnet", ConvNet{Widths: []int{3}}
	cfg.Input, cfg.Covariates = Input{Channels: 1, Mean: []float64{0}, Std: []float64{1}}, how
	task := Single(2)
	task.Covariates = ageAndSex
	net, err := Blank(t.Context(), stage.Env{Device: "cpu", Recorder: stage.Discard}, cfg, preprocess.Shape{Channels: 1, Height: 8, Width: 8}, task)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = net.Close() })
	if err := net.Standardise(t.Context(), patients); err != nil {
		t.Fatal(err)
	}
	return net
}

func joinOf(t *testing.T, net *Net) *beside {
	t.Helper()
	at := slices.IndexFunc(net.body, func(m torch.Module) bool { _, ok := m.(*beside); return ok })
	if at < 0 {
		t.Fatal("nothing joins the covariates")
	}
	return net.body[at].(*beside)
}

func toldOf(tags []map[string]string) (rows [][]float32) {
	for _, one := range tags {
		rows = append(rows, ageAndSex.Row(one))
	}
	return rows
}

// TestStandardScores: ages 50, 60 and 70 have the mean 60 and the standard deviation
// √(200/3), as sklearn.preprocessing.StandardScaler has it; one that is not known is 0.
func TestStandardScores(t *testing.T) {
	t.Parallel()
	net := withCovariates(t, Beside{})
	std := math.Sqrt(200. / 3)
	want := [][]float64{{7, -10 / std, 1, 1, 0}, {7, 0, 1, 0, 1}, {7, 0, 0, 0, 0}, {7, 10 / std, 1, 0, 0}}
	onEngine(t, net, func(s *torch.Scope) {
		p := &torch.Pass{Scope: s, Covariates: net.CovariateInput(s, toldOf(patients))}
		features := s.FromFloat32([]float32{7, 7, 7, 7}, 4, 1)
		near(t, "features and covariates", s.Float64s(joinOf(t, net).Forward(p, features)), slices.Concat(want...))
	})
}

// TestWhatTrainingDoesNotHave: a value of other cases alone says nothing, and neither does a
// number that is known of them alone; a spread that float32 has no inverse of is none.
func TestWhatTrainingDoesNotHave(t *testing.T) {
	t.Parallel()
	c := stage.Covariates{{Name: "sex", Values: []string{"f", "m"}}, {Name: "age"}, {Name: "dose"}}
	factor, offset := standard(c, []map[string]string{{"sex": "f", "dose": "1e-40"}, {"sex": "f", "dose": "3e-40"}})
	if want := []float32{1, 0, 0, 0, 1, 1}; !slices.Equal(factor, want) {
		t.Errorf("factors %v, want %v", factor, want)
	}
	for _, v := range offset {
		if !(math.Abs(float64(v)) <= 1e-30) {
			t.Errorf("offsets %v", offset)
		}
	}
}

// TestNumbersFarOut are at most ten standard deviations away.
func TestNumbersFarOut(t *testing.T) {
	t.Parallel()
	net := withCovariates(t, Beside{})
	onEngine(t, net, func(s *torch.Scope) {
		rows := toldOf([]map[string]string{{"age": "1e30"}, {"age": "-999"}, {"age": "140"}})
		p := &torch.Pass{Scope: s, Covariates: net.CovariateInput(s, rows)}
		got := s.Float64s(joinOf(t, net).Forward(p, s.Zeros(torch.Float32, 3, 1)))
		near(t, "far out", []float64{got[1], got[6], got[11]}, []float64{10, -10, 80 / math.Sqrt(200./3)})
	})
}

// TestLayerOfCovariates is ReLU(W·z + b), beside the features.
func TestLayerOfCovariates(t *testing.T) {
	t.Parallel()
	net := withCovariates(t, Beside{Units: 2})
	onEngine(t, net, func(s *torch.Scope) {
		m := joinOf(t, net)
		s.Copy(m.dense.Weight.Tensor, s.FromFloat32([]float32{1, 2, 3, 4, -1, 1, 0, 1}, 2, 4))
		s.Copy(m.dense.Bias.Tensor, s.FromFloat32([]float32{0.5, -0.5}, 2))
		p := &torch.Pass{Scope: s, Covariates: net.CovariateInput(s, toldOf(patients[:1]))}
		z := -10 / math.Sqrt(200./3)
		want := []float64{7, max(0, z+2+3+0.5), max(0, -z+1-0.5)}
		near(t, "features and units", s.Float64s(m.Forward(p, s.FromFloat32([]float32{7}, 1, 1))), want)
	})
}

// TestCovariatesLeftOut: whole samples go without in training, and the others keep their
// numbers; in inference nobody does.
func TestCovariatesLeftOut(t *testing.T) {
	t.Parallel()
	net := withCovariates(t, Beside{Dropout: 0.5})
	const n = 400
	rows := slices.Repeat(toldOf(patients[:1]), n)
	onEngine(t, net, func(s *torch.Scope) {
		features := s.Zeros(torch.Float32, n, 1)
		look := func(train bool) (kept int) {
			p := &torch.Pass{Scope: s, Train: train, Seed: 3, Covariates: net.CovariateInput(s, rows)}
			z := -10 / math.Sqrt(200./3)
			for row := range slices.Chunk(s.Float64s(joinOf(t, net).Forward(p, features)), 5) {
				if row[2] != 0 {
					kept++
					near(t, "a row that is kept", row, []float64{0, z, 1, 1, 0})
				} else {
					near(t, "a row that is left out", row, make([]float64, 5))
				}
			}
			return kept
		}
		if kept := look(true); kept < n*2/5 || kept > n*3/5 {
			t.Errorf("%d of %d samples keep theirs, want about half", kept, n)
		}
		if kept := look(false); kept != n {
			t.Errorf("%d of %d keep theirs in inference", kept, n)
		}
	})
}

// TestNoCovariates: a net that wants some says so.
func TestNoCovariates(t *testing.T) {
	t.Parallel()
	net := withCovariates(t, Beside{Units: 4})
	err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
		net.Forward(&torch.Pass{Scope: s}, s.Zeros(torch.Float32, 1, 1, 8, 8))
		return s.Err()
	})
	if err == nil || !strings.Contains(err.Error(), "takes covariates of each sample, and was given none") {
		t.Errorf("got %v", err)
	}
}
