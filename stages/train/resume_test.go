package train

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// resumable has two phases, dropout, oversampling, a plateau that acts and a stop:
// everything whose state a cut could lose.
func resumable() Config {
	c := config(2e-2, phase("head", 2, "head"), phase("all", 4, "all"))
	c.Phases[0].Unfreeze = &Unfreeze{Every: 1, Layers: 1}
	c.Phases[1].OptimizerState = "kept"
	c.Phases[1].LayerDecay = 0.7
	c.Features = DefaultFeatures
	c.Phases[1].Optimizers = map[string]registry.One[Optimizer]{"blocks.0": {Name: "sgd", Part: SGD{Rate: 1e-2, Momentum: 0.9}}}
	c.Phases[0].Optimizers = c.Phases[1].Optimizers
	c.Balance = Balance{ClassWeights: "balanced", Sampling: "over"}
	c.Phases[1].Schedule = registry.One[Schedule]{Name: "plateau_keras", Part: PlateauKeras{Factor: 0.5, Patience: 1, MinDelta: 0.5}}
	c.Phases[1].Stop = &Stop{Patience: 3}
	c.Checkpoints = Checkpoints{Steps: 1, Every: 3, Best: 2}
	c.Accumulate, c.EMA, c.Clip, c.Decay = 2, &EMA{Decay: 0.9, WarmUp: true}, Clip{Value: 1}, Decay{On: "weights", L2: map[string]float64{"head": 1e-3}}
	return c
}

// outcome is what a training ends with.
type outcome struct {
	weights map[string]safetensors.Tensor
	trained Trained
	scalars map[string]float64 // the last one recorded under each key
	files   []string           // checkpoints that are left
	records []stage.Record
}

// keep adds what was recorded; times differ from run to run.
func (o *outcome) keep(records []stage.Record) {
	for _, r := range records {
		if s, ok := r.(stage.Scalar); ok && s.Unit == "" {
			o.scalars[fmt.Sprint(s.Name, s.Series, s.Phase, s.Epoch, s.Step)] = s.Value
		}
	}
}

func (o outcome) same(t *testing.T, want outcome) {
	t.Helper()
	for name, tensor := range want.weights {
		if !reflect.DeepEqual(o.weights[name], tensor) {
			t.Errorf("%s differs", name)
		}
	}
	if !reflect.DeepEqual(o.trained, want.trained) {
		t.Error("the predictions differ")
	}
	if !slices.Equal(o.files, want.files) {
		t.Errorf("checkpoints %v, want %v", o.files, want.files)
	}
	if !maps.Equal(o.scalars, want.scalars) {
		t.Errorf("the numbers differ: %d keys, want %d", len(o.scalars), len(want.scalars))
	}
}

func uncut(t *testing.T) outcome {
	t.Helper()
	b := newBench(t)
	trained, err := Run(t.Context(), b.env, resumable(), b.net, b.images, mixedRecipe, measure)
	if err != nil {
		t.Fatal(err)
	}
	return b.outcome(t, trained)
}

func (b bench) outcome(t *testing.T, trained Trained) outcome {
	t.Helper()
	o := outcome{weights: b.weights(t), trained: trained, scalars: map[string]float64{}, files: checkpointFiles(t, b.env.RunDir)}
	o.keep(b.seen.records)
	return o
}

// stopping cancels after a number of steps.
type stopping struct {
	*memory
	left   int
	cancel context.CancelFunc
}

func (s *stopping) Progress(p stage.Progress) {
	if s.left--; s.left == 0 {
		s.cancel()
	}
}

func TestInterruptedTrainingGoesOnBitForBit(t *testing.T) {
	t.Parallel()
	want := uncut(t)
	got, _ := interrupted(t, benchIn, func(ctx context.Context, b bench) (Trained, error) {
		return Run(ctx, b.env, resumable(), b.net, b.images, mixedRecipe, measure)
	})
	got.same(t, want)
}

// TestInterruptedTargetsGoOnBitForBit: also with several answers to an image, of which some
// are missing, that mirrors swap and mixing joins.
func TestInterruptedTargetsGoOnBitForBit(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T, dir string) bench { t.Helper(); return benchOfTargets(t, dir, "cpu") }
	recipe := append(slices.Clone(sidedRecipe), mixing...)
	train := func(ctx context.Context, b bench) (Trained, error) {
		cfg := resumable()
		cfg.Batch = 3 // steps enough to cut between
		return Run(ctx, b.env, cfg, b.net, b.images, recipe, measure)
	}
	whole := open(t, t.TempDir())
	trained, err := train(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := interrupted(t, open, train)
	got.same(t, whole.outcome(t, trained))
}

