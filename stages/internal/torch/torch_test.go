package torch

import (
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func open(t *testing.T) *Engine {
	t.Helper()
	e, err := Open(Options{Device: "cpu", Threads: 1, Deterministic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func do(t *testing.T, e *Engine, work func(*Scope)) {
	t.Helper()
	if err := e.Do(t.Context(), func(s *Scope) error { work(s); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestErrorsComeBackAndStick(t *testing.T) {
	e := open(t)
	err := e.Do(t.Context(), func(s *Scope) error {
		sum := s.Add(s.FromFloat32([]float32{1, 2, 3}, 3), s.FromFloat32([]float32{1, 2}, 2))
		if sum.Valid() {
			t.Error("3 + 2 elements gave a tensor")
		}
		s.ReLU(sum)
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "size of tensor") || strings.Contains(err.Error(), "goroutine") {
		t.Errorf("got %v, want libtorch's message about sizes without a stack", err)
	}
	do(t, e, func(s *Scope) { // the engine is none the worse
		if got := s.Float32s(s.ReLU(s.FromFloat32([]float32{-1, 2}, 2))); !reflect.DeepEqual(got, []float32{0, 2}) {
			t.Errorf("relu: %v", got)
		}
	})
}

func TestPanicBecomesError(t *testing.T) {
	err := open(t).Do(t.Context(), func(*Scope) error { panic("oh") })
	if err == nil || !strings.Contains(err.Error(), "oh") {
		t.Errorf("got %v", err)
	}
}

func TestTensorOfAnEndedScopeIsRefused(t *testing.T) {
	e := open(t)
	var old Tensor
	do(t, e, func(s *Scope) { old = s.Zeros(Float32, 2) })
	if err := e.Do(t.Context(), func(s *Scope) error { s.ReLU(old); return nil }); !errors.Is(err, errStale) {
		t.Errorf("got %v, want %v", err, errStale)
	}
}

func TestClosedEngineSaysSo(t *testing.T) {
	e := open(t)
	_ = e.Close()
	if err := e.Do(context.Background(), func(*Scope) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want %v", err, ErrClosed)
	}
}

func TestNoGradRestoresWhatWasBefore(t *testing.T) {
	do(t, open(t), func(s *Scope) {
		w := s.FromFloat32([]float32{2}, 1)
		s.RequireGrad(w, true)
		s.NoGrad(func() {
			s.NoGrad(func() {})
			if s.Describe(s.Mul(w, w)).RequiresGrad {
				t.Error("an inner NoGrad switched gradients on again")
			}
		})
		loss := s.Mul(w, w)
		s.Backward(loss)
		if g := s.Float64s(s.Grad(w)); len(g) != 1 || g[0] != 4 {
			t.Errorf("d(w²)/dw at 2 = %v, want 4", g)
		}
	})
}

func TestDeviceWords(t *testing.T) {
	for _, word := range []string{"gpu", "cuda:", "cuda:-1", "cudax", "cuda:99"} {
		if e, err := Open(Options{Device: word}); err == nil {
			t.Errorf("%q was taken for %v", word, e.Device())
			_ = e.Close()
		}
	}
}

func TestPixelsAreUnsigned(t *testing.T) {
	do(t, open(t), func(s *Scope) {
		got := s.Float32s(s.Pixels([]byte{0, 0, 0xff, 0xff, 0, 0x80}, PixelFormat{Channels: 1, Height: 1, Width: 3, BytesPerPixel: 2, Scale: 1.0 / 65535}))
		want := []float32{0, 1, 32768.0 / 65535}
		for i := range want {
			if !(math.Abs(float64(got[i]-want[i])) <= 1e-6) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	})
}

// TestFirstWeights compares spread with PyTorch's initialisation.
func TestFirstWeights(t *testing.T) {
	e := open(t)
	do(t, e, func(s *Scope) {
		st := NewStore(s, 7)
		NewLinear(st.Root(s).Sub("fc"), 400, 300)
		NewConv2D(st.Root(s).Sub("c"), 16, 64, 3, Conv2DOptions{Init: FanOutNormal(64 * 9)})
		for name, std := range map[string]float64{"fc.weight": 1 / math.Sqrt(3*400), "c.weight": math.Sqrt(2.0 / (64 * 9))} {
			p, _ := st.Get(name)
			mean, sum := 0.0, 0.0
			v := s.Float64s(p.Tensor)
			for _, x := range v {
				mean += x / float64(len(v))
				sum += x * x / float64(len(v))
			}
			if !(math.Abs(mean) <= 0.05*std) || !(math.Abs(math.Sqrt(sum)/std-1) <= 0.05) {
				t.Errorf("%s: mean %v, spread %v, want 0 and %v", name, mean, math.Sqrt(sum), std)
			}
		}
		st.scope.Free()
	})
}

func TestDropoutDependsOnSeedAndNameAlone(t *testing.T) {
	do(t, open(t), func(s *Scope) {
		ones := make([]float32, 10000)
		for i := range ones {
			ones[i] = 1
		}
		drop := func(name string, seed uint64) []float32 {
			return s.Float32s(Dropout{Name: name, P: 0.3}.Forward(&Pass{Scope: s, Train: true, Seed: seed}, s.FromFloat32(ones, 10000)))
		}
		a := drop("a", 1)
		if !reflect.DeepEqual(a, drop("a", 1)) {
			t.Error("the same seed dropped something else")
		}
		if reflect.DeepEqual(a, drop("a", 2)) || reflect.DeepEqual(a, drop("b", 1)) {
			t.Error("another seed or name dropped the same")
		}
		zeros := 0
		for _, v := range a {
			if v == 0 {
				zeros++
			} else if !(math.Abs(float64(v)-1/0.7) <= 1e-6) {
				t.Fatalf("kept elements are %v, want 1/0.7", v)
			}
		}
		if zeros < 2800 || zeros > 3200 {
			t.Errorf("%d of 10000 were dropped, want about 3000", zeros)
		}
	})
}

// TestSequenceKeepsOnlyItsResult: what lies between modules is freed, unless a
// module hands its own input on, and gradients still flow.
func TestSequenceKeepsOnlyItsResult(t *testing.T) {
	do(t, open(t), func(s *Scope) {
		x := s.FromFloat32([]float32{-1, 2}, 2)
		s.RequireGrad(x, true)
		same := Func(func(_ *Pass, x Tensor) Tensor { return x })
		double := Func(func(p *Pass, x Tensor) Tensor { return p.Add(x, x) })
		before := len(s.owned)
		y := Sequence{same, double, ReLU, same, double}.Forward(&Pass{Scope: s}, x)
		if n := len(s.owned) - before; n != 1 {
			t.Errorf("%d tensors were left, want the result alone", n)
		}
		s.Backward(s.Mean(y))
		if got := s.Float32s(s.Grad(x)); !reflect.DeepEqual(got, []float32{0, 2}) {
			t.Errorf("gradient %v, want 0 and 4/2", got)
		}
	})
}

// small is a net for the tests below.
func small(s *Scope, st *Store) Module {
	r := st.Root(s)
	return Sequence{
		NewConv2D(r.Sub("conv"), 1, 8, 3, Conv2DOptions{Padding: 1, Bias: true}), NewBatchNorm(r.Sub("bn"), 8), ReLU,
		MaxPool2D(2, 2, 0), GlobalAverage, Dropout{Name: "drop", P: 0.2}, NewLinear(r.Sub("fc"), 8, 3),
	}
}

// plain is small without dropout.
func plain(s *Scope, st *Store) Module {
	r := st.Root(s)
	return Sequence{
		NewConv2D(r.Sub("conv"), 1, 8, 3, Conv2DOptions{Padding: 1, Bias: true}), NewBatchNorm(r.Sub("bn"), 8), ReLU,
		MaxPool2D(2, 2, 0), GlobalAverage, NewLinear(r.Sub("fc"), 8, 3),
	}
}

// train runs steps and gives the losses; each is told the step.
func train(t *testing.T, e *Engine, steps int, each func(step int)) (losses []float64) {
	t.Helper()
	return trainNet(t, e, small, steps, each)
}

func trainNet(t *testing.T, e *Engine, build func(*Scope, *Store) Module, steps int, each func(step int)) (losses []float64) {
	t.Helper()
	var st *Store
	var o *Optimizer
	var net Module
	do(t, e, func(s *Scope) {
		st = NewStore(s, 3)
		net, o = build(s, st), NewOptimizer(s, Rule{Kind: RuleAdam, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
	})
	pixels := make([]float32, 8*16*16)
	for i := range pixels {
		pixels[i] = float32(math.Sin(float64(i) * 0.37))
	}
	for step := range steps {
		do(t, e, func(s *Scope) {
			var updates []Update
			var leaves []Tensor
			for _, p := range st.Parameters {
				if !p.Buffer {
					updates, leaves = append(updates, Update{Parameter: p, Rate: 1e-3}), append(leaves, p.Tensor)
				}
			}
			logits := net.Forward(&Pass{Scope: s, Train: true, Seed: uint64(step)}, s.FromFloat32(pixels, 8, 1, 16, 16))
			loss := s.CrossEntropy(logits, s.FromInt64([]int64{0, 1, 2, 0, 1, 2, 0, 1}, 8), Tensor{}, ReduceMean, 0)
			s.ClearGrads(leaves)
			s.Backward(loss)
			o.Step(s, updates)
			losses = append(losses, s.Float64(loss))
		})
		if each != nil {
			each(step)
		}
	}
	if err := errors.Join(st.Close(), o.Close()); err != nil {
		t.Fatal(err)
	}
	return losses
}

func TestOneSeedGivesOneSeriesOfLosses(t *testing.T) {
	e := open(t)
	first := train(t, e, 30, func(int) {})
	if second := train(t, e, 30, func(int) {}); !reflect.DeepEqual(first, second) {
		t.Errorf("two runs differ:\n%v\n%v", first, second)
	}
	if first[29] >= first[0] {
		t.Errorf("the loss went from %v to %v", first[0], first[29])
	}
}

// TestMemoryStaysFlat trains 500 steps, in a process of its own so that other
// tests do not blur the measure, as usual and with the collector at its busiest.
func TestMemoryStaysFlat(t *testing.T) {
	if os.Getenv("VERTEBRA_FLAT") == "" {
		for _, gogc := range []string{"100", "1"} {
			t.Run("GOGC="+gogc, func(t *testing.T) {
				var err error
				for range 3 { // a leak is there each time, an allocator's whim is not
					if err = flat(t, gogc); err == nil {
						return
					}
				}
				t.Error(err)
			})
		}
		return
	}
	e := open(t)
	var at, held []int64 // resident, and held of C's heap, after 50, 500 and 950 steps
	train(t, e, 951, func(step int) {
		if step%450 == 50 {
			runtime.GC()
			debug.FreeOSMemory()
			at, held = append(at, resident()), append(held, heapInUse())
		}
	})
	live, err := e.LiveTensors(t.Context())
	t.Logf("resident after 50 steps %d KiB, after 500 %d KiB, after 950 %d KiB; tensors left %d; C holds %d bytes", at[0]>>10, at[1]>>10, at[2]>>10, live, held)
	// On a busy machine one stretch may grow by the allocators' doing; a leak grows in
	// both.
	if min(at[1]-at[0], at[2]-at[1]) > 8<<20 || live != 0 || err != nil {
		t.Errorf("memory grows, or %d tensors were left, %v", live, err)
	}
	// What C holds is no allocator's doing: 50 bytes a step are a leak.
	if min(held[1]-held[0], held[2]-held[1]) > 450*50 {
		t.Errorf("C holds more and more: %d bytes", held)
	}
}

func flat(t *testing.T, gogc string) error {
	cmd := exec.Command(os.Args[0], "-test.run", "^TestMemoryStaysFlat$", "-test.v")
	cmd.Env = append(os.Environ(), "VERTEBRA_FLAT=1", "GOGC="+gogc)
	out, err := cmd.CombinedOutput()
	t.Log(lastLines(string(out)))
	return err
}

func lastLines(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], "\n")
}

// TestBatchNormWantsASpread: of one number in each feature libtorch makes running
// variances that are not numbers.
func TestBatchNormWantsASpread(t *testing.T) {
	e := open(t)
	var b *BatchNorm
	var st *Store
	do(t, e, func(s *Scope) {
		st = NewStore(s, 1)
		b = NewBatchNorm(st.Root(s).Sub("bn"), 3)
	})
	defer st.Close()
	one := func(train, moves bool, shape ...int64) error {
		return e.Do(t.Context(), func(s *Scope) error {
			b.Mean.Moves = moves
			b.Forward(&Pass{Scope: s, Train: train}, s.Zeros(Float32, shape...))
			return s.Err()
		})
	}
	if err := one(true, true, 1, 3); err == nil || !strings.Contains(err.Error(), "one number in each of 3 features") {
		t.Errorf("one row: got %v", err)
	}
	if err := errors.Join(one(true, true, 2, 3), one(true, true, 1, 3, 2, 1), one(false, true, 1, 3), one(true, false, 1, 3)); err != nil {
		t.Error(err)
	}
	do(t, e, func(s *Scope) {
		for _, v := range s.Float32s(b.Var.Tensor) {
			if !(v > 0) {
				t.Errorf("running variances %v", s.Float32s(b.Var.Tensor))
			}
		}
	})
}
