package tsne

import (
	"math"

	"vertebra/stages/stage"
)

// begin are the first places: the two principal components of the points, so small that
// all lie together (Kobak and Berens 2019, "The art of using t-SNE for single-cell
// transcriptomics"; scikit-learn's init="pca"). They follow from distances alone (classical
// scaling, Torgerson 1952).
func begin(squared []float64, n int) [][2]float64 {
	gram := centred(squared, n)
	places, spread := make([][2]float64, n), 0.0
	var before [][]float64
	for d := range 2 {
		v, size := principal(gram, n, d, before)
		before = append(before, v)
		for i, x := range v {
			places[i][d] = x * math.Sqrt(max(0, size))
			if d == 0 {
				spread += places[i][0] * places[i][0] / float64(n)
			}
		}
	}
	for i := range places {
		for d := range 2 {
			if spread > 0 {
				places[i][d] *= 1e-4 / math.Sqrt(spread)
			}
		}
	}
	return places
}

// centred are the inner products_NN of the points around their mean: −½ of the squared
// distances, less the means of row and column.
func centred(squared []float64, n int) []float64 {
	means, all := make([]float64, n), 0.0
	for i := range n {
		for _, v := range squared[i*n : (i+1)*n] {
			means[i] += v / float64(n)
		}
		all += means[i] / float64(n)
	}
	out := make([]float64, n*n)
	for i := range n {
		for j := range n {
			out[i*n+j] = -(squared[i*n+j] - means[i] - means[j] + all) / 2
		}
	}
	return out
}

// principal is the direction in which a symmetric matrix_NN is largest, among those
// that are upright on others, and how large it is there: von Mises' iteration. A direction
// that is not quite the largest will do to begin with.
func principal(matrix []float64, n, number int, upright [][]float64) (v []float64, size float64) {
	const rounds = 100
	v = make([]float64, n)
	random := stage.Rand(0, "t-sne", number)
	for i := range v {
		v[i] = random.NormFloat64()
	}
	for range rounds {
		next := make([]float64, n)
		for i := range n {
			next[i] = dot(matrix[i*n:(i+1)*n], v)
		}
		for _, u := range upright {
			along := dot(u, next)
			for i := range next {
				next[i] -= along * u[i]
			}
		}
		size = math.Sqrt(dot(next, next))
		if size == 0 {
			return make([]float64, n), 0
		}
		for i := range next {
			v[i] = next[i] / size
		}
	}
	return v, size
}

func dot(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
