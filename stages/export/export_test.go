package export

import (
	"context"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"vertebra/stages/augment"
	"vertebra/stages/evaluate"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// tiny is a request of one member, or of several.
type tiny struct {
	Request
	Member
	others []Member
}

// ownClasses asks three questions, of which two are alike.
func ownClasses(r *tiny) {
	r.Names.Targets, r.Names.Among = []string{"a", "b", "c"}, [][]int{{0, 1}, {2, 1, 0}, {0, 1}}
}

// request is one of tiny nets with drawn weights; change alters it before weights are drawn,
// of as many nets as it has folders.
func request(t *testing.T, change func(*tiny)) Request {
	t.Helper()
	r := tiny{Request: Request{Names: augment.Names{Classes: []string{"no", "some", "much"}}}}
	r.Member = Member{Run: "run-1", Model: model.Default, Train: train.Default, Weights: make([]train.Weights, 1)}
	r.Model.Backbone = registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 6}}}
	r.Model.Input = model.Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}, TrainScale: 2}
	r.Train.Loss = part(t, train.Losses, "cross_entropy")
	r.Layout.Shape = preprocess.Shape{Channels: 1, Height: 12, Width: 10}
	r.About = About{Run: "run-1", Name: "tiny", Program: "test", Preprocess: []any{"decode"}}
	change(&r)
	for i, m := range append([]Member{r.Member}, r.others...) {
		rows := m.Task
		m.Task = m.Train.Task(r.Names.Questions())
		m.Task.Views, m.Task.Slices, m.Task.Held, m.Task.Covariates = rows.Views, rows.Slices, rows.Held, rows.Covariates
		for j := range m.Weights {
			m.Weights[j] = train.Folder(drawn(t, m, r.Layout.Shape, uint64(10*i+j+1)))
		}
		r.Members = append(r.Members, m)
	}
	return r.Request
}

