package sweeps

import (
	"math"
	"slices"

	"vertebra/stages/stage"
)

// Importance is how much of the objective's variance over the space one setting
// explains, alone or with another.
type Importance struct {
	Path, With string // With is "" for a setting alone
	Share      float64
}

// The forest that importance is read from: as many trees as fANOVA's authors use,
// grown until a leaf holds few trials.
const (
	trees     = 64
	leastLeaf = 2
	mostDepth = 64
)

// Importances decomposes the variance of a forest of regression trees over the
// space by functional ANOVA (Hutter, Hoos and Leyton-Brown 2014, "An efficient
// approach for assessing hyperparameter importance"): exactly, since a tree is
// constant on boxes. A setting that does not count in a trial stands in the middle
// of its range. The shares of single settings come first, the largest first, then
// those of pairs beyond what both explain alone. nil where fewer than four trials
// have a value, or all have the same.
func Importances(space Space, seen []Seen, seed uint64) []Importance {
	params := space.Free()
	sums := newVariances(len(params))
	for _, leaves := range grown(params, seen, seed) {
		sums.add(leaves)
	}
	return sums.list(params)
}

// grown grows the forest on the trials that have a value; nil for too few.
func grown(params []Param, seen []Seen, seed uint64) (forest [][]leaf) {
	var x [][]float64
	var y []float64
	for _, s := range seen {
		if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
			continue
		}
		row := make([]float64, len(params))
		for j, p := range params {
			row[j] = 0.5
			if v, there := s.Point[p.Path]; there {
				row[j] = p.Share(v)
			}
		}
		x, y = append(x, row), append(y, s.Value)
	}
	if len(y) < 4 || len(params) == 0 {
		return nil
	}
	for t := range trees {
		rng := stage.Rand(seed, "sweep importance", t)
		items := make([]int, len(y))
		for i := range items {
			items[i] = rng.IntN(len(y))
		}
		g := grower{x: x, y: y, columns: func() []int { return rng.Perm(len(params))[:max(1, (2*len(params)+2)/3)] }}
		forest = append(forest, g.grow(items, wholeBox(len(params)), 0))
	}
	return forest
}

// leaf is a box of the unit cube with the mean of its trials.
type leaf struct {
	box   [][2]float64
	value float64
}

func wholeBox(n int) [][2]float64 {
	box := make([][2]float64, n)
	for j := range box {
		box[j] = [2]float64{0, 1}
	}
	return box
}

type grower struct {
	x       [][]float64
	y       []float64
	columns func() []int // those that a split may look at
}

// grow splits items where their squared error falls the most.
func (g grower) grow(items []int, box [][2]float64, depth int) []leaf {
	column, at := -1, 0.0
	if len(items) >= 2*leastLeaf && depth < mostDepth {
		column, at = g.split(items)
	}
	if column < 0 {
		sum := 0.0
		for _, i := range items {
			sum += g.y[i]
		}
		return []leaf{{box, sum / float64(len(items))}}
	}
	var left, right []int
	for _, i := range items {
		if g.x[i][column] <= at {
			left = append(left, i)
		} else {
			right = append(right, i)
		}
	}
	below, above := slices.Clone(box), slices.Clone(box)
	below[column][1], above[column][0] = at, at
	return append(g.grow(left, below, depth+1), g.grow(right, above, depth+1)...)
}

func (g grower) split(items []int) (column int, at float64) {
	column = -1
	best := 0.0
	for _, j := range g.columns() {
		sorted := slices.Clone(items)
		slices.SortFunc(sorted, func(a, b int) int {
			switch {
			case g.x[a][j] < g.x[b][j]:
				return -1
			case g.x[a][j] > g.x[b][j]:
				return 1
			}
			return 0
		})
		total := 0.0
		for _, i := range sorted {
			total += g.y[i]
		}
		n, sum := float64(len(sorted)), 0.0
		for k := 0; k+1 < len(sorted); k++ {
			sum += g.y[sorted[k]]
			left := float64(k + 1)
			if g.x[sorted[k]][j] == g.x[sorted[k+1]][j] || k+1 < leastLeaf || len(sorted)-k-1 < leastLeaf {
				continue
			}
			gain := sum*sum/left + (total-sum)*(total-sum)/(n-left) - total*total/n
			if gain > best*(1+1e-12)+1e-15 {
				best, column = gain, j
				at = (g.x[sorted[k]][j] + g.x[sorted[k+1]][j]) / 2
			}
		}
	}
	return column, at
}

