package main

import (
	"fmt"
	"math"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestNoiseOf: the spread of each final number of validation and test that all seeds have.
func TestNoiseOf(t *testing.T) {
	t.Parallel()
	run := func(id string, values ...stage.Scalar) *results.RunRecord {
		return &results.RunRecord{RunSummary: results.RunSummary{ID: id, Name: "demo", Finals: values}, Experiment: "name: " + id + "\ntrain: {batch: 8}\n", Facts: []stage.Fact{{Name: "data fingerprint", Value: "f00"}}}
	}
	final := func(series, name string, value float64) stage.Scalar {
		return stage.Scalar{Series: series, Name: name, Value: value}
	}
	records := []*results.RunRecord{
		run("a", final("validation", "loss", 1), final("validation", "f1", 0.5), final("test", "loss", 10), final("validation calibrated", "loss", 7), final("test", "auroc", 0.5)),
		run("b", final("validation", "loss", 3), final("validation", "f1", math.NaN()), final("test", "loss", 30), final("validation calibrated", "loss", 8)),
	}
	now := time.Unix(5, 0)
	list, err := noiseOf(world{now: func() time.Time { return now }}, records)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, n := range list {
		got += fmt.Sprintf("%s %s: %g ± %.4g from %g to %g by %v; ", n.Series, n.Metric, n.Mean, n.Deviation, n.Low, n.High, n.Runs)
		if n.At != now || n.Name != "demo" || n.Data != "f00" || len(n.Experiment) != 64 {
			t.Errorf("got %+v", n)
		}
	}
	if want := "validation loss: 2 ± 1.414 from 1 to 3 by [a b]; test loss: 20 ± 14.14 from 10 to 30 by [a b]; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestFamilyLeavesOut: an experiment is the same whatever its seed, name and purpose, and nothing else.
func TestFamilyLeavesOut(t *testing.T) {
	t.Parallel()
	of := func(text string) string {
		hash, err := family(text)
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	base := of("name: a\nseed: 1\ntrain: {batch: 8}\n")
	for text, same := range map[string]bool{
		"name: b\npurpose: why\nseed: 2\ntrain: {batch: 8}\n": true, "train: {batch: 8}\n": true,
		"name: a\nseed: 1\ntrain: {batch: 9}\n": false, "name: a\nseed: 1\ntrain: {batch: 8, seed: 1}\n": false, "[]": false, "": false, "just words": false,
	} {
		if got := of(text) == base; got != same {
			t.Errorf("%q is of the family: %v, want %v", text, got, same)
		}
	}
	one, err := hashWithout("a: {b: {c: 1, d: 2}}\n", []string{"a.b.c", "a.x", "y.z", "a.b.d.e"})
	two, other := hashWithout("a: {b: {d: 2}}\n", nil)
	if err != nil || other != nil || one != two {
		t.Errorf("a setting within others is not left out: %v, %v", err, other)
	}
	if _, err := family("{"); err == nil {
		t.Error("what is no YAML has a family")
	}
}
