package statistics

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"testing"

	"vertebra/stages/stage"
)

type reference struct {
	Name                  string
	Value                 float64
	Replicates, Jackknife []float64
	Want                  map[string][2]float64
}

// TestSciPyAgrees: given the same replicates, the intervals are those of
// scipy.stats.bootstrap.
func TestSciPyAgrees(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Intervals []reference }
	if err := json.Unmarshal(text, &all); err != nil || len(all.Intervals) == 0 {
		t.Fatal(len(all.Intervals), err)
	}
	for _, r := range all.Intervals {
		for _, level := range []float64{0.95, 0.8} {
			for method, jackknife := range map[string][]float64{"BCa": r.Jackknife, "percentile": nil} {
				low, high := Sample{Value: r.Value, Replicates: r.Replicates, Jackknife: jackknife}.Interval(level)
				want := r.Want[fmt.Sprint(method, " ", level)]
				if !(math.Abs(low-want[0]) < 1e-9) || !(math.Abs(high-want[1]) < 1e-9) {
					t.Errorf("%s, %s %v: got %v to %v, SciPy has %v", r.Name, method, level, low, high, want)
				}
			}
		}
	}
}

// TestPValueIsThatOfTheInterval: the interval of level 1−p ends at zero, those of lower levels
// lie beside it, and those of higher ones hold it; also where resamples are biased.
func TestPValueIsThatOfTheInterval(t *testing.T) {
	t.Parallel()
	ones, others := 0, 0
	for at := range 300 {
		r := stage.Rand(4, "p", at)
		s := Sample{Value: 0.6 * r.NormFloat64(), Clusters: []int{0, 12, 500}[at%3]}
		bias := []float64{0, 1.5}[at%2] * r.NormFloat64()
		for i := range 4001 {
			v := float64((i*1234)%4001-2000) / 1000
			s.Replicates = append(s.Replicates, s.Value+bias+v+0.1*v*v)
		}
		p := s.PValue()
		switch low, high := s.Interval(1 - p); {
		case p < 0.01:
			continue // zero lies at the very end of the replicates
		case p == 1:
			ones++
		case !(min(math.Abs(low), math.Abs(high)) < 0.005):
			t.Errorf("value %v, bias %v: p %v, but that interval is %v to %v", s.Value, bias, p, low, high)
		default:
			others++
		}
		for _, level := range []float64{0.2, 0.8, 0.95} {
			low, high := s.Interval(level)
			if holds := low <= 0 && high >= 0; math.Abs(p-(1-level)) > 0.01 && holds != (p > 1-level) {
				t.Errorf("value %v, bias %v: p %v, but the interval of %v is %v to %v", s.Value, bias, p, level, low, high)
			}
		}
	}
	if ones < 20 || others < 100 {
		t.Errorf("only %d times 1, and %d times less", ones, others)
	}
}

// TestFewClusters: percentiles are widened as Student's t is, and a p grows as much. SciPy:
// 1000*norm.cdf(-w*t.ppf(0.75, n-1)) and 2*t.cdf(norm.ppf(0.1)/w, n-1), w = sqrt(n/(n-1)).
func TestFewClusters(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][2]float64{
		0: {250, 0.2}, 2: {78.64960352514251, 0.5313036072007153}, 3: {158.65525393145708, 0.40520678814051386}, 12: {233.16666960361877, 0.24543910994527604},
	} {
		s := Sample{Value: 500, Clusters: n}
		for i := range 1001 {
			s.Replicates = append(s.Replicates, float64((i*10)%1001))
		}
		if low, high := s.Interval(0.5); !(math.Abs(low-want[0]) < 1e-9) || !(math.Abs(high-1000+want[0]) < 1e-9) {
			t.Errorf("%d clusters: %v to %v, want %v", n, low, high, want[0])
		}
		for _, sign := range []float64{1, -1} { // a tenth of the replicates is beyond zero
			shifted := Sample{Value: sign * 400, Clusters: n, Replicates: slices.Clone(s.Replicates[:1000])}
			for i := range shifted.Replicates {
				shifted.Replicates[i] = sign * (float64(i) - 99.5)
			}
			if p := shifted.PValue(); !(math.Abs(p-want[1]) < 1e-9) {
				t.Errorf("%d clusters: p %v, want %v", n, p, want[1])
			}
		}
	}
}

