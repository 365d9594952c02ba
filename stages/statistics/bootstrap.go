package statistics

import (
	"context"
	"sync"
	"sync/atomic"

	"vertebra/stages/stage"
)

// Statistic computes numbers of items that count with the given weights, one
// for each item. It is called from several goroutines at once and must not keep
// the weights.
type Statistic func(weights []float64) []float64

// OfItems makes it one of what was drawn.
func (s Statistic) OfItems() OfDrawn { return func(d Drawn) []float64 { return s(d.Items()) } }

// Drawn are the weights of one resample, not to be kept. All items of a cluster have
// its weight, so sums over the items of each cluster, made once, are enough for many
// statistics; others ask for Items.
type Drawn struct {
	Clusters []float64
	// Items gives a weight for each item, and makes them when first asked.
	Items func() []float64
	room  *room
}

// Of gives the same draw of other items in the same clusters; see Clusters.Pick.
func (d Drawn) Of(c Clusters) Drawn {
	return Drawn{Clusters: d.Clusters, Items: d.room.items(c, d.Clusters), room: d.room}
}

// OfDrawn is a Statistic that knows the clusters. It is called from several
// goroutines at once.
type OfDrawn func(d Drawn) []float64

// Plan says how often items are drawn again. Everything drawn is a pure
// function of the seed, the purpose and the number of the resample, so the
// number of workers changes nothing.
type Plan struct {
	Clusters  Clusters
	Resamples int
	Seed      uint64
	Purpose   string // names the random stream, as in stage.Rand
	Workers   int    // goroutines; at least 1
}

// Replicates gives the numbers of each resample: as many clusters as there are,
// drawn with replacement, each with all its items (Davison and Hinkley 1997,
// section 3.8). The result is [number][resample], as Statistic numbers them.
func (p Plan) Replicates(ctx context.Context, statistic OfDrawn) ([][]float64, error) {
	return p.each(ctx, p.Resamples, statistic, func(resample int, weights []float64) {
		clear(weights)
		r := stage.Rand(p.Seed, p.Purpose, resample)
		for range weights {
			weights[r.IntN(len(weights))]++
		}
	})
}

// blocks is how many groups of clusters are left out in turn when there are
// more clusters than that: what is estimated from them, a skewness, changes
// little, and the time does.
const blocks = 400

// Jackknife gives the numbers without each cluster in turn; of more than 400
// clusters, without each of 400 groups of them. The result is [number][left out].
func (p Plan) Jackknife(ctx context.Context, statistic OfDrawn) ([][]float64, error) {
	n := min(p.Clusters.count, blocks)
	return p.each(ctx, n, statistic, func(out int, weights []float64) {
		for i := range weights {
			weights[i] = 1
			if i*n/len(weights) == out {
				weights[i] = 0
			}
		}
	})
}

// each computes the statistic n times with weights of the clusters from fill.
func (p Plan) each(ctx context.Context, n int, statistic OfDrawn, fill func(i int, clusters []float64)) ([][]float64, error) {
	rows := make([][]float64, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range max(1, min(p.Workers, n)) {
		all.Go(func() {
			d, renew := p.Clusters.drawn()
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				fill(i, d.Clusters)
				renew()
				rows[i] = statistic(d)
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return transposed(rows), nil
}

func transposed(rows [][]float64) [][]float64 {
	if len(rows) == 0 {
		return nil
	}
	out := make([][]float64, len(rows[0]))
	for j := range out {
		out[j] = make([]float64, len(rows))
		for i, row := range rows {
			out[j][i] = row[j]
		}
	}
	return out
}