func part[T any](t *testing.T, parts *registry.Kind[T], name string) registry.One[T] {
	t.Helper()
	p, ok := parts.Default(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return p
}

// drawn stores weights that a seed gives.
func drawn(t *testing.T, m Member, shape preprocess.Shape, seed uint64) string {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	net, err := model.Blank(ctx, stage.Env{Device: "cpu", Seed: seed, Recorder: stage.Discard}, m.Model, shape, m.Task)
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	var tensors map[string]safetensors.Tensor
	err = net.Engine().Do(ctx, func(s *torch.Scope) error {
		settle(s, net, shape, seed)
		tensors = net.Tensors(s)
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := safetensors.Write(filepath.Join(dir, "final.safetensors"), safetensors.File{Tensors: tensors}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// settle gives batch-norm the statistics of noise images, so that activations of deep nets
// neither vanish nor grow, and branches that begin near nothing a share.
func settle(s *torch.Scope, net *model.Net, shape preprocess.Shape, seed uint64) {
	passes := 0
	for i, p := range net.Store.Parameters {
		if strings.Contains(p.Name, "running_") {
			passes = 25
			s.Fill(p.Tensor, 0)
		}
		if strings.HasSuffix(p.Name, "layer_scale") || strings.HasSuffix(p.Name, ".gamma") || strings.HasSuffix(p.Name, ".block.5.weight") && len(p.Shape) == 1 || p.Buffer && strings.Contains(p.Name, "covariates") {
			s.FillUniform(p.Tensor, 0.3, 0.7, seed+uint64(i))
		}
	}
	moves := map[string]float64{} // how far a pass moves statistics to those of its images: momentum
	if passes > 0 {
		pass(s, net, shape, seed)
		once := statistics(s, net)
		fillStatistics(s, net, 1)
		pass(s, net, shape, seed)
		for name, v := range statistics(s, net) {
			moves[name] = 1 + once[name] - v
		}
		fillStatistics(s, net, 0)
	}
	for i := range passes {
		pass(s, net, shape, seed+uint64(i))
	}
	for _, p := range net.Store.Parameters {
		if share, is := moves[p.Name]; is {
			whole := 1 / (1 - math.Pow(1-share, float64(passes)))
			if strings.HasSuffix(p.Name, "running_var") {
				whole *= wider
			}
			s.Copy(p.Tensor, s.Times(p.Tensor, whole))
		}
	}
}

// pass shows the net noise in training, which moves statistics.
func pass(s *torch.Scope, net *model.Net, shape preprocess.Shape, seed uint64) {
	s.Fail(s.Try(func(s *torch.Scope) {
		s.NoGrad(func() {
			x := s.Zeros(torch.Float32, 4, int64(shape.Channels), int64(shape.Height), int64(shape.Width))
			s.FillUniform(x, 0, 1, seed)
			nothing := slices.Repeat([][]float32{net.Task.Covariates.Row(nil)}, 4)
			net.Forward(&torch.Pass{Scope: s, Train: true, Seed: seed, Covariates: net.CovariateInput(s, nothing)}, x)
		})
	}))
}

// statistics are the means of those of each batch-norm.
func statistics(s *torch.Scope, net *model.Net) map[string]float64 {
	out := map[string]float64{}
	for _, p := range net.Store.Parameters {
		if strings.Contains(p.Name, "running_") {
			out[p.Name] = s.Float64(s.Mean(p.Tensor))
		}
	}
	return out
}

func fillStatistics(s *torch.Scope, net *model.Net, with float64) {
	for _, p := range net.Store.Parameters {
		if strings.Contains(p.Name, "running_") {
			s.Fill(p.Tensor, with)
		}
	}
}

// wider is by how much variances of batch-norm are larger than those of the images. As they
// are, a net with drawn weights is chaotic: differences, also those of rounding, grow by a
// fifth in each layer (Yang et al. 2019, "A mean field theory of batch normalization").
const wider = 1.4

// cases are nets and what runs do with their answers, one of each kind.
var cases = map[string]func(t *testing.T, r *tiny){
	"plain": func(*testing.T, *tiny) {},
	"a grey image in three channels, an even head": func(t *testing.T, r *tiny) {
		r.Model.Input = model.Input{Channels: 3, Mean: []float64{0.1, 0.2, 0.3}, Std: []float64{0.5, 0.6, 0.7}}
		for _, name := range []string{"dense", "relu", "batch_norm", "dropout"} {
			layer := part(t, model.Layers, name)
			if name == "dense" {
				layer.Part = model.Dense{Units: 5}
			}
			r.Model.Head = append(r.Model.Head, layer)
		}
	},
	"the padding of TensorFlow": func(t *testing.T, r *tiny) {
		var file yaml.Node
		if err := yaml.Unmarshal([]byte("efficientnet_b0: {variant: tensorflow}"), &file); err != nil {
			t.Fatal(err)
		}
		if problems := registry.Decode(file.Content[0], "", &r.Model.Backbone); len(problems) > 0 {
			t.Fatal(problems)
		}
	},
	"folds, views and temperature": func(t *testing.T, r *tiny) {
		r.Weights = make([]train.Weights, 3)
		r.Train.Loss = part(t, train.Losses, "corn")
		r.Train.TestTime.Views = []registry.One[augment.View]{
			{Name: "flip", Part: augment.FlipView{Axis: "horizontal", Sides: "swap"}}, {Name: "rotate", Part: augment.RotateView{Degrees: 20}},
		}
		r.Request.Calibrator = &evaluate.FittedCalibrator{Name: "temperature", Scale: []float64{1.7}}
	},
	"sides, and the mean of logits": func(t *testing.T, r *tiny) {
		r.Names.Classes = []string{"left", "right"}
		r.Train.TestTime.Average = "logits"
		r.Train.TestTime.Views = []registry.One[augment.View]{{Name: "flip", Part: augment.FlipView{Axis: "horizontal", Sides: "swap"}}}
		r.Request.Calibrator = &evaluate.FittedCalibrator{Name: "threshold", Scale: []float64{1}, Offset: []float64{0, -0.3}}
	},
	"targets with shared weights, each calibrated": func(t *testing.T, r *tiny) {
		r.Names.Targets, r.Model.Last, r.Train.Loss = []string{"a", "b"}, "shared", part(t, train.Losses, "coral")
		own := evaluate.FittedCalibrator{Name: "vector", Scale: []float64{1, 2, 0.5}, Offset: []float64{0, 0.2, -1}}
		r.Request.Calibrator = &evaluate.FittedCalibrator{Name: "vector", Scale: []float64{1}, Tag: stage.TargetTag, Of: map[string]evaluate.FittedCalibrator{"b": own}}
	},
	"targets with classes of their own, calibrated": func(_ *testing.T, r *tiny) {
		ownClasses(r)
		own := evaluate.FittedCalibrator{Name: "vector", Scale: []float64{1.5, 0.5, 0}, Offset: []float64{0, 0.2, -1e4}}
		r.Request.Calibrator = &evaluate.FittedCalibrator{Name: "vector", Scale: []float64{1}, Tag: stage.TargetTag, Of: map[string]evaluate.FittedCalibrator{"a": own}}
	},
	"targets with grades of their own and shared weights": func(t *testing.T, r *tiny) {
		ownClasses(r)
		r.Model.Last, r.Train.Loss = "shared", part(t, train.Losses, "coral")
	},
	"a geometric ensemble of targets with classes of their own": func(t *testing.T, r *tiny) {
		ownClasses(r)
		blended(t, r, "geometric")
	},
	"coral, not calibrated": func(t *testing.T, r *tiny) {
		r.Train.Loss, r.Raw, r.Request.Calibrator = part(t, train.Losses, "coral"), true, &evaluate.FittedCalibrator{Name: "temperature", Scale: []float64{3}}
	},
	"generalised mean of places": func(t *testing.T, r *tiny) { r.Model.Pool = part(t, model.Pools, "gem") },
	"mean and largest place":     func(t *testing.T, r *tiny) { r.Model.Pool = part(t, model.Pools, "average_max") },
	"cumulative":                 func(t *testing.T, r *tiny) { r.Train.Loss = part(t, train.Losses, "cumulative") },
	"sigmoids": func(t *testing.T, r *tiny) {
		r.Train.Loss.Name, r.Train.Loss.Part = "asymmetric", train.Asymmetric{Activation: "sigmoid"}
	},
	"views through one backbone": func(_ *testing.T, r *tiny) {
		r.Model.Views, r.Names.Views, r.Task.Views, r.Layout.Shape.Channels = "shared", []string{"x", "y"}, 2, 2
	},
	"an ensemble, its members calibrated": func(t *testing.T, r *tiny) { blended(t, r, "mean") },
	"a geometric ensemble of targets": func(t *testing.T, r *tiny) {
		r.Names.Targets = []string{"a", "b"}
		blended(t, r, "geometric")
		r.Request.Calibrator = &evaluate.FittedCalibrator{Name: "temperature", Scale: []float64{0.7}}
	},
	"covariates": func(t *testing.T, r *tiny) {
		told(r, stage.Covariates{{Name: "age"}, {Name: "sex", Values: []string{"f", "m", "x"}}})
		r.Weights, r.Model.Head = make([]train.Weights, 2), []registry.One[model.Layer]{part(t, model.Layers, "relu")}
	},
	"covariates with sides, as they are": func(_ *testing.T, r *tiny) {
		told(r, stage.Covariates{{Name: "side", Values: []string{"left", "right"}}, {Name: "age"}})
		r.Model.Covariates = model.Beside{Dropout: 0.2}
		r.Train.TestTime.Views = []registry.One[augment.View]{{Name: "flip", Part: augment.FlipView{Axis: "horizontal", Sides: "swap"}}}
	},
	"an ensemble with covariates": func(t *testing.T, r *tiny) {
		told(r, stage.Covariates{{Name: "only", Values: []string{"yes"}}})
		blended(t, r, "mean")
	},
	"slices by attention": func(t *testing.T, r *tiny) { sliced(t, r, "attention") },
	"slices by the mean, and in the other order": func(t *testing.T, r *tiny) {
		sliced(t, r, "lstm")
		l := r.Model.Slices.Part.(model.LSTM)
		l.Units, l.Bidirectional, l.Pool = 3, false, part(t, model.Poolings, "mean")
		r.Model.Slices.Part = l
		r.Train.TestTime.Views = []registry.One[augment.View]{{Name: "reverse", Part: augment.ReverseView{Sides: "keep"}}}
	},
	"slices by the largest, with their neighbours": func(t *testing.T, r *tiny) {
		sliced(t, r, "max")
		r.Model.SliceChannels, r.Model.Input.Channels = 3, 3
	},
	"slices by LSTM": func(t *testing.T, r *tiny) {
		sliced(t, r, "lstm")
		l := r.Model.Slices.Part.(model.LSTM)
		l.Units, l.Layers = 4, 2
		r.Model.Slices.Part = l
	},
	"the class token beside patches": func(_ *testing.T, r *tiny) {
		r.Model.Backbone = registry.One[model.Backbone]{Name: "vit_s_16", Part: model.ViTS16{Features: "class_and_patches"}}
		r.Model.Pool = registry.One[model.Pool]{Name: "gem", Part: model.GeM{P: 3, Trained: true}}
		r.Layout.Shape.Height, r.Layout.Shape.Width = 32, 48
	},
	"the middle of slices, one by one": func(t *testing.T, r *tiny) {
		sliced(t, r, "lstm")
		r.Model.Input.MiddleSlices, r.Task.Slices, r.Task.Held = 3, 3, 5
		r.Model.Input.CenterCrop = 8
	},
	"the middle of slices as channels of two views, and in the other order": func(_ *testing.T, r *tiny) {
		r.Model.Input = model.Input{Channels: 6, Mean: []float64{0.3}, Std: []float64{0.25}, MiddleSlices: 3}
		r.Layout.Shape.Channels, r.Layout.Slices, r.Task.Held, r.Names.Views = 10, 5, 5, []string{"a", "b"}
		r.Train.TestTime.Views = []registry.One[augment.View]{{Name: "reverse", Part: augment.ReverseView{Sides: "keep"}}}
	},
	"slices by transformer": func(t *testing.T, r *tiny) {
		sliced(t, r, "transformer")
		l := r.Model.Slices.Part.(model.Transformer)
		l.Units, l.Layers, l.Heads = 6, 1, 2
		r.Model.Slices.Part = l
	},
}

// blended adds a member that differs in all that members may differ in.
func blended(t *testing.T, r *tiny, by string) {
	other := r.Member
	other.Run, other.Weights, other.Train.Loss = "run-2", make([]train.Weights, 2), part(t, train.Losses, "corn")
	other.Model.Backbone = registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{5}}}
	other.Model.Input = model.Input{Channels: 3, Mean: []float64{0.2}, Std: []float64{0.3}}
	other.Train.TestTime.Views = []registry.One[augment.View]{{Name: "zoom", Part: augment.ZoomView{Factor: 1.2}}}
	r.Member.Calibrator = &evaluate.FittedCalibrator{Name: "temperature", Scale: []float64{1.5}}
	r.others, r.Blend = []Member{other}, evaluate.Blend{By: by, Weights: []float64{0.3, 0.7}}
}

func told(r *tiny, covariates stage.Covariates) {
	r.Task.Covariates, r.Names.Covariates = covariates, covariates.Columns()
}

func sliced(t *testing.T, r *tiny, pooling string) {
	pool := part(t, model.Poolings, pooling)
	r.Model.Slices, r.Task.Slices, r.Layout.Shape.Channels = &pool, 5, 5
	r.Layout.Slices = 5
}

// TestFilesAgree exports both files, and runs the TorchScript file through libtorch and the
// ONNX file through an interpreter of its own, beside the nets, on batches of other sizes
// than the trace's.
func TestFilesAgree(t *testing.T) {
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request(t, func(r *tiny) { change(t, r) })
			dir := t.TempDir()
			for _, file := range []string{"net.pt", "net.onnx"} {
				told, err := Write(t.Context(), stage.Env{}, r, filepath.Join(dir, file))
				if err != nil {
					t.Fatal(err)
				}
				nets := 0
				for _, m := range r.Members {
					nets += len(m.Weights)
				}
				if told.Nets != nets || told.Difference > 1e-6 {
					t.Errorf("%s: %+v", file, told)
				}
			}
			net := beside(t, r)
			for _, batch := range []int64{1, 3} {
				compare(t, net, dir, batch)
			}
		})
	}
}

