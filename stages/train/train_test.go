package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// memory keeps what is recorded.
type memory struct {
	sync.Mutex
	records []stage.Record
	each    func(stage.Record)
}

func (m *memory) Record(_ context.Context, records ...stage.Record) error {
	m.Lock()
	defer m.Unlock()
	m.records = append(m.records, records...)
	for _, r := range records {
		if m.each != nil {
			m.each(r)
		}
	}
	return nil
}

func (m *memory) Progress(stage.Progress) {}

func (m *memory) values(series, name string) (out []float64) {
	for _, r := range m.records {
		if s, ok := r.(stage.Scalar); ok && s.Series == series && s.Name == name {
			out = append(out, s.Value)
		}
	}
	return out
}

// bench is a small data set and a small net on it.
type bench struct {
	env    stage.Env
	net    *model.Net
	images *preprocess.Images
	seen   *memory
}

func newBench(t *testing.T) bench {
	t.Helper()
	return benchIn(t, t.TempDir())
}

// shared is a folder for the data of all tests, which none of them changes.
var shared string

const sharedDir = "TRAIN_TEST_SHARED"

func TestMain(m *testing.M) {
	if shared = os.Getenv(sharedDir); shared != "" {
		os.Exit(m.Run()) // a child of a test
	}
	dir, err := os.MkdirTemp("", "train-test")
	if err == nil {
		shared = dir
		_, err = synth.Write(context.Background(), filepath.Join(dir, "data"), synth.Options{Seed: 1, Studies: 3, Size: 64})
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// imagesOf are the shared data's, of so many pixels squared, after further steps.
func imagesOf(ctx context.Context, env stage.Env, pixels int, more ...registry.One[preprocess.Step]) (*preprocess.Images, error) {
	data := audit.Default
	data.Source = registry.One[audit.Source]{Name: "rsna", Part: audit.RSNA{Root: registry.Path(filepath.Join(shared, "data"))}}
	data.Split.Validation = 0.34
	cases, err := audit.Run(ctx, env, data)
	if err != nil {
		return nil, err
	}
	steps := preprocess.Config{
		{Name: "decode", Part: preprocess.Decode{}}, {Name: "crop", Part: preprocess.Crop{Around: "point", Millimetres: 40}},
		{Name: "window", Part: preprocess.Window{Percentiles: [2]float64{1, 99}, Scope: "crop"}}, {Name: "resize", Part: preprocess.Resize{Pixels: pixels}},
	}
	return preprocess.Run(ctx, env, append(steps, more...), cases)
}

// benchIn keeps its files in a folder, where another bench finds them again.
func benchIn(t *testing.T, dir string) bench {
	t.Helper()
	return benchOn(t, dir, "cpu")
}

// benchOn computes on a device, or skips the test where there is none.
func benchOn(t *testing.T, dir, device string) bench {
	t.Helper()
	m := &memory{}
	env := stage.Env{Now: time.Now, Recorder: m, Cache: filepath.Join(shared, "cache"), RunDir: filepath.Join(dir, "run"), Device: device, Threads: 1, Workers: 2, Seed: 5}
	images, err := imagesOf(t.Context(), env, 12)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { images.Close() })
	head := registry.One[model.Layer]{Name: "dropout", Part: model.Dropout{P: 0.3}} // whose 1/(1-p) no format holds
	return bench{env, netOn(t, env, images, model.Single(3), head), images, m}
}

// netOn makes a small net on the device of env, or skips the test where there is none.
func netOn(t *testing.T, env stage.Env, images *preprocess.Images, task model.Task, head ...registry.One[model.Layer]) *model.Net {
	t.Helper()
	return netOf(t, env, model.Config{
		Backbone: registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 8}}}, Head: head,
		Input: model.Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}},
	}, images, task)
}

