package statistics

import (
	"cmp"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"vertebra/stages/stage"
)

// drawnOf makes samples with replicates around the values: numbers 2 and 3 are nearly the
// same, the others independent.
func drawnOf(values ...float64) (all []Sample, p []float64) {
	const resamples = 2000
	for k, v := range values {
		s := Sample{Value: v}
		for b := range resamples {
			own, shared := stage.Rand(1, "own", k, b).NormFloat64(), stage.Rand(1, "shared", b).NormFloat64()
			if k == 2 || k == 3 {
				own = 0.999*shared + 0.04*own
			}
			s.Replicates = append(s.Replicates, v+own)
		}
		all, p = append(all, s), append(p, s.PValue())
	}
	return all, p
}

// adjusted is R's p.adjust, method holm.
func adjusted(p []float64) []float64 {
	out, order := slices.Clone(p), []int{}
	for k := range p {
		order = append(order, k)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	largest := 0.0
	for rank, k := range order {
		largest = max(largest, min(1, p[k]*float64(len(p)-rank)))
		out[k] = largest
	}
	return out
}

// Of independent numbers it says what Holm's correction says; numbers that say the same
// count as one.
func TestJoint(t *testing.T) {
	t.Parallel()
	all, p := drawnOf(2.6, -2.3, 2.5, 2.5, 0.3)
	got, holm := Joint(all, p), adjusted(p)
	independent := Joint([]Sample{all[0], all[1], all[4]}, []float64{p[0], p[1], p[4]})
	for i, want := range adjusted([]float64{p[0], p[1], p[4]}) {
		if !(math.Abs(independent[i]-want) <= 0.2*want) {
			t.Errorf("independent number %d: p is %.4f, Holm's %.4f", i, independent[i], want)
		}
	}
	two := Joint(all[2:4], p[2:4])
	if two[0] < p[2] || two[0] > 1.3*max(p[2], p[3]) || two[1] > 1.3*max(p[2], p[3]) {
		t.Errorf("equal numbers: p %v became %v", p[2:4], two)
	}
	for i := range got {
		if got[i] < p[i] || got[i] > 1.15*holm[i]+0.001 {
			t.Errorf("number %d: p is %.4f alone, %.4f corrected, %.4f by Holm", i, p[i], got[i], holm[i])
		}
	}
	if alone := Joint(all[:1], p[:1]); alone[0] != p[0] {
		t.Errorf("one number: %v became %v", p[0], alone[0])
	}
}

// TestBeyondTheResamples: of few clusters the last replicate is not far out; what lies far
// beyond it is told apart all the same, by how far that is, but never by more than so few
// clusters can tell.
func TestBeyondTheResamples(t *testing.T) {
	t.Parallel()
	var all []Sample
	var p []float64
	for k := range 12 {
		s := Sample{Value: 4.5, Clusters: 12}
		for b := range 2000 {
			s.Replicates = append(s.Replicates, s.Value+min(3.4, max(-3.4, stage.Rand(2, "far", k, b).NormFloat64())))
		}
		all, p = append(all, s), append(p, s.PValue())
	}
	// SciPy: 2 * t(11).sf(4.5 * sqrt(11 / 12)) is 0.00120
	if !(math.Abs(p[0]-0.0012) <= 0.0002) {
		t.Errorf("got p = %v, want Student's 0.0012", p[0])
	}
	for _, corrected := range Joint(all, p) {
		if corrected < p[0] || corrected > 0.05 {
			t.Errorf("corrected p is %v, want a difference of 4.5 standard errors told apart", corrected)
		}
	}
	all[0].Value, all[0].Clusters = 400, 8
	for b := range all[0].Replicates {
		all[0].Replicates[b] += 395.5
	}
	if got, want := all[0].PValue(), 1/128.0; got != want {
		t.Errorf("got p = %v of 8 clusters, want %v", got, want)
	}
	corrected := Joint(all[:2], []float64{1e-5, 0.3})
	if corrected[0] != 2e-5 {
		t.Errorf("got %v, want Holm's 2e-5, where resamples see no further than 5e-4", corrected)
	}
}

// A number that does not exist does not count, nor does a resample without it.
func TestJointOfNumbersThatDoNotExist(t *testing.T) {
	t.Parallel()
	all, p := drawnOf(2.6, -2.3)
	holes := all[1]
	holes.Replicates = append([]float64{math.NaN(), math.NaN()}, holes.Replicates[2:]...)
	none := Sample{Value: math.NaN(), Replicates: make([]float64, len(holes.Replicates))}
	got := Joint([]Sample{all[0], holes, none}, []float64{p[0], p[1], math.NaN()})
	want := Joint(all, p)
	if !(math.Abs(got[0]-want[0]) <= 0.002) || !(math.Abs(got[1]-want[1]) <= 0.002) || !math.IsNaN(got[2]) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestJointReference: the numbers of a script that follows the definition.
func TestJointReference(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Joint []struct {
			Name       string
			P, Want    []float64
			Replicates [][]*float64
		}
	}
	if err := json.Unmarshal(text, &all); err != nil || len(all.Joint) == 0 {
		t.Fatal(len(all.Joint), err)
	}
	for _, c := range all.Joint {
		samples, p, want := []Sample{}, append(c.P, math.NaN()), append(c.Want, math.NaN())
		for _, row := range append(c.Replicates, make([]*float64, 60)) {
			var s Sample
			for _, v := range row {
				if v == nil {
					v = new(math.NaN())
				}
				s.Replicates = append(s.Replicates, *v)
			}
			samples = append(samples, s)
		}
		got := Joint(samples, p)
		for k := range want {
			if !(math.Abs(got[k]-want[k]) < 1e-12) && !(math.IsNaN(want[k]) && math.IsNaN(got[k])) {
				t.Errorf("%s, number %d: %v became %v, want %v", c.Name, k, p[k], got[k], want[k])
			}
		}
	}
}
