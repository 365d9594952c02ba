package train

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// hint is a covariate that says the label in other words, and number one that says nothing.
var hint = stage.Covariates{{Name: "hint", Values: []string{"0", "1", "2"}}, {Name: "number"}}

// benchWith is a bench whose net is given covariates: a hint at each label, if it is to know.
func benchWith(t *testing.T, dir string, how model.Beside, knows bool) bench {
	t.Helper()
	return benchWithOn(t, dir, "cpu", how, knows)
}

func benchWithOn(t *testing.T, dir, device string, how model.Beside, knows bool) bench {
	t.Helper()
	b := benchOn(t, dir, device)
	b.images.Covariates = hint
	for i, c := range b.images.Cases {
		b.images.Cases[i].Tags = map[string]string{"number": strconv.Itoa(i)}
		if knows {
			b.images.Cases[i].Tags["hint"] = strconv.Itoa(c.Label)
		}
	}
	task := model.Single(len(b.images.Classes))
	task.Covariates = hint
	b.net = netOf(t, b.env, model.Config{
		Backbone:   registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 8}}},
		Input:      model.Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}},
		Covariates: how,
	}, b.images, task)
	return b
}

func trainedBy(t *testing.T, b bench, cfg Config) Trained {
	t.Helper()
	trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure)
	if err != nil {
		t.Fatal(err)
	}
	return trained
}

// TestNetsLearnFromCovariates: what they say is learnt, and is missed where nothing is known.
func TestNetsLearnFromCovariates(t *testing.T) {
	t.Parallel()
	for _, how := range []model.Beside{{}, {Units: 8}, {Units: 8, Dropout: 0.2}} {
		loss := func(knows bool) float64 {
			b := benchWith(t, t.TempDir(), how, knows)
			scalars, err := measure(ofSplit(trainedBy(t, b, config(0.03, phase("all", 15, "all"))).Predictions, stage.Validation))
			if err != nil {
				t.Fatal(err)
			}
			return scalars[0].Value
		}
		if with, without := loss(true), loss(false); with > 0.25 || without < 2*with {
			t.Errorf("%+v: the loss is %.3f with a hint and %.3f without", how, with, without)
		}
	}
}

// TestCovariatesOfPartsOfBatches: each part of a batch is told what its own images are.
func TestCovariatesOfPartsOfBatches(t *testing.T) {
	t.Parallel()
	cfg := withSGD(config(0, phase("head", 2, "head")), 0.1)
	first := benchWith(t, t.TempDir(), model.Beside{Units: 4}, true)
	before := first.weights(t)
	whole := first.train(t, cfg, mixing)
	cfg.Accumulate = 3
	parts := benchWith(t, t.TempDir(), model.Beside{Units: 4}, true).train(t, cfg, mixing)
	if moved, apart := distance(before, whole), distance(whole, parts); moved < 1e-2 || !(apart <= 1e-5*moved) {
		t.Errorf("moved by %g; in parts it ends %g away", moved, apart)
	}
}

// TestCovariatesBesideFeatures: what lies before them is computed once, with the same numbers.
func TestCovariatesBesideFeatures(t *testing.T) {
	t.Parallel()
	cfg := config(0.02, phase("head", 3, "head"))
	want := trainedBy(t, benchWith(t, t.TempDir(), model.Beside{Units: 4, Dropout: 0.3}, true), cfg)
	reused := benchWith(t, t.TempDir(), model.Beside{Units: 4, Dropout: 0.3}, true)
	cfg.Features = DefaultFeatures
	if got := trainedBy(t, reused, cfg); !reflect.DeepEqual(got, want) {
		t.Error("features that are reused give other predictions")
	}
	if !slices.ContainsFunc(reused.seen.records, func(r stage.Record) bool {
		e, ok := r.(stage.Event)
		return ok && strings.Contains(e.Text, "computed once")
	}) {
		t.Error("nothing was reused")
	}
}

func TestCutTrainingWithCovariates(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T, dir string) bench {
		return benchWith(t, dir, model.Beside{Units: 4, Dropout: 0.3}, true)
	}
	run := func(ctx context.Context, b bench) (Trained, error) {
		return Run(ctx, b.env, resumable(), b.net, b.images, mixing, measure)
	}
	b := open(t, t.TempDir())
	trained, err := run(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := interrupted(t, open, run)
	got.same(t, b.outcome(t, trained))
}

