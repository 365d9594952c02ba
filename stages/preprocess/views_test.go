package preprocess

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// inViews reads the bench's data again, as levels in two views.
func (b bench) inViews(t *testing.T) bench {
	t.Helper()
	data := audit.Default
	data.Source = registry.One[audit.Source]{Name: "rsna", Part: audit.RSNA{Root: registry.Path(b.root)}}
	data.Split.Validation, data.Sample, data.Label = 0.34, "level", "all"
	data.Views = []string{"left_subarticular_stenosis", "spinal_canal_stenosis"}
	cases, err := audit.Run(t.Context(), stage.Env{Recorder: stage.Discard, Workers: 2, Seed: 5}, data)
	if err != nil {
		t.Fatal(err)
	}
	return bench{b.root, cases}
}

// TestViewsAreChannels: each channel is the picture that its labelled place gives by
// itself, also from the cache; a sample of which one picture cannot be read is left out.
func TestViewsAreChannels(t *testing.T) {
	t.Parallel()
	points := newBench(t, 3)
	levels := points.inViews(t)
	alone, _ := points.run(t, t.TempDir(), 2, usual)
	pictures := map[string][]byte{}
	for i, c := range alone.Cases {
		pictures[c.ID] = alone.Bytes(i)
	}
	cache := t.TempDir()
	for _, want := range []string{"miss", "hit"} {
		got, told := levels.run(t, cache, 2, usual)
		if told.fact("preprocess cache") != want || got.Shape() != (Shape{2, 16, 16}) || got.Len() != 15 || len(got.Cases) != 75 {
			t.Fatalf("%s: got %d images of %v, %d cases", told.fact("preprocess cache"), got.Len(), got.Shape(), len(got.Cases))
		}
		for i, c := range got.Cases {
			of := func(condition string) []byte { return pictures[c.Group+"_"+condition+"_"+c.Tags["level"]] }
			if !bytes.Equal(got.Bytes(i), slices.Concat(of("left_subarticular_stenosis"), of("spinal_canal_stenosis"))) {
				t.Errorf("%s has other channels", c.ID)
			}
		}
		if rows := got.row(0); rows.Sum == 0 || got.Mean[stage.Train] <= 0 || got.Mean[stage.Train] >= 1 {
			t.Errorf("sums %d, means %v", rows.Sum, got.Mean)
		}
	}
	broken := levels.cases.Cases[0]
	if err := os.WriteFile(broken.Views[1].Image, []byte("DICM"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, told := levels.run(t, cache, 2, usual)
	if want := fmt.Sprintf("left out because one of their views could not be used: %d of 15 samples", 15-got.Len()); !strings.Contains(told.warnings(), want) {
		t.Errorf("told %q, want %q", told.warnings(), want)
	}
	if slices.ContainsFunc(got.Cases, func(c stage.Case) bool { return c.Sample == broken.Sample }) || got.Len() >= 15 || got.Len() < 10 {
		t.Errorf("got %d images, want them without %s", got.Len(), broken.Sample)
	}
}

// TestViewsMostlyBroken: where more than half of the samples lack a view, something else is
// wrong than a few broken files, also when the other views, and so most pictures, are sound.
func TestViewsMostlyBroken(t *testing.T) {
	t.Parallel()
	levels := newBench(t, 3).inViews(t)
	for _, c := range levels.cases.Cases {
		if c.Tags["level"] < "l4" {
			if err := os.WriteFile(c.Views[1].Image, []byte("DICM"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	env := stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 2}
	for range 2 { // the second time from the cache
		_, err := Run(t.Context(), env, usual, levels.cases)
		if err == nil || !strings.Contains(err.Error(), "samples have a view that cannot be used, such as ") {
			t.Fatalf("got %v", err)
		}
	}
}

// TestBlankViews: a view that is kept without a place is black, the others are as they were,
// and it moves no mean.
func TestBlankViews(t *testing.T) {
	t.Parallel()
	levels, cache := newBench(t, 3).inViews(t), t.TempDir()
	whole, _ := levels.run(t, cache, 2, usual)
	sample := levels.cases.Cases[0].Sample
	for i, c := range levels.cases.Cases {
		if c.Sample == sample {
			levels.cases.Cases[i].Views = []stage.Mark{{Name: "left_subarticular_stenosis"}, c.Views[1]}
		}
	}
	for range 2 { // made, and from the cache
		got, _ := levels.run(t, cache, 2, usual)
		if got.Len() != whole.Len() || len(got.Cases) != len(whole.Cases) {
			t.Fatalf("got %d images of %d cases, want %d of %d", got.Len(), len(got.Cases), whole.Len(), len(whole.Cases))
		}
		half := len(got.Bytes(0)) / 2
		for i, c := range got.Cases {
			want := slices.Clone(whole.Bytes(i))
			if c.Sample == sample {
				clear(want[:half])
			}
			if c.ID != whole.Cases[i].ID || !bytes.Equal(got.Bytes(i), want) {
				t.Errorf("%s has other pixels", c.ID)
			}
		}
		first := slices.IndexFunc(got.Cases, func(c stage.Case) bool { return c.Sample == sample })
		if row := got.row(first); row.Sum == 0 || row.Sum >= whole.row(first).Sum || len(got.seen(got.Of(first))) != 1 {
			t.Errorf("the sum is %d, with both views %d", row.Sum, whole.row(first).Sum)
		}
	}
}