func netOf(t *testing.T, env stage.Env, cfg model.Config, images *preprocess.Images, task model.Task) *model.Net {
	t.Helper()
	engine, err := torch.Open(torch.Options{Device: env.Device})
	if err != nil && env.Device != "cpu" {
		t.Skip("there is no ", env.Device)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	net, err := model.Build(t.Context(), env, cfg, images.Shape(), task)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	return net
}

// measure gives the mean logarithmic loss, as evaluate does.
func measure(items []stage.Prediction) ([]stage.Scalar, error) {
	sum := 0.0
	for _, p := range items {
		sum -= math.Log(max(p.Probabilities[p.Label], 1e-12))
	}
	return []stage.Scalar{{Name: "loss", Value: sum / float64(len(items)), Better: stage.LowerBetter}}, nil
}

func config(rate float64, phases ...Phase) Config {
	return Config{
		Batch: 8, Loss: registry.One[Loss]{Name: "cross_entropy", Part: CrossEntropy{Reduction: "weighted_mean"}},
		Balance:   Balance{ClassWeights: "balanced"},
		Optimizer: registry.One[Optimizer]{Name: "adam", Part: Adam{Rate: rate, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}},
		Monitor:   "validation.loss", Phases: phases,
	}
}

func phase(name string, epochs int, groups ...string) Phase {
	return Phase{Name: name, Train: groups, Epochs: epochs, Schedule: registry.One[Schedule]{Name: "constant", Part: Constant{}}, Keep: "best", From: "best"}
}

func (b bench) weights(t *testing.T) (out map[string]safetensors.Tensor) {
	t.Helper()
	err := b.net.Engine().Do(t.Context(), func(s *torch.Scope) error { out = b.net.Tensors(s); return s.Err() })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var recipe = augment.Config{{Name: "rotate", Part: augment.Rotate{When: augment.Always, Degrees: 10}}}

func TestOneSeedGivesOneTraining(t *testing.T) {
	run := func() ([]float64, map[string]safetensors.Tensor) {
		b := newBench(t)
		if _, err := Run(t.Context(), b.env, config(1e-2, phase("all", 3, "all")), b.net, b.images, recipe, measure); err != nil {
			t.Fatal(err)
		}
		return b.seen.values("train", "loss"), b.weights(t)
	}
	first, weights := run()
	second, again := run()
	if !reflect.DeepEqual(first, second) || !reflect.DeepEqual(weights, again) {
		t.Errorf("two runs of one seed differ: %v, %v", first, second)
	}
	if len(first) != 3 || first[2] >= first[0] {
		t.Errorf("losses %v; want three that fall", first)
	}
}

// TestBestWeightsAreKeptAndStored: a rate that ruins the net after the first
// epoch must not reach the second phase or the file.
func TestBestWeightsAreKeptAndStored(t *testing.T) {
	b := newBench(t)
	worse := phase("all", 4, "all")
	trained, err := Run(t.Context(), b.env, config(0.3, worse), b.net, b.images, nil, measure)
	if err != nil {
		t.Fatal(err)
	}
	losses := b.seen.values("validation", "loss")
	best := 0
	for i := range losses {
		if losses[i] < losses[best] {
			best = i
		}
	}
	if trained.BestEpoch != best+1 {
		t.Errorf("best epoch %d, the losses were %v", trained.BestEpoch, losses)
	}
	got, _ := measure(ofSplit(trained.Predictions, stage.Validation))
	if !(math.Abs(got[0].Value-losses[best]) <= 1e-9) {
		t.Errorf("predictions are those of loss %v, the best epoch had %v", got[0].Value, losses[best])
	}
	file, err := safetensors.Read(filepath.Join(b.env.RunDir, "best.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range b.weights(t) {
		if !reflect.DeepEqual(file.Tensors[name], want) {
			t.Errorf("best.safetensors holds another %s", name)
		}
	}
	last, err := safetensors.Read(filepath.Join(b.env.RunDir, "last.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if len(last.Tensors["optimizer.exp_avg/fc.weight"].Data) != 24 || last.Metadata["phase"] != "all" {
		t.Errorf("optimizer state or counters are not in the checkpoint: %v", last.Metadata)
	}
}

func ofSplit(items []stage.Prediction, split stage.Split) (out []stage.Prediction) {
	for _, p := range items {
		if p.Split == split {
			out = append(out, p)
		}
	}
	return out
}

func TestLossThatIsNotFiniteStopsBeforeTheUpdate(t *testing.T) {
	b := newBench(t)
	err := b.net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		p, _ := b.net.Store.Get("fc.bias")
		s.Fill(p.Tensor, math.NaN())
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	before := b.weights(t)["fc.weight"]
	_, err = Run(t.Context(), b.env, config(1e-2, phase("warm", 2, "all")), b.net, b.images, nil, measure)
	if err == nil || !strings.Contains(err.Error(), "phase warm, epoch 1, step 1: the loss is NaN") {
		t.Errorf("got %v, want phase, epoch and step", err)
	}
	if !reflect.DeepEqual(before, b.weights(t)["fc.weight"]) {
		t.Error("the weights were updated all the same")
	}
}

func TestInterruptionStoresWhatIsFinished(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.seen.each = func(r stage.Record) {
		if s, ok := r.(stage.Scalar); ok && s.Epoch == 2 {
			cancel()
		}
	}
	_, err := Run(ctx, b.env, config(1e-2, phase("all", 50, "all")), b.net, b.images, nil, measure)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if n := len(b.seen.values("train", "loss")); n != 2 {
		t.Errorf("%d epochs are recorded, want 2", n)
	}
	if _, err := os.Stat(filepath.Join(b.env.RunDir, "last.safetensors")); err != nil {
		t.Error(err)
	}
	last, _ := b.seen.records[len(b.seen.records)-1].(stage.Artefact)
	if last.SHA256 == "" {
		t.Error("the checkpoints are not recorded")
	}
}

func TestStopEndsAPhase(t *testing.T) {
	h := History{Better: stage.LowerBetter, Values: []float64{1, 0.9, 0.95, 0.9}}
	if got := (Stop{Patience: 2}).waited(h); got != 2 {
		t.Errorf("waited %d epochs, want 2: equal is not better", got)
	}
}

func TestBatches(t *testing.T) {
	items := []int{0, 1, 2, 3, 4}
	if got := batches(items, 2, 2); !reflect.DeepEqual(got, [][]int{{0, 1}, {2, 3}}) {
		t.Errorf("training: %v, want the last single one left out", got)
	}
	if got := batches(items, 2, 1); !reflect.DeepEqual(got, [][]int{{0, 1}, {2, 3}, {4}}) {
		t.Errorf("prediction: %v, want all", got)
	}
	if got := batches(items[:1], 2, 2); len(got) != 1 {
		t.Errorf("a single image is no batch: %v", got)
	}
}

// TestMonitorWithoutValidation is refused before anything is trained; the loss of training
// will do.
func TestMonitorWithoutValidation(t *testing.T) {
	b, cfg := newBench(t), config(1e-2, phase("all", 1, "all"))
	for i := range b.images.Cases {
		if b.images.Cases[i].Split == stage.Validation {
			b.images.Cases[i].Split = stage.Test
		}
	}
	_, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure)
	if err == nil || !strings.Contains(err.Error(), "phase all monitors validation.loss") || len(b.seen.values("train", "loss")) > 0 {
		t.Errorf("got %v after %v", err, b.seen.values("train", "loss"))
	}
	cfg.Phases[0].Monitor = "train.loss"
	if _, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure); err != nil {
		t.Error(err)
	}
}

// TestTrainingScalars are means over the answers of the epoch.
func TestTrainingScalars(t *testing.T) {
	t.Parallel()
	var tr trainer
	tr.state.Answers, tr.state.Hits, tr.state.Loss = 8, 6, 4
	if got := tr.trainingScalars(); len(got) != 2 || got[0].Name != "loss" || got[0].Value != 0.5 || got[1].Name != "accuracy" || got[1].Value != 0.75 {
		t.Errorf("got %+v", got)
	}
}
