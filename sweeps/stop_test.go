package sweeps

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

func TestRungs(t *testing.T) {
	t.Parallel()
	if got, want := (ASHA{First: 2, Reduction: 3}).Asks(54), []int{2, 6, 18}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// field has trials with these values at rung 1, all paused.
func field(values ...float64) Field {
	f := Field{}
	for i, v := range values {
		f.Tracks = append(f.Tracks, Track{Trial: i, Values: []float64{v}, Paused: true})
	}
	return f
}

// A trial is promoted as soon as it is in the best third, also when it was
// passed over before: that is what the checkpoint is for.
func TestASHAPromotes(t *testing.T) {
	t.Parallel()
	a := ASHA{First: 1, Reduction: 3}
	if got := a.Verdict(field(3), 0, 1); got != Pause {
		t.Errorf("the first alone: got %v, want Pause", got)
	}
	f := field(3, 4, 2)
	if got := a.Verdict(f, 2, 1); got != GoOn {
		t.Errorf("the best of three: got %v, want GoOn", got)
	}
	f.Tracks[2].Values, f.Tracks[2].Paused = []float64{2, 2, 2}, false
	if trial, ok := a.Resume(f, 9, false); ok {
		t.Errorf("resumed %d of three, whose best went on already", trial)
	}
	f.Tracks = append(f.Tracks, field(9, 9, 9).Tracks...)
	for i := range f.Tracks {
		f.Tracks[i].Trial = i
	}
	if trial, ok := a.Resume(f, 9, false); !ok || trial != 0 {
		t.Errorf("of six, got %d %v, want trial 0, the second best", trial, ok)
	}
}

// Two trials are fewer than the reduction: at the end one of them goes on all
// the same, up to the last rung.
func TestASHAClosing(t *testing.T) {
	t.Parallel()
	a := ASHA{First: 1, Reduction: 3}
	f := field(3, 2)
	if _, ok := a.Resume(f, 9, false); ok {
		t.Error("resumed while others may come")
	}
	if trial, ok := a.Resume(f, 9, true); !ok || trial != 1 {
		t.Errorf("got %d %v, want the better one", trial, ok)
	}
	f.Tracks[1].Values = []float64{2, 2, 2}
	if trial, ok := a.Resume(f, 9, true); !ok || trial != 1 {
		t.Errorf("at the second rung got %d %v, want the same", trial, ok)
	}
	f.Tracks[1].Paused, f.Tracks[1].Over = false, true
	if trial, ok := a.Resume(f, 9, true); ok {
		t.Errorf("got %d when all is done", trial)
	}
}

// A difference that seeds alone make ends nothing.
func TestNoiseIsNoReason(t *testing.T) {
	t.Parallel()
	f := field(1, 1.01, 5)
	f.Noise = 0.1
	if got := (ASHA{First: 1, Reduction: 3}).Verdict(f, 1, 1); got != GoOn {
		t.Errorf("asha: got %v for a trial within the noise of the best third", got)
	}
	if got := (ASHA{First: 1, Reduction: 3}).Verdict(f, 2, 1); got != Pause {
		t.Errorf("asha: got %v for a trial that is worse", got)
	}
	f = field(1, 1, 1, 1, 1, 1.05)
	f.Noise = 0.1
	if got := (Median{First: 1, Startup: 5}).Verdict(f, 5, 1); got != GoOn {
		t.Errorf("median: got %v", got)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	m := Median{First: 1, Startup: 5}
	f := field(1, 2, 3, 4, 5, 3.5)
	if got := m.Verdict(f, 5, 1); got != End {
		t.Errorf("worse than the median: got %v, want End", got)
	}
	if got := m.Verdict(f, 1, 1); got != GoOn {
		t.Errorf("better: got %v, want GoOn", got)
	}
	if got := m.Verdict(field(1, 2, 3, 4, 9), 4, 1); got != GoOn {
		t.Errorf("four others are too few: got %v", got)
	}
}

// scipy.stats.permutation_test((d,), np.sum, permutation_type="samples",
// alternative="greater") gives these.
func TestSignFlips(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d    []float64
		want float64
	}{
		{[]float64{1}, 0.5}, // SciPy wants two at least
		{[]float64{1, 2, 3}, 0.125}, {[]float64{1, -2, 3}, 0.375}, {[]float64{0.5, 0.1, -0.2, 0.4, 0.3}, 0.09375},
	} {
		if got := signFlips(c.d); got != c.want {
			t.Errorf("%v: got %v, want %v", c.d, got, c.want)
		}
	}
}

func TestPaired(t *testing.T) {
	t.Parallel()
	best := map[int]float64{0: 0.5, 1: 0.7, 2: 0.3, 3: 0.9}
	worse := map[int]float64{0: 0.52, 1: 0.73, 2: 0.31, 3: 0.93}
	p := Paired{P: 0.1}
	if !p.Hopeless(worse, best, 0) {
		t.Error("worse in each of four folds: want hopeless")
	}
	if p.Hopeless(worse, best, 0.05) {
		t.Error("within the noise: want not hopeless")
	}
	if p.Hopeless(map[int]float64{0: 0.9, 1: 0.9}, best, 0) {
		t.Error("two folds prove nothing at 0.1")
	}
	if p.Hopeless(nil, best, 0) {
		t.Error("nothing in common proves nothing")
	}
}

// Every rule answers on an empty field, and none lets a sweep wait for ever.
func TestStoppersContract(t *testing.T) {
	t.Parallel()
	all, err := Stoppers.Examples()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if trial, ok := one.Part.Resume(Field{}, 9, true); ok {
			t.Errorf("%s resumed trial %d of none", one.Name, trial)
		}
		f := Field{Tracks: []Track{{Trial: 4, Values: []float64{1}, Paused: true}}}
		if trial, ok := one.Part.Resume(f, 9, true); !ok || trial != 4 {
			t.Errorf("%s: got %d %v for the only paused trial at the end", one.Name, trial, ok)
		}
		asks := one.Part.Asks(30)
		if !slices.IsSorted(asks) || slices.ContainsFunc(asks, func(e int) bool { return e < 1 || e >= 30 }) {
			t.Errorf("%s asks after %v of 30", one.Name, asks)
		}
		if !reflect.DeepEqual(asks, one.Part.Asks(30)) {
			t.Errorf("%s: asks vary", one.Name)
		}
	}
}

// An objective that does not exist in some epoch, such as the AUROC of one class, is
// neither good nor bad; without any a trial is the worst.
func TestStoppersWithoutNumbers(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	f := Field{}
	for i, values := range [][]float64{{nan, 5}, {nan, nan}, {2, nan}, {4, 4}, {nan, 1}, {6, 6}} {
		f.Tracks = append(f.Tracks, Track{Trial: i, Values: values, Paused: true})
	}
	a := ASHA{First: 2, Reduction: 3}
	if got := a.promotable(f, 2, false); !slices.Equal(got, []int{4, 2}) {
		t.Errorf("the best two of six: got %v, want 4 and 2", got)
	}
	if got := a.promotable(f, 2, true); len(got) != 2 {
		t.Errorf("closing: got %v", got)
	}
	m := Median{First: 1, Startup: 3} // the medians of the others' means lie at 4 or 5
	for trial, want := range []Verdict{End, End, GoOn, GoOn, GoOn, End} {
		if got := m.Verdict(f, trial, 2); got != want {
			t.Errorf("median, trial %d: got %v, want %v", trial, got, want)
		}
	}
}