// TestEveryPart exports a tiny net with each part that a graph may hold, as its defaults are:
// a new one that cannot be exported shows here.
func TestEveryPart(t *testing.T) {
	try := func(kind string, names []string, set func(t *testing.T, r *tiny, name string)) {
		for _, name := range names {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				r := request(t, func(r *tiny) { set(t, r, name) })
				dir := t.TempDir()
				for _, file := range []string{"net.pt", "net.onnx"} {
					if _, err := Write(t.Context(), stage.Env{}, r, filepath.Join(dir, file)); err != nil {
						t.Fatal(err)
					}
				}
				compare(t, beside(t, r), dir, 3)
			})
		}
	}
	try("loss", train.Losses.Names(), func(t *testing.T, r *tiny, name string) { r.Train.Loss = part(t, train.Losses, name) })
	try("pool", model.Pools.Names(), func(t *testing.T, r *tiny, name string) { r.Model.Pool = part(t, model.Pools, name) })
	try("slices", model.Poolings.Names(), func(t *testing.T, r *tiny, name string) { sliced(t, r, name) })
	try("layer", model.Layers.Names(), func(t *testing.T, r *tiny, name string) {
		r.Model.Head = []registry.One[model.Layer]{part(t, model.Layers, name)}
	})
	try("view", augment.Views.Names(), func(t *testing.T, r *tiny, name string) {
		r.Train.TestTime.Views = []registry.One[augment.View]{part(t, augment.Views, name)}
	})
}