// TestOtherTargetsAreOtherData: a training does not go on where labels are of other targets.
func TestOtherTargetsAreOtherData(t *testing.T) {
	t.Parallel()
	images := &preprocess.Images{Targets: []string{"edema", "nodule"}, Cases: []stage.Case{{ID: "a"}, {ID: "b", Target: 1}}}
	before := dataFingerprint(images)
	images.Cases[0].Target, images.Cases[1].Target = 1, 0
	if dataFingerprint(images) == before {
		t.Error("swapped targets change nothing")
	}
}

// TestDataFingerprint: whatever of the data a training depends on makes others of them.
func TestDataFingerprint(t *testing.T) {
	t.Parallel()
	data := func(change func(*preprocess.Images)) string {
		images := &preprocess.Images{Classes: []string{"a", "b", "c"}, Targets: []string{"t", "u"}, Among: [][]int{{0, 1}, {1, 2}}, Covariates: stage.Covariates{{Name: "age"}},
			Mean: map[stage.Split]float64{stage.Train: 0.5}, Std: map[stage.Split]float64{stage.Train: 0.25},
			Cases: []stage.Case{{ID: "x", Split: stage.Train, Tags: map[string]string{"age": "40"}}, {ID: "y", Label: 1, Target: 1, Split: stage.Validation, Tags: map[string]string{"age": "60"}}}}
		change(images)
		return dataFingerprint(images)
	}
	same := data(func(*preprocess.Images) {})
	if data(func(images *preprocess.Images) { images.Cases[0].Group = "another group" }) != same {
		t.Error("what nothing depends on makes other data")
	}
	for what, change := range map[string]func(*preprocess.Images){
		"an id":               func(images *preprocess.Images) { images.Cases[0].ID = "z" },
		"a label":             func(images *preprocess.Images) { images.Cases[0].Label = 1 },
		"a split":             func(images *preprocess.Images) { images.Cases[0].Split = stage.Validation },
		"a covariate":         func(images *preprocess.Images) { images.Cases[0].Tags = map[string]string{"age": "41"} },
		"an order":            func(images *preprocess.Images) { slices.Reverse(images.Cases) },
		"a class":             func(images *preprocess.Images) { images.Classes[2] = "d" },
		"classes of a target": func(images *preprocess.Images) { images.Among[0] = []int{0, 2} },
		"no own classes":      func(images *preprocess.Images) { images.Among = nil },
		"a mean":              func(images *preprocess.Images) { images.Mean[stage.Test] = 0.5 },
		"a spread":            func(images *preprocess.Images) { images.Std[stage.Train] = 0.26 },
	} {
		if data(change) == same {
			t.Errorf("%s changes nothing", what)
		}
	}
}

