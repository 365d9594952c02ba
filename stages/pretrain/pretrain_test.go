package pretrain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/internal/testfiles"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestLearns: a backbone that saw no label tells stripes that run across from those that run down,
// wherever they are; a drawn one does worse. Its weights lie in the run's folder.
func TestLearns(t *testing.T) {
	for _, method := range []registry.One[Method]{
		{Name: "simclr", Part: SimCLR{Temperature: 0.2, Hidden: 16, Projection: 8}},
		{Name: "vicreg", Part: VICReg{Invariance: 25, Variance: 25, Covariance: 1, Hidden: 16, Projection: 8}},
	} {
		t.Run(method.Name, func(t *testing.T) {
			dir := stripes(t)
			w := newWorld(t, dir, "run", func(c *Config, _ *audit.Config) { c.Method, c.Epochs = method, 40 })
			b := w.run(t)
			losses := w.heard.losses()
			if len(losses) != 40 || !(losses[39] < 0.8*losses[0]) {
				t.Errorf("losses are %v", losses)
			}
			if before, after := w.heard.worth(t); !(after > before) || after < 0.85 {
				t.Errorf("before, neighbours were right about %v, after %v", before, after)
			}
			if got := w.heard.fact("pretraining"); !strings.HasPrefix(got, method.Name+", 40 epochs: 16 images of the training split and 40 beside the data") {
				t.Errorf("it is said %q", got)
			}
			kept, ok, err := readBackbone(filepath.Join(Folder(w.env.RunDir), keptFile))
			if err != nil || !ok || !same(kept, b) {
				t.Errorf("the run has other weights: %v", err)
			}
			for name := range b.tensors {
				if strings.HasPrefix(name, "head") || strings.HasPrefix(name, "fc") {
					t.Errorf("the projection's %s was kept", name)
				}
			}
		})
	}
}

