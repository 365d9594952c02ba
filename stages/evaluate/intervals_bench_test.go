package evaluate

import (
	"fmt"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// BenchmarkCoverageOfIntervals is the simulation of docs/results.md: how many of 1,000 intervals
// at 95 % of patients with five cases each hold the number of a population. For the table:
// go test -run '^$' -bench CoverageOfIntervals -benchtime 1x ./stages/evaluate
func BenchmarkCoverageOfIntervals(b *testing.B) {
	const samples = 1000
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss", Part: LogLoss{}}, {Name: "accuracy", Part: Accuracy{}}, {Name: "f1", Part: F1{Average: macro}}, {Name: "auroc", Part: AUROC{}}}}
	whole, err := prepare(classes, patients(samples, 20_000, 5))
	if err != nil {
		b.Fatal(err)
	}
	truth, names := sheet{whole, cfg.Metrics}.values(nil), sheet{whole, cfg.Metrics}.names()
	for _, n := range []int{8, 15, 40, 100} {
		for _, method := range []string{"bca", "percentile"} {
			i := Intervals{Level: 0.95, Resamples: 1000, Method: method, Draw: "groups"}
			b.Run(fmt.Sprintf("%d/%s", n, method), func(b *testing.B) {
				held, of := make([]float64, len(truth)), make([]float64, len(truth))
				for b.Loop() {
					clear(held)
					clear(of)
					for sample := range uint64(samples) {
						p, err := prepare(classes, patients(sample, n, 5))
						if err != nil {
							b.Fatal(err)
						}
						found, err := i.intervals(b.Context(), stage.Env{Seed: sample, Workers: 2}, "coverage", sheet{p, cfg.Metrics})
						if err != nil {
							b.Fatal(err)
						}
						for at, name := range names {
							if on := found[name.Name]; on != nil {
								of[at]++
								if on.Low <= truth[at] && truth[at] <= on.High {
									held[at]++
								}
							}
						}
					}
				}
				for at, name := range names {
					b.ReportMetric(100*held[at]/of[at], "%"+name.Name)
				}
			})
		}
	}
}