// TestAllOnOneSide: 50 resamples without a contrary one tell no more than 1 in 50, where nothing
// is known of clusters; of clusters, what Student's t says of the value, in SciPy
// 2*t.sf(6 / 1.516047 * sqrt(9/10), 9).
func TestAllOnOneSide(t *testing.T) {
	t.Parallel()
	for _, sign := range []float64{1, -1} {
		s := Sample{Value: sign * 6}
		for i := range 50 {
			s.Replicates = append(s.Replicates, sign*(6+2.6*(float64(i)-24.5)/25))
		}
		if p := s.PValue(); !(math.Abs(p-0.02) < 1e-9) {
			t.Errorf("p %v, want 0.02", p)
		}
		s.Clusters = 10
		if p, spread := s.PValue(), StandardDeviation(s.Replicates); !(math.Abs(spread-1.516047) < 1e-6) || !(math.Abs(p-0.0045227) < 1e-7) {
			t.Errorf("spread %v, p %v", spread, p)
		}
		if s.Clusters = 1; !(math.Abs(s.PValue()-0.02) < 1e-9) {
			t.Errorf("p %v of one cluster", s.PValue())
		}
		// no resample differs: as few as 10 groups may all lie on one side by chance
		if p := (Sample{Value: sign, Clusters: 10, Replicates: []float64{sign, sign, sign}}).PValue(); p != 1/512.0 {
			t.Errorf("p %v without spread", p)
		}
		if p := (Sample{Value: -sign, Clusters: 10, Replicates: []float64{sign, 2 * sign, sign}}).PValue(); p != 1 {
			t.Errorf("p %v, although the value is on the other side", p)
		}
	}
}

func TestNumbersThatDoNotExist(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, s := range []Sample{
		{}, {Value: nan, Replicates: []float64{1, 2, 3}}, {Value: 1, Replicates: []float64{nan, nan, 1}}, {Value: 1},
	} {
		if low, high := s.Interval(0.95); !math.IsNaN(low) || !math.IsNaN(high) || !math.IsNaN(s.PValue()) {
			t.Errorf("%v: got %v to %v, p %v", s, low, high, s.PValue())
		}
	}
	most := Sample{Value: 2, Replicates: []float64{2, 2, nan, 2, 2.5}}
	if low, high := most.Interval(0.95); low != 2 || !(high > 2.4) {
		t.Errorf("got %v to %v", low, high)
	}
	if p := (Sample{Replicates: make([]float64, 10)}).PValue(); p != 1 {
		t.Errorf("no difference at all has p %v", p)
	}
}

// TestSkewBeyondTheFormula: ends stay within the replicates.
func TestSkewBeyondTheFormula(t *testing.T) {
	t.Parallel()
	s := Sample{Value: 9, Replicates: []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Jackknife: append(make([]float64, 1), 1000)}
	s.Jackknife = append(s.Jackknife, make([]float64, 5)...)
	if low, high := s.Interval(0.99); low < 1 || high > 10 || low > high {
		t.Errorf("got %v to %v", low, high)
	}
}

func sumOf(values []float64) Statistic {
	return func(weights []float64) []float64 {
		sum, n := 0.0, 0.0
		for i, w := range weights {
			sum += w * values[i]
			n += w
		}
		return []float64{sum / n, n}
	}
}

