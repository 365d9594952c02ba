package evaluate

import (
	"fmt"
	"math"
	"testing"

	"vertebra/stages/stage"
)

// BenchmarkCoverageOfPatients is the simulation of docs/results.md: thresholds from some patients
// of 25 cases, whose errors have a part in common, and 500 cases of 100 others. For the table:
// go test -run '^$' -bench CoverageOfPatients -benchtime 1x ./stages/evaluate
func BenchmarkCoverageOfPatients(b *testing.B) {
	const splits = 400
	for _, n := range []int{12, 20, 50, 200} {
		for _, unit := range []string{"groups", "cases"} {
			for _, guarantee := range []string{"marginal", "class_conditional"} {
				c := lacSets(0.9)
				c.Exchangeable, c.Guarantee = unit, guarantee
				b.Run(fmt.Sprintf("%d/%s/%s", n, unit, guarantee), func(b *testing.B) {
					var covered, low, size, rare float64
					for b.Loop() {
						covered, low, size, rare = 0, 0, 0, 0
						for split := range uint64(splits) {
							p, err := prepare(classes, patients(split, n, 25))
							if err != nil {
								b.Fatal(err)
							}
							v := setNumbers{c.fit(p, 1), classes}.Values(Predictions{Classes: classes, Items: patients(splits+split, 100, 5)})
							covered, size, rare = covered+v[0]/splits, size+v[1]/splits, rare+v[len(setScalars())+4]/splits
							if v[0] < 0.85 {
								low += 1.0 / splits
							}
						}
					}
					b.ReportMetric(100*covered, "%covered")
					b.ReportMetric(100*low, "%below85")
					b.ReportMetric(size, "classes/set")
					b.ReportMetric(100*rare, "%ofrarest")
				})
			}
		}
	}
}

// patients are cases of three grades of a latent number (proportional odds). The net knows it
// but for what is the patient's own.
func patients(seed uint64, n, each int) (items []stage.Prediction) {
	below := func(edge, v float64) float64 { return 1 / (1 + math.Exp(v-edge)) }
	grades := func(v float64) []float64 {
		a, ab := below(0.8, v), below(2.2, v)
		return []float64{a, ab - a, 1 - ab}
	}
	for g := range n {
		r := stage.Rand(seed, "patients", g)
		own := r.NormFloat64()
		for c := range each {
			v := 1.5 * r.NormFloat64()
			chances, u, label := grades(v+own), r.Float64(), 0
			for label < 2 && u > chances[label] {
				u, label = u-chances[label], label+1
			}
			items = append(items, stage.Prediction{CaseID: fmt.Sprintf("%d-%d-%d", seed, g, c), Group: fmt.Sprint(g), Label: label, Probabilities: grades(v)})
		}
	}
	return items
}