// interrupted cancels again and again after few steps, each time with a fresh net, as
// a new process has it.
func interrupted(t *testing.T, open func(*testing.T, string) bench, run func(context.Context, bench) (Trained, error)) (got outcome, seen []stage.Record) {
	t.Helper()
	dir := t.TempDir()
	got.scalars = map[string]float64{}
	cuts := 0
	for ; ; cuts++ {
		b := open(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		b.env.Resume = true
		b.env.Recorder = &stopping{memory: b.seen, left: 5 + 4*(cuts%3), cancel: cancel}
		trained, err := run(ctx, b)
		cancel()
		got.keep(b.seen.records)
		seen = append(seen, b.seen.records...)
		if err == nil {
			got.trained, got.weights, got.files = trained, b.weights(t), checkpointFiles(t, b.env.RunDir)
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if cuts == 60 {
			t.Fatal("it never ends")
		}
	}
	if cuts < 4 {
		t.Errorf("only %d cuts", cuts)
	}
	return got, seen
}

const victimDir = "TRAIN_TEST_VICTIM"

// TestVictim is the process that TestKilledTraining kills; alone it does nothing.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimDir)
	if dir == "" {
		t.Skip("only a child process trains here")
	}
	b := benchIn(t, dir)
	b.env.Resume = true
	b.env.Recorder = talking{b.seen}
	if _, err := Run(t.Context(), b.env, resumable(), b.net, b.images, mixedRecipe, measure); err != nil {
		t.Fatal(err)
	}
	fmt.Println("step done")
}

// talking says each step.
type talking struct{ *memory }

func (talking) Progress(p stage.Progress) { fmt.Println("step", p.Done) }

// TestKilledTraining kills the process with SIGKILL at ten random steps. What it ends
// with must be what an undisturbed run ends with, byte for byte.
func TestKilledTraining(t *testing.T) {
	t.Parallel()
	want, dir := uncut(t), t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for kills := range 10 {
		if killed := train(t, dir, 1+r.IntN(4)); !killed {
			t.Fatalf("the training was over after %d kills", kills)
		}
	}
	if train(t, dir, 1<<30) {
		t.Error("the last run was killed")
	}
	b := benchIn(t, dir)
	b.env.Resume = true
	trained, err := Run(t.Context(), b.env, resumable(), b.net, b.images, mixedRecipe, measure)
	if err != nil {
		t.Fatal(err)
	}
	got := outcome{weights: b.weights(t), trained: trained, scalars: want.scalars, files: checkpointFiles(t, b.env.RunDir)}
	got.same(t, want)
}

// train runs the victim and kills it after so many steps; false when it was done
// before.
func train(t *testing.T, dir string, steps int) (killed bool) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestVictim$", "-test.v")
	child.Env = append(os.Environ(), victimDir+"="+dir, sharedDir+"="+shared)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	done, seen := false, 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		word, ok := strings.CutPrefix(lines.Text(), "step ")
		if !ok {
			continue
		}
		done = word == "done"
		if _, err := strconv.Atoi(word); err == nil {
			if seen++; seen == steps {
				_ = child.Process.Kill() // it may have just ended
			}
		}
	}
	err = child.Wait()
	if err != nil && seen < steps {
		t.Fatalf("the victim failed: %v", err)
	}
	return !done
}

func TestAnotherTrainingIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := benchIn(t, dir)
	if _, err := Run(t.Context(), b.env, config(1e-2, phase("all", 1, "all")), b.net, b.images, nil, measure); err != nil {
		t.Fatal(err)
	}
	b.env.Resume = true
	for name, change := range map[string]func(*stage.Env, *Config, *bench){
		"was: batch: 8":        func(_ *stage.Env, c *Config, _ *bench) { c.Batch = 4 },
		"its seed is 5":        func(e *stage.Env, _ *Config, _ *bench) { e.Seed = 6 },
		"labels or splits are": func(_ *stage.Env, _ *Config, b *bench) { b.images.Cases[0].Label ^= 1 },
	} {
		env, cfg := b.env, config(1e-2, phase("all", 1, "all"))
		change(&env, &cfg, &b)
		_, err := Run(t.Context(), env, cfg, b.net, b.images, nil, measure)
		var fault stage.Fault
		if err == nil || !strings.Contains(err.Error(), name) || !errors.As(err, &fault) {
			t.Errorf("got %v, want %q", err, name)
		}
		if name == "labels or splits are" {
			b.images.Cases[0].Label ^= 1
		}
	}
	last := filepath.Join(b.env.RunDir, "last.safetensors")
	stateless, err := safetensors.Read(last)
	if err != nil {
		t.Fatal(err)
	}
	delete(stateless.Metadata, "state")
	delete(stateless.Metadata, "settings")
	if err := safetensors.Write(last, stateless); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), b.env, config(1e-2, phase("all", 1, "all")), b.net, b.images, nil, measure); err == nil || !strings.Contains(err.Error(), "it does not say where the training was") {
		t.Errorf("of a program that stored no state: got %v", err)
	}
	if err := os.WriteFile(last, []byte("cut off"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), b.env, config(1e-2, phase("all", 1, "all")), b.net, b.images, nil, measure); err == nil {
		t.Error("a broken checkpoint is no error")
	}
}

// TestStateOfOneAnswer: the state of an older program, of an epoch under way, has as many
// answers as images.
func TestStateOfOneAnswer(t *testing.T) {
	t.Parallel()
	tr := &trainer{cfg: config(1, phase("all", 1, "all"))}
	state := `{"phase":0,"batch":2,"images":16,"hits":3,"loss":"8"}`
	if err := tr.takeOver(safetensors.File{Metadata: map[string]string{"seed": "0", "settings": tr.settings(), "data": "", "state": state}}); err != nil || tr.state.Answers != 16 {
		t.Errorf("got %+v, %v", tr.state, err)
	}
}

