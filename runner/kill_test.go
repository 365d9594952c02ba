package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
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
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// disturbed has everything whose state a cut could lose: two phases, averages of
// the weights, dropout, mixed images, batches in parts, a plateau that acts,
// oversampling, clipping, rules for checkpoints, views.
const disturbed = `
name: disturbed
data: {source: {rsna: {root: data}}, split: {validation: 0.25, test: 0.25}}
preprocess: [decode, {crop: {millimetres: 40}}, window, {resize: {pixels: 12}}]
augment: [flip, {rotate: {degrees: 10}}, {mixup: {p: 0.5}}]
model: {backbone: {convnet: {widths: [4, 8]}}, head: [batch_norm, {dropout: {p: 0.3}}], input: {channels: 1, mean: [0.3], std: [0.25]}}
train:
  batch: 16
  accumulate: 2
  balance: {sampling: over}
  optimizer: {adam: {rate: 1e-2}}
  clip: {norm: 1}
  ema: {decay: 0.9}
  test_time: {views: [flip]}
  checkpoints: {steps: 2, every: 2, best: 2}
  phases:
    - {name: head, train: [head], epochs: 2}
    - {name: all, train: [all], epochs: 5, schedule: {plateau_keras: {factor: 0.5, patience: 1, min_delta: 0.5}}, stop: {patience: 4}}
evaluate: {metrics: [loss, accuracy, kappa, calibration], intervals: {resamples: 20}, calibrate: temperature}
`

const kills = 10

// TestKilledRun kills a run with SIGKILL at ten random steps, and after the last
// one, and lets it go on each time. What it ends with must be what an undisturbed run ends with, to the bit:
// weights, state, numbers, predictions, and everything that was told.
func TestKilledRun(t *testing.T) {
	t.Parallel()
	p := newVictim(t)
	p.run("--db", "a.db", "--runs", "a")
	total := p.step("a")
	seed := rand.Uint64()
	t.Logf("seed %d, %d steps", seed, total)
	if total < 4*kills {
		t.Fatalf("%d steps are too few", total)
	}
	targets := rand.New(rand.NewPCG(seed, 0)).Perm(total / 2)[:kills] // later, where these lie close
	slices.Sort(targets)
	where := []string{"--db", "b.db", "--runs", "b"}
	for i, target := range targets {
		if i > 0 {
			where = []string{"--db", "b.db", "--runs", "b", "--resume", "latest"}
		}
		p.killAt(target+1, where...)
	}
	p.killAt(total, where...) // training is over, evaluation is not
	if p.load("b.db").Status != results.Done {
		p.run(where...)
	}
	p.compare(p.load("b.db"), p.load("a.db"))
	for _, name := range []string{"best", "last"} {
		got, want := p.tensors("b", name), p.tensors("a", name)
		if len(want) == 0 || !maps.Equal(got, want) {
			t.Errorf("%s.safetensors: the weights differ", name)
		}
	}
}

// victim runs the program in a folder of its own.
type victim struct {
	t            *testing.T
	dir, program string
}

func newVictim(t *testing.T) victim {
	t.Helper()
	p := victim{t: t, dir: t.TempDir()}
	if _, err := synth.Write(t.Context(), filepath.Join(p.dir, "data"), synth.Options{Seed: 1, Studies: 5, Size: 64}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "e.yaml"), []byte(disturbed), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p.program = filepath.Join(p.dir, "runner") // by this name TestMain runs a command
	if err := os.Symlink(self, p.program); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p victim) command(args ...string) *exec.Cmd {
	c := exec.Command(p.program, append([]string{"run", "e.yaml", "--threads", "1"}, args...)...)
	c.Dir, c.Env = p.dir, append(os.Environ(), "HOME="+p.dir)
	return c
}

