package torch

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"testing"
)

// optimizers is testdata/optimizers.json; optimizers.py says where it is from.
type optimizers struct {
	Rate  float64
	Start []float32
	Grads [][]float32
	Cases []struct {
		Name  string
		Rule  Rule
		Decay float64
		Want  []float64
	}
}

func readOptimizers(t *testing.T) (o optimizers) {
	t.Helper()
	data, err := os.ReadFile("testdata/optimizers.json")
	if err == nil {
		err = json.Unmarshal(data, &o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// setGrad makes a tensor's gradient what is given, whose length is a power of
// two so that nothing is rounded.
func setGrad(s *Scope, w Tensor, grad []float32) {
	scaled := make([]float32, len(grad))
	for i, g := range grad {
		scaled[i] = g * float32(len(grad))
	}
	s.ClearGrads([]Tensor{w})
	s.Backward(s.Mean(s.Mul(w, s.FromFloat32(scaled, s.Describe(w).Shape...))))
}

// TestOptimizersAgreeWithTheirReferences runs 20 steps of each.
func TestOptimizersAgreeWithTheirReferences(t *testing.T) {
	ref, e, worst := readOptimizers(t), open(t), 0.0
	for _, c := range ref.Cases {
		t.Run(c.Name, func(t *testing.T) {
			do(t, e, func(s *Scope) {
				st := NewStore(s, 1)
				p := st.Root(s).Parameter("w", Constant(0), 4)
				s.Copy(p.Tensor, s.FromFloat32(ref.Start, 4))
				o := NewOptimizer(s, c.Rule)
				for _, grad := range ref.Grads {
					setGrad(s, p.Tensor, grad)
					o.Step(s, []Update{{Parameter: p, Rate: ref.Rate, WeightDecay: c.Decay}})
				}
				deviation := 0.0
				weights := p.Tensor
				if x := o.Averaged(s, p); x.Valid() {
					weights = x
				}
				for i, v := range s.Float64s(weights) {
					deviation = max(deviation, math.Abs(v-c.Want[i])/math.Max(1, math.Abs(c.Want[i])))
				}
				t.Logf("largest deviation after %d steps: %.1e", len(ref.Grads), deviation)
				if worst = max(worst, deviation); !(deviation <= 1e-6) {
					t.Errorf("w = %v, the reference has %v", s.Float64s(p.Tensor), c.Want)
				}
				st.scope.Free()
				o.scope.Free()
			})
		})
	}
	t.Logf("largest deviation of all: %.1e", worst)
}

// TestStepIsTheSameHoweverLarge: tensors are cut into pieces, which must not
// show.
func TestStepIsTheSameHoweverLarge(t *testing.T) {
	const n = 1 << 17
	ref, e := readOptimizers(t), open(t)
	long := func(v []float32) []float32 {
		out := make([]float32, n)
		for i := range out {
			out[i] = v[i%4]
		}
		return out
	}
	do(t, e, func(s *Scope) {
		st := NewStore(s, 1)
		small := st.Root(s).Parameter("small", Constant(0), 4)
		large := st.Root(s).Parameter("large", Constant(0), n/4, 4)
		odd := st.Root(s).Parameter("odd", Constant(0), 4, 1, 1, 1) // makes the pieces begin elsewhere
		s.Copy(small.Tensor, s.FromFloat32(ref.Start, 4))
		s.Copy(odd.Tensor, s.FromFloat32(ref.Start, 4, 1, 1, 1))
		s.Copy(large.Tensor, s.FromFloat32(long(ref.Start), n/4, 4))
		o := NewOptimizer(s, ref.Cases[0].Rule)
		for _, grad := range ref.Grads {
			setGrad(s, small.Tensor, grad)
			setGrad(s, odd.Tensor, grad)
			setGrad(s, large.Tensor, long(grad))
			o.Step(s, []Update{{Parameter: odd, Rate: 0.1}, {Parameter: large, Rate: 0.1}, {Parameter: small, Rate: 0.1}})
		}
		want := s.Float32s(small.Tensor)
		if got := s.Float32s(odd.Tensor); !reflect.DeepEqual(got, want) {
			t.Errorf("the first tensor is %v, the last %v", got, want)
		}
		for i, v := range s.Float32s(large.Tensor) {
			if !(math.Abs(float64(v-want[i%4])) <= 1e-6) {
				t.Fatalf("element %d of a large tensor is %v, of a small one %v", i, v, want[i%4])
			}
		}
		st.scope.Free()
		o.scope.Free()
	})
}

// TestLAMBGoesByWholeTensors, which are cut into pieces elsewhere: one half of the weights is 1 with
// the gradient 1, the other 3 with -1. The direction is ±1, the weights are √5 times as long.
func TestLAMBGoesByWholeTensors(t *testing.T) {
	const n = 1 << 17
	weights, grads := make([]float32, n), make([]float32, n)
	for i := range weights {
		if weights[i], grads[i] = 1, 1; i >= n/2 {
			weights[i], grads[i] = 3, -1
		}
	}
	do(t, open(t), func(s *Scope) {
		st := NewStore(s, 1)
		p := st.Root(s).Parameter("w", Constant(0), n)
		s.Copy(p.Tensor, s.FromFloat32(weights, n))
		o := NewOptimizer(s, Rule{Kind: RuleLAMB, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, AlwaysAdapt: true})
		setGrad(s, p.Tensor, grads)
		o.Step(s, []Update{{Parameter: p, Rate: 0.5}})
		got := s.Float64s(p.Tensor)
		for i, want := range map[int]float64{0: 1 - 0.5*math.Sqrt(5), n - 1: 3 + 0.5*math.Sqrt(5)} {
			if !(math.Abs(got[i]-want) <= 1e-4) {
				t.Errorf("w[%d] = %v, want %v", i, got[i], want)
			}
		}
		st.scope.Free()
		o.scope.Free()
	})
}

// TestStepOptions: gradients (3, 4, 0, 0) and L2, by hand.
func TestStepOptions(t *testing.T) {
	for _, c := range []struct {
		name string
		opt  StepOptions
		l2   float64
		want []float64 // the weights (1, 1, 1, 1) less the gradient
		norm float64
	}{
		{"nothing", StepOptions{}, 0, []float64{-2, -3, 1, 1}, 0},
		{"norm only", StepOptions{Norm: true}, 0, []float64{-2, -3, 1, 1}, 5},
		{"clip norm", StepOptions{ClipNorm: 1}, 0, []float64{1 - 0.6, 1 - 0.8, 1, 1}, 5},
		{"large clip norm", StepOptions{ClipNorm: 10}, 0, []float64{-2, -3, 1, 1}, 5},
		{"clip value", StepOptions{ClipValue: 0.5}, 0, []float64{0.5, 0.5, 1, 1}, 0},
		{"l2 comes before clipping", StepOptions{Norm: true}, 0.25, []float64{-2.5, -3.5, 0.5, 0.5}, math.Sqrt(3.5*3.5 + 4.5*4.5 + 0.5)},
	} {
		t.Run(c.name, func(t *testing.T) {
			do(t, open(t), func(s *Scope) {
				st := NewStore(s, 1)
				p := st.Root(s).Parameter("w", Constant(1), 4)
				o := NewOptimizer(s, Rule{Kind: RuleSGD})
				updates := []Update{{Parameter: p, Rate: 1, L2: c.l2}}
				if got := s.Float64(s.Penalty(updates)); got != 4*c.l2 {
					t.Errorf("penalty %v, want %v", got, 4*c.l2)
				}
				setGrad(s, p.Tensor, []float32{3, 4, 0, 0})
				norm := o.StepWith(s, updates, c.opt)
				if norm.Valid() != (c.norm != 0) || norm.Valid() && !(math.Abs(s.Float64(norm)-c.norm) <= 1e-6) {
					t.Errorf("norm %v, want %v", norm.Valid(), c.norm)
				}
				for i, v := range s.Float64s(p.Tensor) {
					if !(math.Abs(v-c.want[i]) <= 1e-6) {
						t.Errorf("w[%d] = %v, want %v", i, v, c.want[i])
					}
				}
				st.scope.Free()
				o.scope.Free()
			})
		})
	}
}

// TestRestoredStateGoesOnBitForBit cuts 20 steps of every rule in the middle.
func TestRestoredStateGoesOnBitForBit(t *testing.T) {
	ref, e := readOptimizers(t), open(t)
	for _, c := range ref.Cases {
		t.Run(c.Name, func(t *testing.T) {
			do(t, e, func(s *Scope) {
				st := NewStore(s, 1)
				p, q := st.Root(s).Parameter("w", Constant(0), 4), st.Root(s).Parameter("v", Constant(0), 4)
				s.Copy(p.Tensor, s.FromFloat32(ref.Start, 4))
				o, resumed := NewOptimizer(s, c.Rule), NewOptimizer(s, c.Rule)
				for i, grad := range ref.Grads {
					if i == 9 {
						s.Copy(q.Tensor, p.Tensor)
						slots := map[string][]float32{}
						for name, slot := range o.State("w").Slots {
							slots[name] = s.Float32s(slot)
						}
						resumed.Restore(s, q, o.State("w").Step, o.State("w").Mean, slots)
					}
					setGrad(s, p.Tensor, grad)
					setGrad(s, q.Tensor, grad)
					o.Step(s, []Update{{Parameter: p, Rate: ref.Rate, WeightDecay: c.Decay}})
					if i >= 9 {
						resumed.Step(s, []Update{{Parameter: q, Rate: ref.Rate, WeightDecay: c.Decay}})
					}
				}
				if got, want := s.Float32s(q.Tensor), s.Float32s(p.Tensor); !reflect.DeepEqual(got, want) {
					t.Errorf("resumed %v, undisturbed %v", got, want)
				}
				st.scope.Free()
				o.scope.Free()
				resumed.scope.Free()
			})
		})
	}
}

func TestParameterWithoutGradientIsPassedOver(t *testing.T) {
	do(t, open(t), func(s *Scope) {
		st := NewStore(s, 1)
		p := st.Root(s).Parameter("w", Constant(1), 4)
		o := NewOptimizer(s, Rule{Kind: RuleAdamW, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
		o.StepWith(s, []Update{{Parameter: p, Rate: 1, WeightDecay: 0.5, L2: 1}}, StepOptions{ClipNorm: 1})
		if got := s.Float32s(p.Tensor); got[0] != 1 {
			t.Errorf("decayed without a gradient: %v", got)
		}
		st.scope.Free()
		o.scope.Free()
	})
}

// TestEMA follows ema ← d·ema + (1−d)·w by hand, swaps and restores.
func TestEMA(t *testing.T) {
	do(t, open(t), func(s *Scope) {
		st := NewStore(s, 1)
		p, b := st.Root(s).Parameter("w", Constant(1), 40000), st.Root(s).Buffer("mean", Constant(2), 2)
		e := NewEMA(s, st.Parameters)
		s.Fill(p.Tensor, 3)
		s.Fill(b.Tensor, 6)
		e.Update(s, 0.75)
		check := func(what string, t1 Tensor, want float32) {
			t.Helper()
			for _, v := range s.Float32s(t1) {
				if v != want {
					t.Fatalf("%s: %v, want %v", what, v, want)
				}
			}
		}
		check("average", e.Averages()["w"], 1.5)
		check("average of a buffer", e.Averages()["mean"], 3)
		e.Swap(s)
		check("weights while swapped", p.Tensor, 1.5)
		e.Swap(s)
		check("weights", p.Tensor, 3)
		e.Restore(s, "mean", []float32{7, 7})
		check("restored", e.Averages()["mean"], 7)
		st.scope.Free()
		e.scope.Free()
	})
}
