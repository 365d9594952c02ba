package evaluate

import (
	"slices"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// TestClustersChangeNothing: numbers from sums within clusters are those from
// weights of items, for every metric, few and many clusters, resample after resample.
func TestClustersChangeNothing(t *testing.T) {
	t.Parallel()
	everyMetric(t, func(t *testing.T, name string, m Metric) {
		for _, draw := range []string{"groups", "cases"} {
			p, err := prepare(classes, some(180))
			if err != nil {
				t.Fatal(err)
			}
			i := Intervals{Draw: draw}
			of := i.clusters(p)
			s := sheet{p, []registry.One[Metric]{{Name: name, Part: m}}}
			statistic := s.clustered(of)
			for turn := range 4 {
				d := statistics.Drawn{Clusters: make([]float64, of.Len())}
				for c := range d.Clusters {
					d.Clusters[c] = float64(stage.Rand(3, "w", turn, c).IntN(3))
				}
				weights := of.Weights(d.Clusters)
				d.Items = func() []float64 { return weights }
				if got, want := statistic(d), s.values(weights); !slices.EqualFunc(got, want, near) {
					t.Errorf("%s, turn %d: got %v, want %v", draw, turn, got, want)
				}
			}
		}
	})
}