// beside is the exporter of a request, for what its nets say.
func beside(t *testing.T, r Request) *exporter {
	t.Helper()
	e := &exporter{Request: r}
	t.Cleanup(func() { e.close() })
	for _, m := range r.Members {
		if err := e.load(t.Context(), stage.Env{Device: "cpu", Recorder: stage.Discard}, m); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func compare(t *testing.T, e *exporter, dir string, batch int64) {
	t.Helper()
	var want, got [2][]float64
	inputs := []array{{shape: []int{int(batch)}}}
	for _, d := range e.input() {
		inputs[0].shape = append(inputs[0].shape, int(d))
	}
	err := e.do(t.Context(), func(s *torch.Scope) error {
		script, _, err := torch.LoadScript(filepath.Join(dir, "net.pt"))
		if err != nil {
			return err
		}
		defer script.Free()
		s.NoGrad(func() {
			x := e.random(s, batch)
			inputs[0].data = s.Float64s(x.images)
			if x.covariates.Valid() {
				inputs = append(inputs, array{[]int{int(batch), len(e.Names.Covariates)}, s.Float64s(x.covariates)})
			}
			want[0], want[1] = e.said(s, x)
			for i, y := range script.Forward(s, x.tensors(), 2) {
				got[i] = s.Float64s(y)
			}
		})
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if z := want[1]; batch > 1 && furthest(z[:len(z)/int(batch)], z[len(z)-len(z)/int(batch):], 0) < 1e-5 {
		t.Error("the nets say the same of all images, so nothing was compared")
	}
	made := readONNX(t, filepath.Join(dir, "net.onnx")).run(t, inputs)
	for i, name := range []string{probabilitiesName, logitsName} {
		if d := furthest(got[i], want[i], 1); !(d <= 2e-6) {
			t.Errorf("batch of %d: %s of the TorchScript file differ by %g", batch, name, d)
		}
		if d := furthest(made[name].data, want[i], 1); !(d <= 2e-5) {
			t.Errorf("batch of %d: %s of the ONNX file differ by %g", batch, name, d)
		}
		dims := 1 + len(e.output())
		if name == logitsName && e.Names.Among != nil && len(e.members) == 1 {
			dims = 2
		}
		if shape := made[name].shape; shape[0] != int(batch) || len(shape) != dims {
			t.Errorf("%s of the ONNX file have the shape %v", name, shape)
		}
	}
	asked, k := e.Names.Questions(), len(e.Names.Classes)
	for i, p := range slices.Concat(got[0], made[probabilitiesName].data) {
		if !asked.Has(i/k%asked.Count(), i%k) && p != 0 {
			t.Errorf("class %d of target %d has %g", i%k, i/k%asked.Count(), p)
		}
	}
}

// TestMetadata reads what both files say of themselves.
func TestMetadata(t *testing.T) {
	r := request(t, func(r *tiny) {
		r.Names.Classes, r.Names.Targets = []string{"no", "yes"}, []string{"fracture"}
		r.Request.Calibrator, r.Raw = &evaluate.FittedCalibrator{Name: "threshold", Scale: []float64{1}, Offset: []float64{0, math.Log(4)}}, true
	})
	dir := t.TempDir()
	for _, file := range []string{"net.pt", "net.onnx"} {
		if _, err := Write(t.Context(), stage.Env{}, r, filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	m := readONNX(t, filepath.Join(dir, "net.onnx"))
	if m.opset != 17 || len(m.inputs) != 1 || len(m.outputs) != 2 {
		t.Errorf("opset %d, inputs %v, outputs %v", m.opset, m.inputs, m.outputs)
	}
	for key, want := range map[string]string{
		"classes": `["no","yes"]`, "targets": `["fracture"]`, "run": "run-1", "preprocess": `["decode"]`,
		"thresholds": `[{"target":"fracture","class":"yes","above":0.2}]`,
	} {
		if got := m.metadata[key]; got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	script, extra, err := torch.LoadScript(filepath.Join(dir, "net.pt"), slices.Collect(maps.Keys(m.metadata))...)
	if err != nil {
		t.Fatal(err)
	}
	script.Free()
	if m.metadata["format"], extra["format"] = "", ""; !maps.Equal(extra, m.metadata) {
		t.Errorf("TorchScript says %v, ONNX %v", extra, m.metadata)
	}
}

// TestThresholds: of probabilities that the graph leaves as they are, those at which the
// calibration makes both classes alike; none where it turns round.
func TestThresholds(t *testing.T) {
	e := &exporter{Request: Request{Names: augment.Names{Classes: []string{"no", "yes"}}}}
	for _, c := range []struct {
		calibrator *evaluate.FittedCalibrator
		raw        bool
		want       float64
	}{
		{nil, false, 0.5},
		{&evaluate.FittedCalibrator{Scale: []float64{2}, Offset: []float64{0, 1}}, false, 0.5},
		{&evaluate.FittedCalibrator{Scale: []float64{2}, Offset: []float64{0, 1}}, true, 1 / (1 + math.Exp(0.5))}, // 2·logit + 1 = 0
		{&evaluate.FittedCalibrator{Scale: []float64{2, -1}, Offset: []float64{0, 1}}, true, -1},
	} {
		e.Calibrator, e.Raw = c.calibrator, c.raw
		got := -1.0
		if list := e.thresholds(); list != nil {
			got = list[0].Above
		}
		if !(math.Abs(got-c.want) <= 1e-9) {
			t.Errorf("%+v, raw %v: %v, want %v", c.calibrator, c.raw, got, c.want)
		}
	}
	e.Names.Classes = append(e.Names.Classes, "perhaps")
	if list := e.thresholds(); list != nil {
		t.Errorf("three classes have %v", list)
	}
}

// pictureFor is an image of so many pixels, or the next fewer that are whole patches of DINOv2, or 224 for MaxViT, and of
// as many slices as a net for volumes wants.
func pictureFor(m model.Config, side int) preprocess.Shape {
	if strings.HasPrefix(m.Backbone.Name, "dinov2") {
		side -= side % 14
	}
	if strings.HasPrefix(m.Backbone.Name, "maxvit") {
		side = 224
	}
	shape := preprocess.Shape{Channels: 1, Height: side, Width: side}
	if m.Volumetric() {
		shape.Channels = 6
	}
	if m.VolumeFits(shape) != nil {
		shape.Channels = side
	}
	return shape
}

// TestBackbones exports each backbone but those that another has the operators of.
func TestBackbones(t *testing.T) {
	alike := []string{"convnet", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "wide_resnet50_2", "densenet169", "densenet201",
		"efficientnet_b1", "efficientnet_b2", "efficientnet_b3", "efficientnet_b4", "efficientnet_b5", "efficientnet_b6", "efficientnet_b7", "efficientnet_v2_s", "efficientnet_v2_m", "efficientnet_v2_l",
		"convnext_small", "convnext_base", "convnextv2_base", "vit_b_16", "vit_l_16", "dinov2_vits14", "dinov2_vitb14", "dinov2_vitb14_reg", "dinov2_vitl14", "dinov2_vitl14_reg", "swin_s", "swin_b", "swin_v2_s", "swin_v2_b", "maxvit_t", "caformer_s36", "caformer_b36", "pvt_v2_b3", "pvt_v2_b4", "pvt_v2_b5", "regnet_y_800mf", "regnet_y_1_6gf", "regnet_y_3_2gf", "regnet_y_8gf", "regnet_y_16gf", "mc3_18", "r2plus1d_18", "medicalnet_resnet10", "medicalnet_resnet34", "medicalnet_resnet50"}
	for _, name := range slices.DeleteFunc(slices.Clone(model.Backbones.Names()), func(name string) bool { return slices.Contains(alike, name) }) {
		t.Run(name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("writes large files")
			}
			r := request(t, func(r *tiny) {
				r.Model.Backbone = part(t, model.Backbones, name)
				r.Model.Input = model.InputOf(r.Model.Backbone.Part)
				r.Layout.Shape = pictureFor(r.Model, 32)
			})
			path := filepath.Join(t.TempDir(), "net.onnx")
			if _, err := Write(t.Context(), stage.Env{}, r, path); err != nil {
				t.Fatal(err)
			}
			m := readONNX(t, path)
			weights := 0
			for name, a := range m.tensors {
				if !strings.HasPrefix(name, "constants.") { // places and masks of attention
					weights += len(a.data)
				}
			}
			net := beside(t, r)
			for _, p := range net.members[0].net.Store.Parameters {
				weights -= p.Elements()
			}
			if weights < 0 || weights > 1000 {
				t.Errorf("the file has %d numbers more than the net", weights)
			}
		})
	}
}

// TestRefusals: what cannot be written leaves nothing behind.
func TestRefusals(t *testing.T) {
	r := request(t, func(*tiny) {})
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "net.h5"):           "the ending names no format",
		filepath.Join(dir, "none", "net.onnx"): "none/net.onnx cannot be written: no such file or directory",
		filepath.Join(dir, "none", "net.pt"):   "none/net.pt cannot be written: no such file or directory",
	} {
		if _, err := Write(t.Context(), stage.Env{}, r, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.pt"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), stage.Env{}, r, filepath.Join(dir, "folder.pt")); err == nil || !strings.Contains(err.Error(), "folder.pt cannot be written: file exists\n") {
		t.Errorf("over a folder: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "folder.pt")); err != nil {
		t.Fatal(err)
	}
	r.Members[0].Weights = []train.Weights{train.Folder(dir)}
	if _, err := Write(t.Context(), stage.Env{}, r, filepath.Join(dir, "net.pt")); err == nil || !strings.Contains(err.Error(), "weights: ") {
		t.Errorf("without weights: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// TestVerifyRefuses: a graph that says something else is not written.
func TestVerifyRefuses(t *testing.T) {
	e := beside(t, request(t, func(*tiny) {}))
	err := e.do(t.Context(), func(s *torch.Scope) error {
		script, err := e.trace(s)
		if err != nil {
			return err
		}
		defer script.Free()
		e.Calibrator = &evaluate.FittedCalibrator{Name: "temperature", Scale: []float64{2}} // which the graph does not know
		_, err = e.verify(s, script)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "the graph does not give what the nets give") {
		t.Errorf("got %v", err)
	}
}