// TestDamagedState: a state that no training can be in is refused, whatever of it is impossible.
func TestDamagedState(t *testing.T) {
	t.Parallel()
	tr := &trainer{cfg: config(1, phase("first", 1, "all"), phase("second", 1, "all"))}
	zero := tr.state
	take := func(state string) error {
		tr.state = zero
		return tr.takeOver(safetensors.File{Metadata: map[string]string{"seed": "0", "settings": tr.settings(), "data": "", "state": state}})
	}
	if err := take(`{"phase":1,"before":3,"values":["1","2"],"step":7,"rate":"0.5","best_epoch":4,"best_value":"1"}`); err != nil || tr.epoch != 5 || tr.step != 7 || tr.rate != 0.5 || tr.best.epoch != 4 || tr.best.value != 1 {
		t.Errorf("a sound one: got epoch %d, step %d, rate %g, best %+v, %v", tr.epoch, tr.step, tr.rate, tr.best, err)
	}
	for state, want := range map[string]string{
		`{"phase":-1}`:  "its state is damaged: phase 0 of 2",
		`{"phase":2}`:   "its state is damaged: phase 3 of 2",
		`{"before":-1}`: "its state is damaged: phase 1 of 2",
		`{"batch":-1}`:  "its state is damaged: phase 1 of 2, batch -1",
		`{"kept":[{"phase":0,"epoch":1,"value":"1"},{"phase":2,"epoch":9,"value":"1"}]}`: "weights of epoch 9 are of phase 3 of 2",
		`{"kept":[{"phase":-1,"epoch":2,"value":"1"}]}`:                                  "weights of epoch 2 are of phase 0 of 2",
		`{"phase":`: "its state: unexpected end",
	} {
		if err := take(state); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", state, err, want)
		}
	}
}

// TestSettingsOfAnOlderProgram: a setting that a checkpoint does not know had its default; one
// that it has otherwise is of another experiment.
func TestSettingsOfAnOlderProgram(t *testing.T) {
	t.Parallel()
	cfg, one := Default, Phase{}.Defaults()
	one.Name, one.Train, one.Epochs = "all", []string{"all"}, 1
	cfg.Phases = []Phase{one}
	tr := &trainer{cfg: cfg, augment: sidedRecipe}
	older := ""
	for line := range strings.Lines(tr.settings()) {
		if !strings.HasPrefix(line, "    targets: {}") && !strings.HasPrefix(line, "        axis:") {
			older += line
		}
	}
	if older == tr.settings() {
		t.Fatalf("nothing was left out of\n%s", older)
	}
	take := func(settings string) error {
		return tr.takeOver(safetensors.File{Metadata: map[string]string{"seed": "0", "settings": settings, "data": "", "state": `{"phase":0}`}})
	}
	if err := take(older); err != nil {
		t.Error(err)
	}
	other := strings.Replace(older, "class_weights: none", "class_weights: balanced", 1)
	if err := take(other); err == nil || !strings.Contains(err.Error(), "was: class_weights: balanced") || strings.Contains(err.Error(), "targets") {
		t.Errorf("got %v", err)
	}
	if err := take("nobody: knows"); err == nil {
		t.Error("settings that cannot be read are taken")
	}
}

func FuzzState(f *testing.F) {
	f.Add(`{"phase":0,"values":["1","NaN","-Inf"],"loss":"0.1"}`)
	f.Add(`{"phase":0,"kept":[{"phase":7,"epoch":1,"value":"1"}]}`)
	f.Add(`{"phase":0,"scale":{"value":0.5,"good":0,"growth":2000}}`)
	f.Add(`{"phase":0,"scale":{"value":65536,"good":-1}}`)
	f.Fuzz(func(t *testing.T, text string) {
		tr := &trainer{cfg: config(1, phase("all", 1, "all"))}
		tr.data = "d"
		err := tr.takeOver(safetensors.File{Metadata: map[string]string{"seed": "0", "settings": tr.settings(), "data": "d", "state": text}})
		otherPhase := func(k kept) bool { return k.Phase != 0 }
		if err == nil && (slices.ContainsFunc(tr.state.Kept, otherPhase) || tr.state.Phase != 0 || tr.state.Batch < 0 || tr.state.Before < 0 || tr.state.Scale.Value != 0 && !tr.state.Scale.Valid()) {
			t.Errorf("accepted %+v", tr.state)
		}
	})
}
