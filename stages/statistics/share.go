package statistics

import "gonum.org/v1/gonum/stat/distuv"

// Share is the interval of Clopper and Pearson (1934) of a share among n groups that do not depend
// on each other; of the mean of n numbers between 0 and 1 it is no narrower than need be. It needs
// no resamples, so it holds for few groups too.
func Share(share float64, n int, level float64) (low, high float64) {
	tail, in := (1-level)/2, share*float64(n)
	out := float64(n) - in
	low, high = 0, 1
	if in > 0 {
		low = distuv.Beta{Alpha: in, Beta: out + 1}.Quantile(tail)
	}
	if out > 0 {
		high = distuv.Beta{Alpha: in + 1, Beta: out}.Quantile(1 - tail)
	}
	return low, high
}