// TestIntervalHoldsTheValue: resamples of which all lie on one side.
func TestIntervalHoldsTheValue(t *testing.T) {
	t.Parallel()
	s := Sample{Value: 0.4, Replicates: make([]float64, 1000)}
	for at := range 6 {
		sign := float64(2*(at%2) - 1)
		s.Jackknife = [][]float64{{0.4, 0.4, 0.4, 0.41}, {0.4, 0.4}, {0.39, 0.4, 0.4, 0.4}}[at/2]
		for i := range s.Replicates {
			s.Replicates[i] = 0.4 + sign*(0.01+0.1*float64(i)/1000)
		}
		if low, high := s.Interval(0.95); low > s.Value || high < s.Value || high-low < 0.1 {
			t.Errorf("got %v to %v, which does not hold %v", low, high, s.Value)
		}
	}
}

// TestIntervalOfNoSpread: what is the same in all resamples, such as an accuracy of 1, has no
// interval: of 15 patients of whom 1 in 20 has a mistake, 46 % of samples have none.
func TestIntervalOfNoSpread(t *testing.T) {
	t.Parallel()
	covered, without := 0, 0
	for sample := range 400 {
		r := stage.Rand(1, "mistakes", sample)
		right := make([]float64, 15)
		for i := range right {
			if r.Float64() > 0.05 {
				right[i] = 1
			}
		}
		s := Sample{Value: Mean(right), Clusters: len(right)}
		for range 200 {
			sum := 0.0
			for range right {
				sum += right[r.IntN(len(right))] / float64(len(right))
			}
			s.Replicates = append(s.Replicates, math.Round(sum*15)/15)
		}
		switch low, high := s.Interval(0.95); {
		case s.Constant() != math.IsNaN(low):
			t.Fatalf("%v: %v to %v", s.Value, low, high)
		case s.Constant():
			without++
		case low <= 0.95 && high >= 0.95:
			covered++
		}
	}
	if !(math.Abs(float64(without)/400-0.46) <= 0.06) || float64(covered) < 0.9*float64(400-without) {
		t.Errorf("%d of 400 without an interval, %d of the others hold the true number", without, covered)
	}
}

// TestClustersStayTogether: items of one cluster always have one weight, and
// the clusters drawn are as many as there are.
func TestClustersStayTogether(t *testing.T) {
	t.Parallel()
	keys := []string{"a", "b", "a", "c", "b", "a"}
	p := Plan{Clusters: NewClusters(keys), Resamples: 50, Seed: 3, Purpose: "test", Workers: 3}
	rows, err := p.Replicates(t.Context(), Statistic(slices.Clone[[]float64]).OfItems())
	if err != nil {
		t.Fatal(err)
	}
	moved := false
	for i := range p.Resamples {
		if rows[0][i] != rows[2][i] || rows[0][i] != rows[5][i] || rows[1][i] != rows[4][i] || rows[0][i]+rows[1][i]+rows[3][i] != 3 {
			t.Fatalf("resample %d tears clusters apart", i)
		}
		moved = moved || rows[0][i] != 1
	}
	if !moved {
		t.Error("nothing is drawn")
	}
	left, err := p.Jackknife(t.Context(), Statistic(slices.Clone[[]float64]).OfItems())
	if err != nil || !reflect.DeepEqual(left[0], []float64{0, 1, 1}) || !reflect.DeepEqual(left[3], []float64{1, 1, 0}) {
		t.Errorf("got %v, %v", left, err)
	}
}

// TestWorkersChangeNothing: not by one bit.
func TestWorkersChangeNothing(t *testing.T) {
	t.Parallel()
	values := make([]float64, 300)
	for i := range values {
		values[i] = stage.Rand(1, "value", i).NormFloat64()
	}
	var first [][]float64
	for _, workers := range []int{0, 1, 5} {
		p := Plan{Clusters: Single(300), Resamples: 40, Seed: 9, Purpose: "x", Workers: workers}
		got, err := p.Replicates(t.Context(), sumOf(values).OfItems())
		if err != nil || first != nil && !reflect.DeepEqual(first, got) {
			t.Errorf("%d workers give other numbers (%v)", workers, err)
		}
		first = got
	}
}