// variances adds up what single settings and pairs explain, over the trees.
type variances struct {
	single []float64
	pair   [][]float64
	n      int
}

func newVariances(n int) *variances {
	s := &variances{single: make([]float64, n), pair: make([][]float64, n)}
	for j := range s.pair {
		s.pair[j] = make([]float64, n)
	}
	return s
}

// add decomposes one tree.
func (s *variances) add(leaves []leaf) {
	mean, total := 0.0, 0.0
	for _, l := range leaves {
		mean += volume(l.box) * l.value
	}
	for _, l := range leaves {
		total += volume(l.box) * (l.value - mean) * (l.value - mean)
	}
	if !(total > 0) {
		return
	}
	s.n++
	cuts := make([][]float64, len(s.single))
	alone := make([]float64, len(s.single))
	for j := range cuts {
		cuts[j] = edges(leaves, j)
		for a := range len(cuts[j]) - 1 {
			d := marginal(leaves, []int{j}, []float64{middle(cuts[j], a)}) - mean
			alone[j] += (cuts[j][a+1] - cuts[j][a]) * d * d
		}
		s.single[j] += alone[j] / total
	}
	for j := range cuts {
		for k := range j {
			both := 0.0
			for a := range len(cuts[j]) - 1 {
				for b := range len(cuts[k]) - 1 {
					d := marginal(leaves, []int{j, k}, []float64{middle(cuts[j], a), middle(cuts[k], b)}) - mean
					both += (cuts[j][a+1] - cuts[j][a]) * (cuts[k][b+1] - cuts[k][b]) * d * d
				}
			}
			s.pair[j][k] += max(0, both-alone[j]-alone[k]) / total
		}
	}
}

// list sorts the shares.
func (s *variances) list(params []Param) []Importance {
	if s.n == 0 {
		return nil
	}
	var single, pairs []Importance
	for j, p := range params {
		single = append(single, Importance{p.Path, "", s.single[j] / float64(s.n)})
		for k := range j {
			pairs = append(pairs, Importance{params[k].Path, p.Path, s.pair[j][k] / float64(s.n)})
		}
	}
	order := func(a, b Importance) int {
		switch {
		case a.Share > b.Share:
			return -1
		case a.Share < b.Share:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(single, order)
	slices.SortStableFunc(pairs, order)
	return append(single, pairs...)
}

func volume(box [][2]float64) float64 {
	v := 1.0
	for _, side := range box {
		v *= side[1] - side[0]
	}
	return v
}

// edges are where the leaves change along one setting.
func edges(leaves []leaf, j int) []float64 {
	out := []float64{0, 1}
	for _, l := range leaves {
		out = append(out, l.box[j][0], l.box[j][1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func middle(cuts []float64, i int) float64 { return (cuts[i] + cuts[i+1]) / 2 }

// marginal is the mean over all other settings where some have these values.
func marginal(leaves []leaf, columns []int, at []float64) float64 {
	sum := 0.0
	for _, l := range leaves {
		v, inside := 1.0, true
		for j, side := range l.box {
			if i := slices.Index(columns, j); i >= 0 {
				inside = inside && side[0] <= at[i] && at[i] < side[1]
				continue
			}
			v *= side[1] - side[0]
		}
		if inside {
			sum += v * l.value
		}
	}
	return sum
}

// Surface is the mean of the forest over all settings but two, on an n by n grid
// over both: [row of b][column of a].
func Surface(space Space, seen []Seen, seed uint64, a, b string, n int) [][]float64 {
	params := space.Free()
	ja := slices.IndexFunc(params, func(p Param) bool { return p.Path == a })
	jb := slices.IndexFunc(params, func(p Param) bool { return p.Path == b })
	forest := grown(params, seen, seed)
	if ja < 0 || jb < 0 || len(forest) == 0 {
		return nil
	}
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, n)
		for j := range out[i] {
			for _, leaves := range forest {
				out[i][j] += marginal(leaves, []int{ja, jb}, []float64{(float64(j) + 0.5) / float64(n), (float64(i) + 0.5) / float64(n)}) / float64(len(forest))
			}
		}
	}
	return out
}
