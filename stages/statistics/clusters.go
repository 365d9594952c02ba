// Package statistics says how sure a number is: bootstrap intervals whose
// resamples keep the cases of a patient together, paired comparisons of runs
// over the same cases, and the correction for many comparisons. It knows
// numbers only, neither metrics nor predictions.
package statistics

// Clusters says which items belong together, because they come from one study
// or patient and so resemble each other.
type Clusters struct {
	of    []int32 // the cluster of each item
	count int
}

// NewClusters groups items of equal keys.
func NewClusters(keys []string) Clusters {
	c := Clusters{of: make([]int32, len(keys))}
	at := map[string]int32{}
	for i, key := range keys {
		id, known := at[key]
		if !known {
			id = int32(len(at))
			at[key] = id
		}
		c.of[i] = id
	}
	c.count = len(at)
	return c
}

// Single makes a cluster of each of n items.
func Single(n int) Clusters {
	c := Clusters{of: make([]int32, n), count: n}
	for i := range c.of {
		c.of[i] = int32(i)
	}
	return c
}

// Len is the number of clusters.
func (c Clusters) Len() int { return c.count }

// spread gives every item the weight of its cluster.
func (c Clusters) spread(clusters, items []float64) {
	for i, id := range c.of {
		items[i] = clusters[id]
	}
}

// Items is the number of items.
func (c Clusters) Items() int { return len(c.of) }

// Weights gives each item the weight of its cluster.
func (c Clusters) Weights(clusters []float64) []float64 {
	items := make([]float64, c.Items())
	c.spread(clusters, items)
	return items
}

// Of is the cluster of an item.
func (c Clusters) Of(item int) int { return int(c.of[item]) }

// Whole is each cluster drawn once.
func (c Clusters) Whole() Drawn {
	d, _ := c.drawn()
	for i := range d.Clusters {
		d.Clusters[i] = 1
	}
	return d
}

// drawn makes room for the weights of a resample; renew forgets those of the items.
func (c Clusters) drawn() (d Drawn, renew func()) {
	room := &room{of: map[*int32]*spreadOut{}}
	d = Drawn{Clusters: make([]float64, c.count), room: room}
	d.Items = room.items(c, d.Clusters)
	return d, func() { room.resample++ }
}

// room keeps the slices of one worker from resample to resample.
type room struct {
	resample int
	of       map[*int32]*spreadOut // by the items: they are the same slice each time
}

// spreadOut are the weights of items in one resample.
type spreadOut struct {
	resample int
	weights  []float64
}

// items gives the weights of items when they are asked for.
func (r *room) items(c Clusters, clusters []float64) func() []float64 {
	return func() []float64 {
		if len(c.of) == 0 {
			return nil
		}
		out := r.of[&c.of[0]]
		if out == nil {
			out = &spreadOut{-1, make([]float64, len(c.of))}
			r.of[&c.of[0]] = out
		}
		if out.resample != r.resample {
			c.spread(clusters, out.weights)
			out.resample = r.resample
		}
		return out.weights
	}
}

// Pick gives the clusters of some of the items, in their order. There are as many as
// before; some may be left without an item.
func (c Clusters) Pick(items []int32) Clusters {
	picked := Clusters{of: make([]int32, len(items)), count: c.count}
	for k, i := range items {
		picked.of[k] = c.of[i]
	}
	return picked
}

// Sums adds up a number of each item within each cluster.
func (c Clusters) Sums(values []float64) []float64 {
	sums := make([]float64, c.count)
	for i, v := range values {
		sums[c.of[i]] += v
	}
	return sums
}

// Sizes counts the items of each cluster.
func (c Clusters) Sizes() []float64 {
	sizes := make([]float64, c.count)
	for _, id := range c.of {
		sizes[id]++
	}
	return sizes
}
