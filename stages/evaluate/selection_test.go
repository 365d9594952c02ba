package evaluate

import (
	"fmt"
	"math"
	"testing"

	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// Twenty contenders of equal skill: the best of them looks better than they are,
// and the corrected number is about what they are. Over ten such simulations.
func TestSelectCorrectsTheWinner(t *testing.T) {
	t.Parallel()
	var apparent, corrected, truth []float64
	for pair := range 10 {
		var all []Contender
		mean := 0.0
		for k := range 20 {
			name := fmt.Sprint("c", k)
			run := trial{pair: pair, patients: 40}.run(name)
			all = append(all, contender(name, run))
		}
		q := question("loss", 100, all...)
		got, err := Select(t.Context(), stage.Env{Seed: 4}, q)
		if err != nil {
			t.Fatal(err)
		}
		c := compare(t, q)
		mean = c.Pairs[0].Primary.A
		for _, p := range c.Pairs {
			mean += p.Primary.B
		}
		mean /= 20
		apparent, corrected, truth = append(apparent, got.Apparent), append(corrected, got.Corrected.Value), append(truth, mean)
		if got.Corrected.Low > got.Corrected.Value || got.Corrected.High < got.Corrected.Value || got.Groups != 40 {
			t.Errorf("got %+v", got)
		}
	}
	a, k, m := statistics.Mean(apparent), statistics.Mean(corrected), statistics.Mean(truth)
	if a > m-0.02 {
		t.Errorf("the best of twenty has a loss of %.4f, all of them %.4f: no optimism to correct", a, m)
	}
	if !(math.Abs(k-m) <= 0.5*(m-a)) {
		t.Errorf("corrected to %.4f from %.4f; all have %.4f", k, a, m)
	}
}

// One that is truly better is chosen, and hardly corrected.
func TestSelectFindsTheBetter(t *testing.T) {
	t.Parallel()
	q := question("loss", 100, contender("a", trial{patients: 60}.run("a")), contender("b", trial{patients: 60, skill: 2}.run("b")))
	got, err := Select(t.Context(), stage.Env{Seed: 4}, q)
	if err != nil || got.Best != "b" || !(got.Chosen["b"] >= 0.99) || !near(got.Chosen["a"]+got.Chosen["b"], 1) || !(math.Abs(got.Corrected.Value-got.Apparent) <= 0.03) {
		t.Errorf("%v: got %+v", err, got)
	}
}
