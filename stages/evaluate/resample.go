package evaluate

import "vertebra/stages/statistics"

// resample is what a bootstrap drew of whole clusters. Sums over the items of each cluster are
// worked out once and weighed in each resample: that is what makes 2,000 resamples
// of 50,000 predictions a matter of seconds.
type resample struct {
	statistics.Drawn
	clusters statistics.Clusters
	sums     *memo // within each cluster, for all resamples
}

// drawn gives the same items with the weights of a resample. What no weight changes
// is shared with p.
func (p Predictions) drawn(d *resample) Predictions {
	p.Weights, p.draw, p.sums = nil, d, newMemo()
	return p
}

// clustered makes a statistic of the sheet: all numbers of all metrics.
func (s sheet) clustered(of statistics.Clusters) statistics.OfDrawn {
	within := newMemo()
	return func(d statistics.Drawn) (all []float64) {
		p := s.p.drawn(&resample{d, of, within})
		for _, m := range s.metrics {
			all = append(all, p.values(m.Part)...)
		}
		return all
	}
}

// of gives what was drawn of each target: the same clusters, and in them its own items.
func (d *resample) of(members []member) []*resample {
	each := once(d.sums, membersKey{}, func() []resample {
		each := make([]resample, len(members))
		for i, m := range members {
			each[i] = resample{clusters: d.clusters.Pick(m.at), sums: newMemo()}
		}
		return each
	})
	out := make([]*resample, len(members))
	for i, r := range each {
		out[i] = &resample{d.Drawn.Of(r.clusters), r.clusters, r.sums}
	}
	return out
}

// total is the sum of all weights.
func (d *resample) total() float64 {
	return dot(d.Clusters, once(d.sums, totalKey{}, d.clusters.Sizes))
}

// sum is the weighted sum of a number of each item. The same slice always holds the
// same numbers: it comes of Predictions.each.
func (d *resample) sum(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return dot(d.Clusters, once(d.sums, &values[0], func() []float64 { return d.clusters.Sums(values) }))
}

// counts weighs a confusion matrix of each cluster, or each item where there are so
// many clusters that this is faster.
func (d *resample) counts(cells []int32, all int) []float64 {
	n, flat := d.clusters.Len(), make([]float64, all)
	if n*all > len(cells) {
		for i, cell := range cells {
			flat[cell] += d.Clusters[d.clusters.Of(i)]
		}
		return flat
	}
	each := once(d.sums, countsKey{}, func() []float64 {
		each := make([]float64, n*all)
		for i, cell := range cells {
			each[d.clusters.Of(i)*all+int(cell)]++
		}
		return each
	})
	for c, w := range d.Clusters {
		if w == 0 {
			continue
		}
		for k, v := range each[c*all : (c+1)*all] {
			flat[k] += w * v
		}
	}
	return flat
}

func dot(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