func (p victim) run(args ...string) {
	p.t.Helper()
	if out, err := p.command(args...).CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// killAt kills a run as soon as its checkpoint has so many steps behind it, and more
// than before.
func (p victim) killAt(step int, args ...string) {
	p.t.Helper()
	var out strings.Builder
	step = max(step, p.step("b")+1)
	c := p.command(args...)
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for p.step("b") < step {
		select {
		case err := <-ended:
			p.t.Fatalf("it ended before step %d: %v\n%s", step, err, out.String())
		case <-time.After(2 * time.Millisecond):
		}
	}
	_ = c.Process.Kill() // it may have just ended
	<-ended
}

// checkpoint is a safetensors file of a run: the head, and where its bytes begin.
func (p victim) checkpoint(runs, name string) (head map[string]json.RawMessage, body []byte) {
	paths, _ := filepath.Glob(filepath.Join(p.dir, runs, "*", name+".safetensors"))
	if len(paths) != 1 {
		return nil, nil
	}
	data, err := os.ReadFile(paths[0])
	if err != nil || len(data) < 8 {
		return nil, nil
	}
	n := binary.LittleEndian.Uint64(data)
	if err := json.Unmarshal(data[8:8+n], &head); err != nil {
		p.t.Fatal(err)
	}
	return head, data[8+n:]
}

// step is how many optimizer steps the last checkpoint has behind it.
func (p victim) step(runs string) int {
	head, _ := p.checkpoint(runs, "last")
	var metadata struct{ Step string }
	if head == nil || json.Unmarshal(head["__metadata__"], &metadata) != nil {
		return 0
	}
	step, err := strconv.Atoi(metadata.Step)
	if err != nil {
		p.t.Fatal(err)
	}
	return step
}

// tensors gives the bytes of each tensor of a checkpoint.
func (p victim) tensors(runs, name string) map[string]string {
	head, body := p.checkpoint(runs, name)
	out := map[string]string{}
	for tensor, text := range head {
		var entry struct {
			Offsets [2]int `json:"data_offsets"`
		}
		if tensor == "__metadata__" {
			continue
		}
		if err := json.Unmarshal(text, &entry); err != nil {
			p.t.Fatal(err)
		}
		out[tensor] = string(body[entry.Offsets[0]:entry.Offsets[1]])
	}
	return out
}

func (p victim) load(db string) *results.RunRecord {
	p.t.Helper()
	stored, err := results.OpenExisting(p.t.Context(), filepath.Join(p.dir, db))
	if err != nil {
		p.t.Fatal(err)
	}
	defer stored.Close()
	rec, err := stored.Load(context.Background(), results.Latest)
	if err != nil {
		p.t.Fatal(err)
	}
	return rec
}

// compare wants all that does not depend on the clock or on what the cache held.
func (p victim) compare(got, want *results.RunRecord) {
	p.t.Helper()
	numbers := func(rec *results.RunRecord) (all []stage.Scalar) {
		for _, s := range rec.Scalars {
			if s.Unit == "" {
				all = append(all, s)
			}
		}
		slices.SortStableFunc(all, func(a, b stage.Scalar) int {
			return strings.Compare(fmt.Sprint(a.Name, a.Series, a.Phase, a.Epoch, a.Step), fmt.Sprint(b.Name, b.Series, b.Phase, b.Epoch, b.Step))
		})
		return all
	}
	events := func(rec *results.RunRecord) (all []string) {
		for _, e := range rec.Events {
			if e.Stage == "train" || e.Stage == "evaluate" {
				all = append(all, e.Text)
			}
		}
		return all
	}
	for what, pair := range map[string][2]any{
		"predictions": {got.Predictions, want.Predictions}, "phases": {got.Phases, want.Phases},
		"numbers": {numbers(got), numbers(want)}, "events": {events(got), events(want)},
		"calibration": {got.Fact("calibration"), want.Fact("calibration")},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			p.t.Errorf("%s differ:\ngot  %+v\nwant %+v", what, pair[0], pair[1])
		}
	}
	if got.Status != results.Done || len(want.Predictions) == 0 || len(numbers(want)) < 50 {
		p.t.Errorf("status %s, %d predictions, %d numbers", got.Status, len(want.Predictions), len(numbers(want)))
	}
}
