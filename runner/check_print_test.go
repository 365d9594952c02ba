package main

import (
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/stages/train"
)

// TestCovariatesPrinted: the values or the range of each, and of how many samples it is unknown.
func TestCovariatesPrinted(t *testing.T) {
	t.Parallel()
	got := covariateWords([]experiments.CovariatePlan{
		{Name: "age", Least: 18, Most: 91.5, Unknown: 3}, {Name: "sex", Values: []string{"f", "m"}},
		{Name: "site", Values: strings.Split("a b c d e f", " ")}, {Name: "scanner", Values: strings.Split("a b c d e f g", " "), Unknown: 1},
	})
	want := "age (18 to 91.5; unknown of 3), sex (f, m), site (a, b, c, d, e, f), scanner (a, b, c, d, e, … 7 values; unknown of 1)"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestBalancePrinted: a table of the classes where balancing changes one of them.
func TestBalancePrinted(t *testing.T) {
	t.Parallel()
	as := train.ClassCount{Class: "no", Cases: 8, Drawn: 8, Weight: 1, Share: 0.8}
	drawn, weighed := as, as
	drawn.Target, drawn.Drawn, weighed.Weight = "mass", 4, 0.625
	for name, c := range map[string]struct {
		counts []train.ClassCount
		want   string
	}{
		"as they are": {[]train.ClassCount{as, as}, ""},
		"drawn":       {[]train.ClassCount{as, drawn}, "\nbalance   training cases  drawn in an epoch  class weight  share of the loss\nno        8               8                  1             80.0 %\nmass: no  8               4                  1             80.0 %\n"},
		"weighed":     {[]train.ClassCount{weighed}, "\nbalance  training cases  drawn in an epoch  class weight  share of the loss\nno       8               8                  0.625         80.0 %\n"},
	} {
		var out strings.Builder
		if err := printBalance(&out, c.counts); err != nil || out.String() != c.want {
			t.Errorf("%s: got\n%q\nwant\n%q, %v", name, out.String(), c.want, err)
		}
	}
}

// TestPhaseLines: only what a phase does otherwise than phases usually do.
func TestPhaseLines(t *testing.T) {
	t.Parallel()
	plan := experiments.Plan{Monitor: "validation.loss"}
	if got := phaseLines(plan, experiments.Phase{Monitor: "validation.loss"}); len(got) != 0 {
		t.Errorf("a plain phase has the lines %q", got)
	}
	phase := experiments.Phase{Monitor: "validation.f1", Patience: 1, From: "best", BatchNorm: "frozen", OptimizerState: "kept", Views: 3, Others: []string{"head: sgd at 0.1", "stem: lion at 1"}}
	phase.Joining = []experiments.Join{{Groups: []string{"layer4", "layer3"}, Epoch: 5}}
	phase.Features.Views, phase.Features.Before, phase.Features.Bytes = 2, "head", 1500
	want := `other optimizers: head: sgd at 0.1, stem: lion at 1
join  layer4, layer3 from epoch 5
norm  statistics of batch-norm stay as they are in all layers
keeps what the optimizer remembers of the phase before
views 3 of each image, in turn
once  what lies before head is computed, for each of 2 views of an image: 1.5 kB
looks at validation.f1
stop  after 1 epoch without a better validation.f1
from  the best weights of the phase before`
	if got := strings.Join(phaseLines(plan, phase), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	phase = experiments.Phase{Monitor: "validation.loss", BatchNorm: "training", Views: 1, Patience: 2}
	phase.Features.Layers, phase.Features.Before, phase.Features.Why = 3, "head", "it would take 5 GB"
	want = `norm  statistics of batch-norm move in all layers, frozen ones too
views one of each image, in every epoch
again what lies before head is computed in every epoch: it would take 5 GB
stop  after 2 epochs without a better validation.loss`
	if got := strings.Join(phaseLines(plan, phase), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	phase = experiments.Phase{Monitor: "validation.loss"}
	phase.Features.Views, phase.Features.Before, phase.Features.Bytes = 1, "head", 999
	if got := phaseLines(plan, phase); len(got) != 1 || got[0] != "once  what lies before head is computed, for each image: 999 B" {
		t.Errorf("got %q", got)
	}
}

// TestRateWords: the rates of a phase from the first to the last.
func TestRateWords(t *testing.T) {
	t.Parallel()
	for want, phase := range map[string]experiments.Phase{
		"0.01 (constant)":       {Rates: []float64{0.01, 0.01}, Schedule: "constant"},
		"0.01 → 0.001 (cosine)": {Rates: []float64{0.01, 0.02, 0.001}, Schedule: "cosine"},
		"0.5 → 0.1 (plateau; drawn as if the monitored number never got better)": {Rates: []float64{0.5, 0.1}, Schedule: "plateau", Follows: true},
	} {
		if got := rateWords(phase); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestMemoryPrinted: what there is otherwise, on a GPU, and without recomputation.
func TestMemoryPrinted(t *testing.T) {
	t.Parallel()
	p := experiments.Plan{Memory: experiments.Memory{Weights: 1000, Gradients: 1000, Optimizer: 2000, Activations: 4000, Images: 500, Resident: 9e6}}
	p.Disk.Images, p.Disk.Checkpoints = 1e9, 2e6
	said := func() string {
		var out strings.Builder
		if err := printSizes(&out, p); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	plain := "memory  about 8.5 kB on the device: weights 1 kB, gradients 1 kB, optimizer 2 kB, activations 4 kB, a batch 500 B\n" +
		"        on a GPU 9 MB more for all images, where they fit\ndisk    images 1 GB, checkpoints 2 MB\n"
	if got := said(); got != plain {
		t.Errorf("got\n%s\nwant\n%s", got, plain)
	}
	p.Memory.Copies = 1000
	if got := said(); !strings.Contains(got, "about 9.5 kB on the device") || !strings.Contains(got, "optimizer 2 kB, copies of weights 1 kB, activations") {
		t.Errorf("with an average of the weights: got\n%s", got)
	}
	p.Memory.Copies, p.Memory.Whole, p.Memory.Reduced = 0, 8000, 3000
	want := "activations 4 kB (recomputed; else 8 kB), a batch 500 B\n        on a GPU in bf16 7.5 kB, and 9 MB more for all images, where they fit\n"
	if got := said(); !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant it to hold\n%s", got, want)
	}
}

// TestPretrainPrinted: how many images take part, and why others do not.
func TestPretrainPrinted(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := &experiments.PretrainPlan{Method: "vicreg", Own: 300, Beside: 1000, Epochs: 50, Batch: 64, Memory: 2e9, Left: []string{"2 left out, which cannot be used (a, b)"}}
	want := "\npretrain vicreg, 50 epochs of 1,300 images in batches of 64, each in two views: 300 of the training split, 1,000 beside the data\n" +
		"  about 2 GB on the device; a pretraining of the same content that the cache has is not done again\n  2 left out, which cannot be used (a, b)\n"
	if err := printPretrain(&out, p); err != nil || out.String() != want {
		t.Errorf("got\n%s\nwant\n%s, %v", out.String(), want, err)
	}
	out.Reset()
	if err := printPretrain(&out, nil); err != nil || out.String() != "" {
		t.Errorf("got %q of nothing", out.String())
	}
}
