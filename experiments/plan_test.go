package experiments

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// synthetic is a small data set on the disk.
func synthetic(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := synth.Write(t.Context(), dir, synth.Options{Seed: 1, Studies: 5, Size: 64}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func planOf(t *testing.T, file string, sets ...string) Plan {
	t.Helper()
	e, _, err := Load(file, sets)
	if err != nil {
		t.Fatal(err)
	}
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: t.TempDir(), Workers: 2, Seed: e.Seed}
	p, err := MakePlan(context.Background(), env, e)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return p
}

// Every shipped experiment can be planned, and its plan is about all there is.
func TestShippedFilesArePlanned(t *testing.T) {
	t.Parallel()
	root := "data.source.rsna.root=" + synthetic(t)
	files, err := filepath.Glob("*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		p := planOf(t, file, root, "model.backbone.resnet50.weights=\"\"")
		cases := 0
		for _, s := range p.Data.Splits {
			if cases += s.Cases; sum(s.Classes) != s.Cases || s.Groups == 0 || s.Images == 0 {
				t.Errorf("%s: got %+v", file, s)
			}
		}
		for _, tag := range p.Data.Tags {
			n := 0
			for _, v := range tag.Values {
				n += v.Cases
			}
			if n != cases {
				t.Errorf("%s: %s counts %d of %d cases", file, tag.Tag, n, cases)
			}
		}
		if p.Images.StepsPerEpoch < 1 || p.Model.Parameters == 0 || p.Memory.Activations == 0 || p.Disk.Images == 0 {
			t.Errorf("%s: got %+v", file, p)
		}
		for _, phase := range p.Phases {
			if phase.Trainable == 0 || phase.Trainable > p.Model.Parameters || len(phase.Rates) != phase.Epochs || slices.Min(phase.Rates) < 0 {
				t.Errorf("%s: got %+v", file, phase)
			}
		}
	}
}

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}

func TestPlan(t *testing.T) {
	t.Parallel()
	p := planOf(t, "demo.yaml", "data.source.rsna.root="+synthetic(t), "train.batch=7", "train.phases.head.rate=0.5")
	if want := (p.Data.of(stage.Train) + 6) / 7; p.Images.StepsPerEpoch != want || p.Images.Height != 48 || p.Images.Channels != 1 {
		t.Errorf("got %+v, want %d steps", p.Images, want)
	}
	head, all := p.Phases[0], p.Phases[1]
	// dense 512×128 and 128, batch-norm 2×128, the last layer 128×3 and 3
	if want := int64(512*128 + 128 + 2*128 + 128*3 + 3); head.Trainable != want || all.Trainable != want+11_176_512 {
		t.Errorf("got %d and %d parameters", head.Trainable, all.Trainable)
	}
	if head.Rates[0] != 0.5 || head.Rates[1] != 0.5 || head.Follows || head.From != "" {
		t.Errorf("got %+v", head)
	}
	// plateau: factor 0.3, patience 2
	if got := all.Rates; got[0] != 1e-3 || !(math.Abs(got[11]-1e-3*math.Pow(0.3, 5)) <= 1e-12) || !all.Follows || all.From != "best" || all.Patience != 5 {
		t.Errorf("got %+v", all)
	}
	// Below a frozen net nothing goes back; else two products for each of the forward pass, but for the image's.
	if more := all.Work.Image / head.Work.Image; !(more > 2.8 && more < 3) || !(all.Work.Epochs > 6*head.Work.Epochs) {
		t.Errorf("got %+v for the head, %+v for all", head.Work, all.Work)
	}
	var tags []string
	for _, tag := range p.Data.Tags {
		tags = append(tags, tag.Tag)
	}
	if want := []string{"condition", "level", "series_type", "side"}; !slices.Equal(tags, want) {
		t.Errorf("got the tags %q, want %q", tags, want)
	}
	if p.Memory.Gradients != 4*all.Trainable || p.Memory.Optimizer != 8*all.Trainable || p.Memory.Weights < 4*p.Model.Parameters {
		t.Errorf("got %+v", p.Memory)
	}
}

// TestPlanOfPasses: sam goes through the net twice with each image and keeps a copy of the weights; swa keeps
// one too and looks at the images of its epochs once more.
func TestPlanOfPasses(t *testing.T) {
	t.Parallel()
	of := func(set ...string) (Plan, Phase) {
		p := planOf(t, "demo.yaml", append(set, "data.source.rsna.root="+synthetic(t))...)
		return p, p.Phases[1]
	}
	_, plain := of()
	p, phase := of("train.optimizer={sam: {optimizer: adam}}")
	if phase.Work.Image != 2*plain.Work.Image || p.Memory.Copies != 4*phase.Trainable || p.Memory.Optimizer != 8*phase.Trainable {
		t.Errorf("sam: got %+v and %+v, plain %+v", phase.Work, p.Memory, plain.Work)
	}
	p, phase = of("train.swa={from: 0.75}")
	_, half := of("train.swa={from: 0.5}")
	forward := (half.Work.Epochs - phase.Work.Epochs) / 3 // of 12 epochs six and three
	if more := phase.Work.Epochs - plain.Work.Epochs; phase.Work.Image != plain.Work.Image || !(forward > 0) || !(math.Abs(more-3*forward) <= 1e-6*more) || p.Memory.Copies != 4*phase.Trainable {
		t.Errorf("swa: %g more operations, of an epoch %g; %+v", more, forward, p.Memory)
	}
	if images := float64(p.Data.of(stage.Train)); !(math.Abs(forward*3-plain.Work.Image*images) <= 0.1*forward) {
		t.Errorf("swa: %g operations for an epoch's images, which take %g in training", forward, plain.Work.Image*images)
	}
}

// TestPlanOfPrecisions: what the backward pass keeps takes half the bytes for each number; what
// auto will choose is not known before the device is.
func TestPlanOfPrecisions(t *testing.T) {
	t.Parallel()
	of := func(precision string) Memory {
		return planOf(t, "demo.yaml", "data.source.rsna.root="+synthetic(t), "train.compute.precision="+precision).Memory
	}
	whole, half, auto := of("fp32"), of("bf16"), of("auto")
	if whole.Reduced != 0 || half.Reduced != 0 || !(half.Activations < whole.Activations) || !(2*half.Activations >= whole.Activations) || of("fp16") != half {
		t.Errorf("fp32 %+v, bf16 %+v", whole, half)
	}
	if auto.Reduced != half.Activations || auto.Activations != whole.Activations || auto.Weights != half.Weights || half.Weights != whole.Weights {
		t.Errorf("auto %+v, fp32 %+v, bf16 %+v", auto, whole, half)
	}
}

func TestSparkline(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		values []float64
		width  int
		want   string
	}{
		{nil, 5, ""},
		{[]float64{0, 0}, 5, "▁▁"},
		{[]float64{1, 1, 1}, 5, "███"},
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, 8, "▁▂▃▄▅▆▇█"},
		{[]float64{0, 7, 0, 0, 0, 0}, 3, "█▁▁"},
		{[]float64{1, 2, 3, 4, 5}, 2, "▄█"},
	} {
		if got := Sparkline(test.values, test.width); got != test.want {
			t.Errorf("%v in %d: got %s, want %s", test.values, test.width, got, test.want)
		}
	}
}
