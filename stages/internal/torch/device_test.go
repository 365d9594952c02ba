package torch

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

// onDevices runs a test on the CPU and, where there is one, on a CUDA device.
func onDevices(t *testing.T, test func(t *testing.T, e *Engine)) {
	t.Run("cpu", func(t *testing.T) { test(t, open(t)) })
	t.Run("cuda", func(t *testing.T) { test(t, openCUDA(t)) })
}

func openCUDA(t *testing.T) *Engine {
	t.Helper()
	if cudaDevices() == 0 {
		t.Skip("no CUDA device")
	}
	e, err := Open(Options{Device: "cuda", Deterministic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func TestRowsGiveBackImages(t *testing.T) {
	for name, size := range map[string]int{"rows of 8s": 16, "rows of 4s": 12, "odd rows": 7} {
		t.Run(name, func(t *testing.T) {
			onDevices(t, func(t *testing.T, e *Engine) {
				data := make([]byte, 5*size)
				for i := range data {
					data[i] = byte(i)
				}
				do(t, e, func(s *Scope) {
					rows := s.NewRows(5, size)
					defer rows.Free()
					rows.Append(s, data[:2*size])
					rows.Append(s, data[2*size:])
					got := s.Float32s(rows.Take(s, s.FromInt64([]int64{3, 0, 3}, 3)))
					for i, row := range []int{3, 0, 3} {
						for j := range size {
							if want := float32(data[row*size+j]); got[i*size+j] != want {
								t.Fatalf("image %d, byte %d: got %v, want %v", row, j, got[i*size+j], want)
							}
						}
					}
				})
			})
		})
	}
}

func TestRowsThatDoNotFitAreRefused(t *testing.T) {
	err := open(t).Do(t.Context(), func(s *Scope) error {
		rows := s.NewRows(1, 4)
		defer rows.Free()
		rows.Append(s, make([]byte, 8))
		return s.Err()
	})
	if err == nil || !strings.Contains(err.Error(), "do not fit") {
		t.Errorf("got %v, want a word that they do not fit", err)
	}
}

func TestRingDeliversWhatWasFilled(t *testing.T) {
	onDevices(t, func(t *testing.T, e *Engine) {
		var ring *Ring
		do(t, e, func(s *Scope) { ring = s.NewRing(2, 8) })
		for turn := range 6 {
			buffer, err := ring.Slot(turn % 2)
			if err != nil {
				t.Fatal(err)
			}
			for i := range buffer {
				buffer[i] = byte(10*turn + i)
			}
			do(t, e, func(s *Scope) {
				got := s.Float32s(ring.Send(s, turn%2, 3))
				if want := []float32{float32(10 * turn), float32(10*turn + 1), float32(10*turn + 2)}; !reflect.DeepEqual(got, want) {
					t.Errorf("turn %d: got %v, want %v", turn, got, want)
				}
			})
		}
		if err := ring.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAutocastReducesAndRestores(t *testing.T) {
	onDevices(t, func(t *testing.T, e *Engine) {
		do(t, e, func(s *Scope) {
			x := s.FromFloat32([]float32{1, 2, 3, 4}, 2, 2)
			bias := s.FromFloat32([]float32{0, 0}, 2)
			product := func() Tensor { return s.linear(x, x, bias) }
			if got := s.Describe(s.Autocast(BF16, product)).DType; got != BFloat16 {
				t.Errorf("within: type %v, want bfloat16", got)
			}
			if got := s.Describe(product()).DType; got != Float32 {
				t.Errorf("after: type %v, want float32", got)
			}
			if got := s.Describe(s.Autocast(FP32, product)).DType; got != Float32 {
				t.Errorf("fp32: type %v, want float32", got)
			}
		})
	})
}

func TestChannelsLastChangesNoNumbers(t *testing.T) {
	onDevices(t, func(t *testing.T, e *Engine) {
		do(t, e, func(s *Scope) {
			st := NewStore(s, 3)
			defer st.scope.Free()
			net := small(s, st)
			pixels := make([]float32, 2*16*16)
			for i := range pixels {
				pixels[i] = float32(math.Cos(float64(i)))
			}
			x := s.FromFloat32(pixels, 2, 1, 16, 16)
			want := s.Float32s(net.Forward(&Pass{Scope: s}, x))
			st.ChannelsLast(s)
			got := s.Float32s(net.Forward(&Pass{Scope: s}, s.ChannelsLast(x)))
			for i := range want {
				if !(math.Abs(float64(got[i]-want[i])) <= 1e-5) {
					t.Errorf("logit %d: %v with channels last, %v without", i, got[i], want[i])
				}
			}
		})
	})
}

func TestFirstWeightsAreAlikeOnAllDevices(t *testing.T) {
	first := func(e *Engine) (out []float32) {
		do(t, e, func(s *Scope) {
			st := NewStore(s, 3)
			defer st.scope.Free()
			small(s, st)
			for _, p := range st.Parameters {
				out = append(out, s.Float32s(p.Tensor)...)
			}
		})
		return out
	}
	if !reflect.DeepEqual(first(open(t)), first(openCUDA(t))) {
		t.Error("one seed gives other weights on CUDA")
	}
}

// TestCPUIsCalledCPU also in a program that was built for CUDA.
func TestCPUIsCalledCPU(t *testing.T) {
	do(t, open(t), func(s *Scope) {
		if name, err := s.DeviceName(); name != "CPU" || err != nil {
			t.Errorf("got %q, %v", name, err)
		}
	})
}

func TestPrecisionsThatADeviceHas(t *testing.T) {
	cpu, older, old, ampere := Facts{}, Facts{CUDA: true, Major: 6}, Facts{CUDA: true, Major: 7}, Facts{CUDA: true, Major: 8}
	for _, c := range []struct {
		on   Facts
		word Precision
		want Precision
	}{
		{cpu, "auto", FP32}, {cpu, "", FP32}, {cpu, "bf16", BF16}, {cpu, "tf32", ""}, {cpu, "fp16", ""},
		{old, "auto", FP16}, {older, "auto", FP32}, {ampere, "fp16", FP16}, {ampere, "auto", BF16}, {ampere, "fp32", FP32}, {ampere, "fp8", ""},
	} {
		got, err := c.on.Resolve(c.word)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q on %+v: got %q, %v, want %q", c.word, c.on, got, err, c.want)
		}
	}
}

func TestLossScaleHalvesAndDoubles(t *testing.T) {
	l := LossScale{Value: 8, Growth: 2}
	var got []float64
	for _, finite := range []bool{false, true, true, true, false, false, false, false, false, false} {
		l = l.Next(finite)
		got = append(got, l.Value)
	}
	if want := []float64{4, 4, 8, 8, 4, 2, 1, 0.5, 0.25, 0.125}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if l.Valid() || !(LossScale{Value: 1, Growth: 1}).Valid() {
		t.Error("a scale below 1 was called valid, or 1 was not")
	}
	if top := (LossScale{Value: largestScale, Growth: 1}).Next(true); top.Value != largestScale {
		t.Errorf("the largest scale grew to %g", top.Value)
	}
}

func TestUnscaleDividesAndFindsInfinities(t *testing.T) {
	onDevices(t, func(t *testing.T, e *Engine) {
		do(t, e, func(s *Scope) {
			st := NewStore(s, 1)
			defer st.scope.Free()
			p := st.Root(s).Parameter("w", Constant(1), 3)
			update := []Update{{Parameter: p}}
			s.Backward(s.Mean(s.Mul(p.Tensor, s.FromFloat32([]float32{24, 12, 6}, 3))))
			if !s.Unscale(update, 4) {
				t.Error("finite gradients were called infinite")
			}
			if got := s.Float32s(s.Grad(p.Tensor)); !reflect.DeepEqual(got, []float32{2, 1, 0.5}) {
				t.Errorf("gradients %v, want 2, 1, 0.5", got)
			}
			s.Backward(s.Mean(s.Mul(p.Tensor, s.FromFloat32([]float32{float32(math.Inf(1)), 0, 0}, 3))))
			if s.Unscale(update, 4) {
				t.Error("an infinite gradient was not found")
			}
		})
	})
}

func TestWatchedNumberArrives(t *testing.T) {
	onDevices(t, func(t *testing.T, e *Engine) {
		do(t, e, func(s *Scope) {
			w := s.Watch(s.Mean(s.FromFloat32([]float32{1, 2, 6}, 3)))
			s.Zeros(Float32, 1000)
			if got := w.Value(); got != 3 {
				t.Errorf("got %v, want 3", got)
			}
		})
		err := e.Do(t.Context(), func(s *Scope) error { s.Watch(s.Zeros(Float32, 2)).Value(); return nil })
		if err == nil || !strings.Contains(err.Error(), "one number") {
			t.Errorf("two numbers: got %v", err)
		}
	})
}

func TestHitsAreCountedOnTheDevice(t *testing.T) {
	onDevices(t, func(t *testing.T, e *Engine) {
		do(t, e, func(s *Scope) {
			hits, scores_BK := s.Zeros(Int64, 1), s.FromFloat32([]float32{0.1, 0.9, 0.8, 0.2, 0.4, 0.6}, 3, 2)
			s.CountHits(hits, scores_BK, s.FromInt64([]int64{1, 1, 1}, 3))
			s.CountHits(hits, scores_BK, s.FromInt64([]int64{0, 0, 0}, 3))
			if got := s.Float64(hits); got != 3 {
				t.Errorf("got %v, want 2 + 1", got)
			}
		})
	})
}

// TestCUDAAgreesWithCPU compares ten steps of training in float32. Dropout is
// drawn by each device's own generator, so the net has none.
func TestCUDAAgreesWithCPU(t *testing.T) {
	cuda := openCUDA(t)
	want, got := trainNet(t, open(t), plain, 10, nil), trainNet(t, cuda, plain, 10, nil)
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-3*math.Abs(want[i])) {
			t.Errorf("step %d: loss %v on CUDA, %v on the CPU", i, got[i], want[i])
		}
	}
	t.Logf("losses after ten steps: %v on CUDA, %v on the CPU", got[9], want[9])
}

func TestMemoryOfCUDAStaysFlat(t *testing.T) {
	e := openCUDA(t)
	at := func() (m Memory) {
		do(t, e, func(s *Scope) {
			var err error
			if m, err = s.ReadMemory(); err != nil {
				t.Error(err)
			}
		})
		return m
	}
	var early Memory
	trainNet(t, e, small, 2000, func(step int) {
		if step == 50 {
			early = at()
		}
	})
	late := at()
	t.Logf("device memory after 50 steps and after 2000, net freed: allocated %d and %d, reserved %d and %d bytes", early.Allocated, late.Allocated, early.Reserved, late.Reserved)
	if late.Reserved > early.Reserved || late.Allocated > early.Allocated {
		t.Errorf("device memory grew: %+v, then %+v", early, late)
	}
}
