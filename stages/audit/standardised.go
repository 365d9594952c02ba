package audit

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// moments are the mean and the standard deviation, with n − 1.
func moments(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	sum := 0.0
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sum / (n - 1))
}

// standardisedMeans is |a − b| of two means over √((s² + t²)/2) of their standard deviations (Austin
// 2009, "Balance diagnostics for comparing the distribution of baseline covariates between treatment
// groups in propensity-score matched samples"; Python's tableone); NaN where there is no deviation.
func standardisedMeans(a, b []float64) float64 {
	meanA, s := moments(a)
	meanB, t := moments(b)
	return math.Abs(meanA-meanB) / math.Sqrt((s*s+t*t)/2)
}

// standardisedShares is √((a−b)ᵀ S⁻¹ (a−b)) over all values but the first, with S the mean of the
// multinomial covariances (Yang and Dalton 2012, "A unified approach to measuring the effect size
// between two groups"; tableone). Values that neither has do not count; NaN where S has no inverse.
func standardisedShares(a, b []float64) float64 {
	var p, q []float64
	for i := range a {
		if a[i]+b[i] > 0 {
			p, q = append(p, a[i]), append(q, b[i])
		}
	}
	k := len(p) - 1
	if k < 1 || math.IsNaN(a[0]) || math.IsNaN(b[0]) {
		return math.NaN()
	}
	s, d := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
	for i := range k {
		d.SetVec(i, p[i+1]-q[i+1])
		for j := range i + 1 {
			v := -(p[i+1]*p[j+1] + q[i+1]*q[j+1]) / 2
			if i == j {
				v += (p[i+1] + q[i+1]) / 2
			}
			s.SetSym(i, j, v)
		}
	}
	var chol mat.Cholesky
	var x mat.VecDense
	if !chol.Factorize(s) || chol.SolveVecTo(&x, d) != nil {
		return math.NaN()
	}
	return math.Sqrt(mat.Dot(d, &x))
}