func TestManyClustersAreLeftOutInBlocks(t *testing.T) {
	t.Parallel()
	p := Plan{Clusters: Single(1000), Workers: 2}
	left, err := p.Jackknife(t.Context(), sumOf(make([]float64, 1000)).OfItems())
	if err != nil || len(left[1]) != blocks {
		t.Fatal(len(left[1]), err)
	}
	total := 0.0
	for _, n := range left[1] {
		total += 1000 - n
	}
	if total != 1000 {
		t.Errorf("%v items are left out, want each once", total)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Plan{Clusters: Single(3), Resamples: 5}).Replicates(ctx, sumOf(make([]float64, 3)).OfItems()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestIntervalsHold: of 400 samples of 40 skewed numbers, the 90 % interval of
// the mean holds the true one about as often as it says.
func TestIntervalsHold(t *testing.T) {
	t.Parallel()
	const samples, n = 400, 40
	inside := 0
	for s := range samples {
		r, values := stage.Rand(5, "sample", s), make([]float64, n)
		for i := range values {
			values[i] = r.ExpFloat64()
		}
		p := Plan{Clusters: Single(n), Resamples: 400, Seed: uint64(s), Purpose: "x", Workers: 1}
		replicates, err := p.Replicates(t.Context(), sumOf(values).OfItems())
		if err != nil {
			t.Fatal(err)
		}
		jackknife, err := p.Jackknife(t.Context(), sumOf(values).OfItems())
		if err != nil {
			t.Fatal(err)
		}
		low, high := Sample{Mean(values), replicates[0], jackknife[0], n}.Interval(0.9)
		if low <= 1 && 1 <= high {
			inside++
		}
	}
	if share := float64(inside) / samples; share < 0.86 || share > 0.94 {
		t.Errorf("%.3f of the intervals hold the true mean, want 0.9", share)
	}
}

// TestSeedSpread: with several runs in both arms the interval of a difference
// that no case causes is as wide as Student's t of the values says.
func TestSeedSpread(t *testing.T) {
	t.Parallel()
	flat := func(values ...float64) Arm {
		a := Arm{Values: values}
		for _, v := range values {
			row := make([]float64, 20_000)
			for i := range row {
				row[i] = v
			}
			a.Replicates = append(a.Replicates, row)
		}
		return a
	}
	a, b := flat(1, 2, 3), flat(5, 6, 7)
	low, high := Difference(a, b, 0, 1).Interval(0.95)
	// Welch: 4 ± t(0.975, 4) · sqrt(1/3 + 1/3) = 4 ± 2.776445 · 0.816497
	if !(math.Abs(low-(4-2.26696)) < 0.05) || !(math.Abs(high-(4+2.26696)) < 0.05) {
		t.Errorf("got %v to %v, want 4 ± 2.267", low, high)
	}
	// SciPy's ttest_ind with equal_var=False: its df, and the difference over its statistic
	if noise, freedom := seedNoise([]float64{0.7, 0.9, 0.6, 0.75}, []float64{0.5, 0.8}); !(math.Abs(noise-0.1625) < 1e-12) || !(math.Abs(freedom-1.3636624066971175) < 1e-12) {
		t.Errorf("standard error %v with %v degrees of freedom", noise, freedom)
	}
	if noise, _ := seedNoise([]float64{1, 2}, []float64{3}); noise != 0 {
		t.Errorf("one run has a spread of %v", noise)
	}
	if d := Difference(flat(3, 3), flat(4, 4), 0, 1); slices.Min(d.Replicates) != 1 || slices.Max(d.Replicates) != 1 {
		t.Errorf("runs that do not differ spread from %v to %v", slices.Min(d.Replicates), slices.Max(d.Replicates))
	}
	one := Difference(flat(1), b, 0, 1)
	if low, high := one.Interval(0.95); one.Value != 5 || !math.IsNaN(low) || !math.IsNaN(high) {
		t.Errorf("with one run the spread is unknown; got %v, %v to %v", one.Value, low, high)
	}
	if got := StandardDeviation([]float64{1, 2, 3}); got != 1 {
		t.Errorf("got %v", got)
	}
}