// TestOtherCovariatesAreOtherData: a checkpoint of others is refused.
func TestOtherCovariatesAreOtherData(t *testing.T) {
	t.Parallel()
	with, without := benchWith(t, t.TempDir(), model.Beside{}, true), benchWith(t, t.TempDir(), model.Beside{}, false)
	if dataFingerprint(with.images) == dataFingerprint(without.images) {
		t.Error("the fingerprint does not depend on covariates")
	}
}

// TestTold: mirrored images are told the other side, mixed ones the shares of both.
func TestTold(t *testing.T) {
	t.Parallel()
	sides := stage.Covariates{{Name: "side", Values: []string{"left", "right"}}, {Name: "age"}}
	swap, err := augment.Names{Covariates: sides.Columns()}.Sides()
	if err != nil {
		t.Fatal(err)
	}
	tr := &trainer{sides: swap, images: &preprocess.Images{Covariates: sides, Cases: []stage.Case{
		{Tags: map[string]string{"side": "left", "age": "40"}}, {Tags: map[string]string{"side": "right", "age": "60"}},
	}}}
	for _, c := range []struct {
		seen augment.Augmented
		want [][]float32
	}{
		{augment.Augmented{}, [][]float32{{1, 0, 40, 1}, {0, 1, 60, 1}}},
		{augment.Augmented{Mirrored: []bool{true, false}}, [][]float32{{0, 1, 40, 1}, {0, 1, 60, 1}}},
		{augment.Augmented{Mirrored: []bool{true, false}, Partner: []int{1, 0}, Share: []float64{1, 0.75}}, [][]float32{{0, 1, 40, 1}, {0, 1, 55, 1}}},
		{augment.Augmented{Partner: []int{1, 0}, Share: []float64{0.75, 1}}, [][]float32{{0.75, 0.25, 45, 1}, {0, 1, 60, 1}}},
	} {
		if got := tr.covariateRows([]int{0, 1}, c.seen); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: told %v, want %v", c.seen, got, c.want)
		}
	}
	if _, err := (augment.Names{Covariates: stage.Covariates{{Name: "side", Values: []string{"left"}}}.Columns()}).Sides(); err == nil {
		t.Error("a side without its other is taken")
	}
}

// TestCovariatesInCUDAGraphs: recorded passes are given those of each batch, and give the same
// bits.
func TestCovariatesInCUDAGraphs(t *testing.T) {
	for _, how := range []model.Beside{{}, {Units: 8}, {Units: 8, Dropout: 0.3}} {
		cfg := config(1e-2, phase("all", 3, "all"))
		cfg.Compute.Precision, cfg.Compute.Deterministic = "fp32", true
		var outcomes []outcome
		for _, graphs := range []bool{false, true} {
			cfg.Compute.Graphs = graphs
			b := benchWithOn(t, t.TempDir(), "cuda", how, true)
			one := b.outcome(t, trainedBy(t, b, cfg))
			one.records = b.seen.records
			outcomes = append(outcomes, one)
		}
		if fact := outcomes[1].fact("CUDA graphs"); !strings.HasPrefix(fact, "yes") {
			t.Errorf("%+v: the run says of its graphs %q", how, fact)
		}
		outcomes[1].same(t, outcomes[0])
	}
}

// TestHiddenCovariates: the net that has learnt from the hint misses it, and nothing else.
func TestHiddenCovariates(t *testing.T) {
	t.Parallel()
	b := benchWith(t, t.TempDir(), model.Beside{Units: 8}, true)
	trained := trainedBy(t, b, config(0.03, phase("all", 15, "all")))
	var table stage.Table
	for _, r := range b.seen.records {
		if one, ok := r.(stage.Table); ok && one.Name == "covariates" {
			table = one
		}
	}
	known, err := measure(ofSplit(trained.Predictions, stage.Validation))
	if err != nil {
		t.Fatal(err)
	}
	var hidden []string
	losses := map[string]float64{}
	for _, row := range table.Rows {
		hidden = append(hidden, row[0].(string))
		losses[row[0].(string)] = row[1].(float64)
	}
	if want := []string{"nothing", "hint", "number", everyCovariate}; !slices.Equal(hidden, want) {
		t.Fatalf("hidden are %q, want %q", hidden, want)
	}
	if losses["nothing"] != known[0].Value {
		t.Errorf("with nothing hidden the loss is %v, want that of the predictions, %v", losses["nothing"], known[0].Value)
	}
	if losses["hint"] < 3*losses["nothing"] || losses["number"] > losses["hint"] || losses[everyCovariate] < 3*losses["nothing"] {
		t.Errorf("losses are %v", losses)
	}
}