// TestLabelsAreNotUsed: with other labels of the same images the weights are the same, and are not
// trained again.
func TestLabelsAreNotUsed(t *testing.T) {
	dir := stripes(t)
	first := newWorld(t, dir, "a", nil)
	b := first.run(t)
	path := filepath.Join(dir, "cases.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(text), "00.png,across", "00.png,down", 1)
	if other == string(text) {
		t.Fatal("no label was changed")
	}
	testfiles.Write(t, path, other)
	second := newWorld(t, dir, "b", nil)
	if c := second.run(t); !same(b, c) || !strings.Contains(second.heard.fact("pretraining"), "taken from the cache") {
		t.Errorf("with another label: %s", second.heard.fact("pretraining"))
	}
	if !slices.Equal(first.heard.losses(), second.heard.losses()) {
		t.Error("a run that found it done does not tell the same losses")
	}
}

// cutter ends a training in an epoch: by a cancellation, which stores the state, or by an error, as
// a killed one ends.
type cutter struct {
	*memory
	epoch int
	stop  func() error
}

func (c cutter) Record(ctx context.Context, records ...stage.Record) error {
	if err := c.memory.Record(ctx, records...); err != nil {
		return err
	}
	for _, r := range records {
		if s, ok := r.(stage.Scalar); ok && s.Epoch == c.epoch {
			return c.stop()
		}
	}
	return nil
}

// TestGoesOn: one that was cut off, in whatever way and by whatever run, ends with the same bits; what
// another run began is gone on with.
func TestGoesOn(t *testing.T) {
	whole := newWorld(t, stripes(t), "run", nil)
	want := whole.run(t)
	for name, kill := range map[string]bool{"cancelled": false, "killed": true} {
		t.Run(name, func(t *testing.T) {
			dir := stripes(t)
			w := newWorld(t, dir, "cut", nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w.env.Recorder = cutter{w.heard, 3, func() error {
				if kill {
					return errors.New("killed")
				}
				cancel()
				return nil
			}}
			w.gather(t)
			if _, err := Run(ctx, w.env, w.job); err == nil {
				t.Fatal("the cut did not end it")
			}
			other := newWorld(t, dir, "other", nil)
			if got := other.run(t); !same(got, want) {
				t.Error("it ended with other weights")
			}
			losses := other.heard.losses()
			slices.Sort(losses)
			wanted := whole.heard.losses()
			slices.Sort(wanted)
			if losses = slices.Compact(losses); !slices.Equal(losses, wanted) {
				t.Errorf("its losses are %v, not %v", losses, wanted)
			}
		})
	}
}

// TestPausesBetweenEpochs: whoever looks after a run may pause it while it pretrains, and ends no
// pretraining early that others would take for a whole one.
func TestPausesBetweenEpochs(t *testing.T) {
	dir := stripes(t)
	want := newWorld(t, stripes(t), "run", nil).run(t)
	w := newWorld(t, dir, "paused", nil)
	w.gather(t)
	asked, pause := 0, errors.New("pause")
	w.env.BetweenEpochs = func(_ context.Context, epochs int) error {
		if asked++; epochs != 0 {
			t.Errorf("%d epochs of the run are said to be done", epochs)
		}
		if asked == 3 {
			return pause
		}
		return stage.ErrEnough
	}
	if _, err := Run(t.Context(), w.env, w.job); !errors.Is(err, pause) {
		t.Fatalf("got %v", err)
	}
	if b, err := Run(t.Context(), w.env, w.job); err != nil || !same(b, want) {
		t.Errorf("it ended otherwise: %v", err)
	}
	if asked < 6 {
		t.Errorf("nobody was asked after the third epoch: %d times", asked)
	}
}

// TestFoldsSeeTheirOwn: no fold learns from images that it validates or tests on, nor from copies of
// them under other names.
func TestFoldsSeeTheirOwn(t *testing.T) {
	dir := stripes(t)
	for _, i := range []int{2, 9, 30} {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%02d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		testfiles.Write(t, filepath.Join(dir, "more", fmt.Sprintf("copy-%02d.png", i)), string(data))
	}
	w := newWorld(t, dir, "run", func(_ *Config, d *audit.Config) {
		d.Split = audit.Default.Split
		d.Split.By, d.Split.Folds, d.Split.Stratify, d.Split.Validation, d.Split.Test = "row", 3, nil, 0, 0.2
	})
	w.gather(t)
	seen := map[string]int{}
	for fold := 1; fold <= 3; fold++ {
		images, left := w.job.Material.InFold(fold)
		labelled, held := w.labelled.InFold(fold), map[string]bool{}
		for i, c := range labelled.Cases {
			if c.Split != stage.Train {
				held[labelled.Sum(i)] = true
			}
		}
		once := map[string]bool{}
		for i, c := range images.Cases {
			seen[c.ID]++
			if once[images.Sum(i)] {
				t.Errorf("fold %d sees %s twice", fold, c.ID)
			}
			once[images.Sum(i)] = true
			if held[images.Sum(i)] || c.Split != stage.Train {
				t.Errorf("fold %d learns from %s, which it is measured on", fold, c.ID)
			}
		}
		out := map[string]int{}
		for _, one := range left {
			out[one.Reason] = len(one.IDs)
		}
		if images.Len() != 40+labelledOf(labelled, stage.Train) || out[leftDouble]+out[leftTwice] != 3 || out[leftDouble] == 0 {
			t.Errorf("fold %d learns from %d images, without %v", fold, images.Len(), left)
		}
	}
	for i := range 40 {
		name, folds := fmt.Sprintf("%02d.png", i), map[stage.Split]int{stage.Test: 0, stage.Train: 2, stage.Validation: 2}
		for _, c := range w.cases.Cases {
			if filepath.Base(c.Image) == name && seen[c.ID] != folds[c.Split] {
				t.Errorf("%d folds learn from %s of %s", seen[c.ID], c.ID, c.Split)
			}
		}
	}
	if seen["more/40.png"] != 3 {
		t.Errorf("%d folds learn from an image beside the data", seen["more/40.png"])
	}
}

func labelledOf(images *preprocess.Images, split stage.Split) (n int) {
	for _, c := range images.Cases {
		if c.Split == split {
			n++
		}
	}
	return n
}

// TestTooFew: one image cannot be compared with others.
func TestTooFew(t *testing.T) {
	t.Parallel()
	var fault stage.Fault
	if err := Enough(1); !errors.As(err, &fault) || Enough(2) != nil {
		t.Errorf("got %v", err)
	}
	c := Config{Batch: 8}
	if c.Few(8) != "" || !strings.Contains(c.Few(7), "8 is more than the 7 images") {
		t.Errorf("of 7 images it is said %q, of 8 %q", c.Few(7), c.Few(8))
	}
}
