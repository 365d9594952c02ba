package outliers

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

func openEngine(t testing.TB) *torch.Engine {
	t.Helper()
	engine, err := torch.Open(torch.Options{Device: "cpu", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return engine
}

func near(a, b, share float64) bool { return math.Abs(a-b) <= share*max(1, math.Abs(b)) }

// TestFit: with all axes the distances are those of scikit-learn's LedoitWolf, also where
// there are fewer images than features.
func TestFit(t *testing.T) {
	t.Parallel()
	var ref struct {
		Cases []struct {
			Rows, Asked            [][]float32
			Mahalanobis, Variances []float64
		}
	}
	parity.Read(t, "testdata/reference.json", &ref)
	engine := openEngine(t)
	for _, c := range ref.Cases {
		d, err := Fit(t.Context(), engine, c.Rows, len(c.Rows[0]))
		if err != nil {
			t.Fatal(err)
		}
		for i, z := range c.Asked {
			if got, want := d.Distance(z)*float64(len(z)), c.Mahalanobis[i]; !near(got, want, 1e-4) {
				t.Errorf("%d rows, distance of %d: %g, want %g", len(c.Rows), i, got, want)
			}
		}
		for k := range c.Variances {
			got := float64(d.Rest)
			if k < len(d.Spread) {
				got = float64(d.Spread[k])
			}
			if !near(got, c.Variances[k], 1e-4) {
				t.Errorf("%d rows, variance %d: %g, want %g", len(c.Rows), k, got, c.Variances[k])
			}
		}
		d.Distances = []float32{1}
		data, err := d.Encode()
		if read, failed := Decode(data); err != nil || failed != nil || !reflect.DeepEqual(read, d) {
			t.Errorf("%d rows: %v, %v, got %+v, want %+v", len(c.Rows), err, failed, read, d)
		}
	}
}

// TestFewAxes: directions without an axis share their mean variance, so that the mean
// distance of the training images stays what it is for a sphere in them.
func TestFewAxes(t *testing.T) {
	t.Parallel()
	random := stage.Rand(1, "axes")
	var rows [][]float32
	for range 4000 {
		rows = append(rows, []float32{float32(10 * random.NormFloat64()), float32(3 * random.NormFloat64()), float32(random.NormFloat64()), float32(random.NormFloat64())})
	}
	d, err := Fit(t.Context(), openEngine(t), rows, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Axes) != 2 || !near(float64(d.Spread[0]), 100, 0.1) || !near(float64(d.Spread[1]), 9, 0.1) || !near(float64(d.Rest), 1, 0.1) {
		t.Errorf("spread %v, rest %g", d.Spread, d.Rest)
	}
	mean := 0.0
	for _, row := range rows {
		mean += d.Distance(row) / float64(len(rows))
	}
	if !near(mean, 1, 0.02) {
		t.Errorf("training images lie %g away, want 1", mean)
	}
	if far := d.Distance([]float32{0, 0, 10, 0}); !near(far, 100.0/4, 2) {
		t.Errorf("ten times beyond lies %g away", far)
	}
}

func TestP(t *testing.T) {
	t.Parallel()
	d := Detector{Distances: []float32{1, 2, 2, 4}}
	for distance, want := range map[float64]float64{0.5: 1, 1: 1, 1.5: 4.0 / 5, 2: 4.0 / 5, 3: 2.0 / 5, 4: 2.0 / 5, 4.1: 1.0 / 5, math.Inf(1): 1.0 / 5} {
		if got := d.P(distance); got != want {
			t.Errorf("at %g: %g, want %g", distance, got, want)
		}
	}
	if d.Least() != 1.0/5 {
		t.Errorf("least %g", d.Least())
	}
}

func TestNothingToLearn(t *testing.T) {
	t.Parallel()
	engine := openEngine(t)
	for name, rows := range map[string][][]float32{"no image": nil, "one": {{1, 2}}, "all the same": {{1, 2}, {1, 2}, {1, 2}}} {
		if d, err := Fit(t.Context(), engine, rows, 2); err == nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
	d, err := Fit(t.Context(), engine, [][]float32{{1, 0, 5}, {2, 0, 5}}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := d.Distance([]float32{1.5, 0, 5}), d.Distance([]float32{1.5, 0, 6}); a != 0 || !(b > 0) || math.IsInf(b, 0) {
		t.Errorf("in the middle %g, where no image was %g", a, b)
	}
}

func fitted(t testing.TB) Detector {
	t.Helper()
	d, err := Fit(t.Context(), openEngine(t), [][]float32{{1, 0, 5}, {2, 3, 5}, {0, 1, 4}, {2, 2, 2}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	d.Distances = []float32{0.5, 7}
	return d
}

func TestFileHoldsAll(t *testing.T) {
	t.Parallel()
	want := fitted(t)
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	for name, change := range map[string]func(*Detector){
		"no features": func(d *Detector) { d.Mean, d.Axes = nil, nil }, "an axis too few": func(d *Detector) { d.Axes = d.Axes[:1] },
		"no distances": func(d *Detector) { d.Distances = nil }, "distances out of order": func(d *Detector) { slices.Reverse(d.Distances) },
		"a variance of 0": func(d *Detector) { d.Spread[0] = 0 }, "a rest below 0": func(d *Detector) { d.Rest = -1 }, "NaN": func(d *Detector) { d.Mean[1] = nan },
	} {
		d := fitted(t)
		change(&d)
		data, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(data); err == nil || !strings.Contains(err.Error(), "what images of the training are like") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	d := fitted(f)
	data, err := d.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:40])
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Decode(data)
		if err != nil {
			return
		}
		if p := d.P(d.Distance(make([]float32, len(d.Mean)))); !(p > 0 && p <= 1) {
			t.Errorf("p %g", p)
		}
	})
}
