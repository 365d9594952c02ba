package pretrain

import (
	"context"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/testfiles"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// memory keeps what is recorded.
type memory struct{ records []stage.Record }

func (m *memory) Record(_ context.Context, records ...stage.Record) error {
	m.records = append(m.records, records...)
	return nil
}

func (*memory) Progress(stage.Progress) {}

// losses are those of the epochs, in the order in which they were recorded.
func (m *memory) losses() (out []float64) {
	for _, r := range m.records {
		if s, ok := r.(stage.Scalar); ok && s.Name == LossName {
			out = append(out, s.Value)
		}
	}
	return out
}

// worth are balanced accuracies before and after.
func (m *memory) worth(t *testing.T) (before, after float64) {
	t.Helper()
	for _, r := range m.records {
		if v, ok := r.(stage.Table); ok && v.Name == "pretraining" {
			return v.Rows[0][1].(float64), v.Rows[1][1].(float64)
		}
	}
	t.Fatal("nothing was measured")
	return 0, 0
}

func (m *memory) fact(name string) string {
	for _, r := range m.records {
		if f, ok := r.(stage.Fact); ok && f.Name == name {
			return f.Value
		}
	}
	return ""
}

// stripes are pictures of two classes, whose stripes run across or down at random places and
// strengths: a table of 40, of which few are labelled for training, and 40 more in a folder.
func stripes(t *testing.T) (dir string) {
	t.Helper()
	dir = testfiles.Alone(t)
	table := "image,kind,part\n"
	for i := range 80 {
		r := stage.Rand(3, "stripes", i)
		kind, phase, strength, light := i%2, r.Float64()*6, 15+45*r.Float64(), 60+120*r.Float64()
		path := filepath.Join(dir, fmt.Sprintf("%02d.png", i))
		if i >= 40 {
			path = filepath.Join(dir, "more", fmt.Sprintf("%02d.png", i))
		}
		testfiles.PictureOf(t, path, 16, 16, func(x, y int) uint8 {
			at := float64([]int{x, y}[kind])
			return uint8(light + strength*math.Sin(at*1.3+phase) + 15*r.Float64())
		})
		if i < 40 {
			table += fmt.Sprintf("%02d.png,%s,%s\n", i, []string{"across", "down"}[kind], []string{"train", "train", "validation", "validation", "test"}[i/2%5])
		}
	}
	testfiles.Write(t, filepath.Join(dir, "cases.csv"), table)
	return dir
}

// world is all that a pretraining needs.
type world struct {
	env      stage.Env
	job      Job
	data     audit.Config
	cases    audit.Cases
	steps    preprocess.Config
	labelled *preprocess.Images
	heard    *memory
}

func newWorld(t *testing.T, dir, run string, change func(*Config, *audit.Config)) *world {
	t.Helper()
	w := &world{heard: &memory{}, data: audit.Default, steps: preprocess.Config{part(preprocess.Steps, "decode"), {Name: "window", Part: preprocess.Window{By: "range", Range: [2]float64{0, 255}, Percentiles: [2]float64{1, 99}, Scope: "image"}}, {Name: "resize", Part: preprocess.Resize{Pixels: 16, By: "antialias", Aspect: "stretch"}}}}
	w.env = stage.Env{Now: time.Now, Recorder: w.heard, Cache: filepath.Join(dir, "cache"), RunDir: filepath.Join(dir, run), Device: "cpu", Threads: 1, Workers: 2, Seed: 5}
	w.data.Source = registry.One[audit.Source]{Name: "table", Part: audit.Table{File: registry.Path(filepath.Join(dir, "cases.csv")), Image: "image", Labels: []string{"kind"}, Repeated: "each"}}
	w.data.Split.Column = "part"
	cfg := Config{}.Defaults()
	cfg.Method.Part = SimCLR{Temperature: 0.2, Hidden: 16, Projection: 8}
	cfg.Images, cfg.Epochs, cfg.Batch = []registry.Path{registry.Path(filepath.Join(dir, "more"))}, 6, 16
	cfg.Optimizer.Part = train.AdamW{Rate: 5e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 0.01}
	cfg.Augment = augment.Config{
		{Name: "shift", Part: augment.Shift{By: 0.2, When: augment.Always}}, {Name: "contrast", Part: augment.Contrast{By: 0.5, When: augment.Always}},
		{Name: "brightness", Part: augment.Brightness{By: 0.5, When: augment.Always}},
	}
	if change != nil {
		change(&cfg, &w.data)
	}
	var err error
	if w.cases, err = audit.Run(t.Context(), w.env, w.data); err != nil {
		t.Fatal(err)
	}
	if w.labelled, err = preprocess.Run(t.Context(), w.env, w.steps, w.cases); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.labelled.Close() })
	net := model.Default
	net.Backbone = registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{8, 16}}}
	net.Input = model.Input{Channels: 1, Mean: []float64{0.5}, Std: []float64{0.25}, TrainScale: 1}
	w.job = Job{Config: cfg, Model: net, Task: model.Single(2), Train: train.Default, Machine: []string{"test"}}
	w.job.Train.Checkpoints.Steps = 1
	w.heard.records = nil
	return w
}

func (w *world) gather(t *testing.T) {
	t.Helper()
	var err error
	if w.job.Material, err = Gather(t.Context(), w.env, w.job.Config, w.data, w.steps, w.cases, w.labelled); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.job.Material.Close() })
}

func (w *world) run(t *testing.T) Backbone {
	t.Helper()
	w.gather(t)
	b, err := Run(t.Context(), w.env, w.job)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func same(a, b Backbone) bool {
	return maps.EqualFunc(a.tensors, b.tensors, func(x, y safetensors.Tensor) bool { return slices.Equal(x.Data, y.Data) })
}
