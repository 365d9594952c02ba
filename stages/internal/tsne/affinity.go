package tsne

import "math"

// Squared are the squared Euclidean distances_NN of rows with one length.
func Squared(rows [][]float32) []float64 {
	n := len(rows)
	out := make([]float64, n*n)
	for i, a := range rows {
		for j, b := range rows[:i] {
			sum := 0.0
			for k, v := range a {
				d := float64(v) - float64(b[k])
				sum += d * d
			}
			out[i*n+j], out[j*n+i] = sum, sum
		}
	}
	return out
}

// joint are the joint probabilities_NN of points by their squared distances: the mean of what
// each is to the other (van der Maaten and Hinton 2008, section 3.1), with sum 1.
func joint(squared []float64, n int, perplexity float64) []float64 {
	conditional := make([]float64, n*n)
	for i := range n {
		neighbours(squared[i*n:(i+1)*n], i, perplexity, conditional[i*n:(i+1)*n])
	}
	out := make([]float64, n*n)
	for i := range n {
		for j := range n {
			out[i*n+j] = (conditional[i*n+j] + conditional[j*n+i]) / float64(2*n)
		}
	}
	return out
}

// neighbours writes how likely point i would choose each other one as its neighbour: a
// Gaussian whose width gives the choice the wanted perplexity, found by halving.
func neighbours(squared []float64, i int, perplexity float64, out []float64) {
	const tries, near = 100, 1e-5
	wanted, beta := math.Log(perplexity), 1/scale(squared)
	low, high := 0.0, math.Inf(1)
	for range tries {
		entropy := gaussian(squared, i, beta, out)
		switch {
		case math.Abs(entropy-wanted) <= near:
			return
		case entropy > wanted:
			low = beta
		default:
			high = beta
		}
		if math.IsInf(high, 1) {
			beta *= 2
		} else {
			beta = (low + high) / 2
		}
	}
}

// scale is a squared distance of the usual size; 1 where all points are one.
func scale(squared []float64) float64 {
	sum := 0.0
	for _, v := range squared {
		sum += v
	}
	if sum == 0 {
		return 1
	}
	return sum / float64(len(squared))
}

// gaussian writes the probabilities of one width, exp(−beta d²) over their sum, and gives
// their entropy in nats. The nearest point counts 1 before the division, so that no sum is 0.
func gaussian(squared []float64, i int, beta float64, out []float64) (entropy float64) {
	nearest := math.Inf(1)
	for j, v := range squared {
		if j != i {
			nearest = min(nearest, v)
		}
	}
	sum, mean := 0.0, 0.0
	for j, v := range squared {
		out[j] = 0
		if j != i {
			out[j] = math.Exp(-beta * (v - nearest))
			sum += out[j]
			mean += out[j] * (v - nearest)
		}
	}
	for j := range out {
		out[j] /= sum
	}
	return math.Log(sum) + beta*mean/sum
}
