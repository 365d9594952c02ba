package model

import (
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
)

// TestReferencesAgree compares the other backbones' logits, gradients and batch-norm
// statistics with torchvision's, of nets of medical volumes MONAI's, in float64 (testdata/backbones.py). In deep nets more
// inputs of ReLUs lie so near 0 that float32 takes the other side: gradients agree within
// 2e-2 of their size. Some are 0 but for rounding: biases before a batch-norm.
func TestReferencesAgree(t *testing.T) {
	for name, backbone := range map[string]Backbone{
		"densenet121": DenseNet121{}, "efficientnet_b0": EfficientNet[efficientnetB0]{}, "efficientnet_v2_s": EfficientNet[efficientnetV2S]{}, "convnext_tiny": ConvNeXtTiny{},
		"efficientnet_b3": EfficientNet[efficientnetB3]{}, "resnext50_32x4d": ResNeXt50{}, "mobilenet_v3_large": MobileNetV3Large{},
		"wide_resnet50_2": WideResNet50{}, "densenet169": DenseNet169{}, "convnext_base": ConvNeXtBase{},
		"vit_b_16": ViTB16{}, "swin_t": SwinT{}, "r3d_18": R3D18{}, "mc3_18": MC318{}, "r2plus1d_18": R2Plus1D18{},
		"medicalnet_resnet10": MedicalNetResNet10{Stride: 1}, "medicalnet_resnet18": MedicalNetResNet18{Stride: 2}, "medicalnet_resnet34": MedicalNetResNet34{Stride: 1},
		"medicalnet_resnet50": MedicalNetResNet50{Stride: 1}, "densenet121_3d": DenseNet1213D{},
	} {
		t.Run(name, func(t *testing.T) {
			var want tight
			parity.Read(t, "testdata/"+name+".json", &want)
			channels := 1
			shape := []int64{6, 3, 64, 64}
			if slices.Contains([]string{"resnext50_32x4d", "mobilenet_v3_large", "wide_resnet50_2", "convnext_base"}, name) {
				shape = []int64{6, 3, 32, 32}
			}
			if _, is := backbone.(Volumetric); is {
				channels, shape = 10, []int64{6, 10, 32, 32}
			}
			if _, is := backbone.(DenseNet1213D); is {
				channels, shape = 32, []int64{6, 32, 32, 32}
			}
			net := builtWith(t, "cpu", plain(backbone, name), channels)
			if err := net.engine.Do(t.Context(), func(s *torch.Scope) error { return want.compare(t, s, net, shape) }); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// tight is how backbones.py stores what torchvision computed: norm and probe of tensors.
type tight struct {
	Gain        float64
	EvalLogits  [][]float64           `json:"eval_logits"`
	TrainLogits [][]float64           `json:"train_logits"`
	Loss        float64               `json:"loss"`
	Gradients   map[string][2]float64 `json:"gradients"`
	Buffers     map[string][2]float64 `json:"buffers"`
	Watched     map[string][2]float64 `json:"watched"` // maps, and the gradient of class 1 by them
}

func (w tight) compare(t *testing.T, s *torch.Scope, net *Net, shape []int64) error {
	for _, p := range net.Store.Parameters {
		s.Copy(p.Tensor, s.FromFloat32(fillWith(p.Name, p.Shape, w.Gain), p.Shape...))
	}
	x := s.FromFloat32(fill("input", shape), shape...)
	near(t, "logits in inference", s.Float64s(net.Forward(&torch.Pass{Scope: s}, x)), flat(w.EvalLogits))
	logits := net.Forward(&torch.Pass{Scope: s, Train: true}, x)
	near(t, "logits in training", s.Float64s(logits), flat(w.TrainLogits))
	loss := s.CrossEntropy(logits, s.FromInt64([]int64{0, 1, 2, 1, 0, 0}, 6), torch.Tensor{}, torch.ReduceMean, 0)
	near(t, "loss", s.Float64s(loss), []float64{w.Loss})
	s.Backward(loss)
	trained := 0
	for _, p := range net.Store.Parameters {
		if p.Buffer {
			w.check(t, p.Name, s.Float64s(p.Tensor), w.Buffers)
			continue
		}
		trained++
		w.check(t, p.Name, s.Float64s(s.Grad(p.Tensor)), w.Gradients)
	}
	if trained != len(w.Gradients) {
		t.Errorf("the net has %d parameters, the reference %d", trained, len(w.Gradients))
	}
	if w.Watched != nil {
		w.watched(t, s, net, x)
	}
	return s.Err()
}

// watched compares what Grad-CAM looks at.
func (w tight) watched(t *testing.T, s *torch.Scope, net *Net, x torch.Tensor) {
	p := &torch.Pass{Scope: s, Watch: true}
	var logits torch.Tensor
	s.NoGrad(func() { logits = net.Forward(p, x) })
	s.Backward(s.Mean(s.Mul(logits, s.FromFloat32([]float32{0, 18, 0}, 1, 3)))) // of 6 × 3 numbers
	w.check(t, "maps", s.Float64s(p.Maps), w.Watched)
	w.check(t, "maps", s.Float64s(s.Grad(p.Maps)), map[string][2]float64{"maps": w.Watched["gradient"]})
}

// rounding is what a number that is 0 may be: the larger the gradients of the net, the more.
func (w tight) rounding() float64 {
	largest := 1.0
	for _, m := range w.Gradients {
		largest = max(largest, m[0])
	}
	return 1e-6 * min(largest, 100)
}

func (w tight) check(t *testing.T, name string, values []float64, want map[string][2]float64) {
	t.Helper()
	m, ok := want[name]
	if !ok {
		t.Errorf("the reference has no %s", name)
		return
	}
	probe, norm := 0.0, 0.0
	for i, factor := range u("probe "+name, len(values)) {
		probe += factor * values[i]
		norm += values[i] * values[i]
	}
	if limit := 2e-2*m[0] + w.rounding(); !(math.Abs(math.Sqrt(norm)-m[0]) <= limit) || !(math.Abs(probe-m[1]) <= limit) {
		t.Errorf("%s: norm %v, probe %v; the reference has %v", name, math.Sqrt(norm), probe, m)
	}
}

// Every kind of backbone computes and trains in bf16. Unrelated logits would lie 1.4 times
// their size apart.
func TestBackbonesInLowPrecision(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"convnet", "resnet18", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "convnext_tiny", "convnextv2_tiny", "mobilenet_v3_large", "regnet_y_400mf", "vit_s_16", "dinov2_vits14_reg", "swin_t", "swin_v2_t", "mc3_18"} {
		part, _ := Backbones.Default(name)
		shape := []int64{3, 3, sideFor(part.Part), sideFor(part.Part)}
		net := builtWith(t, "cpu", plain(part.Part, name), 3)
		err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			x := s.FromFloat32(fill("input", shape), shape...)
			logits := func(precision torch.Precision) torch.Tensor {
				net.precision = precision
				return net.Forward(&torch.Pass{Scope: s, Train: true, Seed: 1}, x)
			}
			want := s.Float64s(logits(torch.FP32))
			low := logits(torch.BF16)
			norm, apart := 0.0, 0.0
			for i, v := range s.Float64s(low) {
				norm, apart = norm+want[i]*want[i], apart+(v-want[i])*(v-want[i])
			}
			if !(math.Sqrt(apart) < math.Sqrt(norm)) || apart == 0 {
				t.Errorf("%s: bf16 differs by %g of %g", name, math.Sqrt(apart), math.Sqrt(norm))
			}
			s.Backward(s.Mean(low))
			return s.Err()
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every kind of backbone gives on a GPU what it gives on the CPU, in inference and in a
// step of training: float32 without TF32, and other orders of sums.
func TestBackbonesOnCUDA(t *testing.T) {
	for _, name := range []string{"resnet18", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "convnext_tiny", "mobilenet_v3_large", "resnext50_32x4d", "regnet_y_400mf", "vit_s_16", "dinov2_vits14_reg", "swin_t", "swin_v2_t", "caformer_s18", "pvt_v2_b2", "r3d_18", "r2plus1d_18", "medicalnet_resnet10", "medicalnet_resnet18"} {
		part, _ := Backbones.Default(name)
		got := answersOn(t, "cuda", plain(part.Part, name))
		want := answersOn(t, "cpu", plain(part.Part, name))
		for i, v := range want {
			if !(math.Abs(got[i]-v) <= 2e-3*(1+math.Abs(v))) {
				t.Errorf("%s: number %d is %g on the GPU, %g on the CPU", name, i, got[i], v)
			}
		}
	}
}

// answersOn are logits in inference, the loss of a step without stochastic depth, and the
// gradient of the last layer; it skips the test where there is no such device.
func answersOn(t *testing.T, device string, cfg Config) (out []float64) {
	t.Helper()
	net := builtOn(t, device, cfg)
	err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
		side := sideFor(cfg.Backbone.Part)
		x := s.FromFloat32(fill("input", []int64{6, 3, side, side}), 6, 3, side, side)
		s.NoGrad(func() { out = s.Float64s(net.Forward(&torch.Pass{Scope: s}, x)) })
		for i, m := range net.body {
			if block, ok := m.(skip); ok {
				block.depth.P = 0
				net.body[i] = block
			}
		}
		loss := s.CrossEntropy(net.Forward(&torch.Pass{Scope: s, Train: true}, x), s.FromInt64([]int64{0, 1, 2, 1, 0, 0}, 6), torch.Tensor{}, torch.ReduceMean, 0)
		s.Backward(loss)
		last, _ := net.Store.Get("fc.weight")
		out = append(append(out, s.Float64(loss)), s.Float64s(s.Grad(last.Tensor))...)
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFeaturesOfTransformers: what lies before a layer may be computed once, also where
// channels lie last, and the rest gives the same of it, bit for bit.
func TestFeaturesOfTransformers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"vit_s_16", "dinov2_vits14_reg", "swin_t", "swin_v2_t"} {
		part, _ := Backbones.Default(name)
		net := build(t, plain(part.Part, name))
		net.channelsLast = true
		err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			side := sideFor(part.Part)
			x := s.FromFloat32(fill("input", []int64{2, 3, side, side}), 2, 3, side, side)
			p, n := &torch.Pass{Scope: s}, len(net.body)
			s.NoGrad(func() {
				want := s.Float64s(net.Forward(p, x))
				for _, layers := range []int{1, 3, 5, n - 4, n - 3, n - 2} {
					features := net.Features(p, x, layers)
					if got := s.Float64s(net.FromFeatures(p, features, layers)); !slices.Equal(got, want) {
						t.Errorf("%s from layer %d on: got %v, want %v", name, layers, got, want)
					}
				}
			})
			return s.Err()
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBackbonesInCUDAGraphs: recorded passes give what the others give, bit for bit.
func TestBackbonesInCUDAGraphs(t *testing.T) {
	for name, part := range map[string]Backbone{
		"vit_s_16": ViTS16{}, "swin_t": SwinT{}, "swin_v2_t": SwinV2[swinV2T]{Window: 8}, "regnet_y_400mf": RegNet[regNetY400MF]{}, "caformer_s18": CAFormer[caformerS18]{}, "pvt_v2_b2": PVTv2[pvtV2B2]{},
		"mc3_18": MC318{}, "medicalnet_resnet10": MedicalNetResNet10{Stride: 2}, "medicalnet_resnet18": MedicalNetResNet18{Stride: 2},
	} {
		net := builtOn(t, "cuda", plain(part, name))
		var graph *Graph
		step := func() (out []float64) {
			err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
				net.Store.Train(s, func(string) bool { return true }, torch.TrainedStatistics)
				s.ClearGrads(net.Trained())
				x, p := s.FromFloat32(fill("input", []int64{6, 3, 64, 64}), 6, 3, 64, 64), &torch.Pass{Scope: s, Train: true}
				logits, backward := torch.Tensor{}, func(bool) {}
				if graph != nil {
					logits, backward = graph.Forward(p, x)
				} else {
					logits = net.Forward(p, x)
				}
				s.Backward(s.CrossEntropy(logits, s.FromInt64([]int64{0, 1, 2, 1, 0, 0}, 6), torch.Tensor{}, torch.ReduceMean, 0))
				backward(true)
				out = s.Float64s(logits)
				for _, weight := range net.Trained() {
					out = append(out, s.Float64(s.Mean(s.Grad(weight))))
				}
				return s.Err()
			})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return out
		}
		step()
		want := step()
		err := net.engine.Do(t.Context(), func(s *torch.Scope) (err error) {
			graph, err = net.Record(s, s.FromFloat32(fill("input", []int64{6, 3, 64, 64}), 6, 3, 64, 64), torch.Tensor{}, 0)
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := step(); !slices.Equal(got, want) {
			t.Errorf("%s: recorded, logits and means of gradients are %v, want %v", name, got, want)
		}
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error { graph.Close(s); return s.Err() }); err != nil {
			t.Error(err)
		}
	}
}

// builtOn skips the test where there is no such device.
func builtOn(t *testing.T, device string, cfg Config) *Net {
	t.Helper()
	engine, err := torch.Open(torch.Options{Device: device})
	if err != nil && device == "cuda" {
		t.Skip("no CUDA device")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	return builtWith(t, device, cfg, 3)
}
