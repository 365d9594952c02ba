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
