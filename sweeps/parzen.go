package sweeps

import (
	"math"
	"math/rand/v2"
	"slices"
)

// parzen is a density over some parameters: a mixture of kernels, one for each
// trial that has all of them, and a wide one, the prior.
type parzen struct {
	params  []Param
	kernels []kernel
	sum     float64 // of the weights
}

// kernel is the product of one density for each parameter.
type kernel struct {
	weight  float64
	mean    []float64 // in shares of the dimension
	sigma   []float64 // +Inf is even over the dimension
	choices [][]float64
}

// recent is how many of the latest trials keep their whole weight.
const recent = 25

func newParzen(params []Param, trials []Seen) *parzen {
	z := &parzen{params: params}
	trials = slices.DeleteFunc(slices.Clone(trials), func(s Seen) bool {
		return slices.ContainsFunc(params, func(p Param) bool { _, there := s.Point[p.Path]; return !there })
	})
	columns := make([][]float64, len(params))
	for j, p := range params {
		for _, s := range trials {
			columns[j] = append(columns[j], p.Share(s.Point[p.Path]))
		}
	}
	for i, s := range trials {
		k := kernel{weight: 1}
		if old := len(trials) - recent; i < old { // a ramp, as in Bergstra's code
			k.weight = (1 + float64(i)*(float64(len(trials))-1)/float64(max(1, old-1))) / float64(len(trials))
		}
		for j, p := range params {
			k.mean = append(k.mean, columns[j][i])
			k.sigma = append(k.sigma, bandwidth(columns[j], i))
			k.choices = append(k.choices, shares(p, s.Point[p.Path], len(trials)))
		}
		z.add(k)
	}
	prior := kernel{weight: 1}
	for _, p := range params {
		prior.mean, prior.sigma = append(prior.mean, 0.5), append(prior.sigma, 1)
		prior.choices = append(prior.choices, shares(p, -1, len(trials)))
	}
	z.add(prior)
	return z
}

func (z *parzen) add(k kernel) {
	z.kernels, z.sum = append(z.kernels, k), z.sum+k.weight
}

// bandwidth is that of one trial's kernel: it reaches to the farther of its
// neighbours, as Bergstra's does, and that of an outermost trial to the only one
// it has. No kernel is narrower than a share that shrinks with their number.
func bandwidth(all []float64, i int) float64 {
	least := 1 / math.Min(100, 2+float64(len(all)))
	x := all[i]
	left, right := math.Inf(1), math.Inf(1) // distances
	for j, y := range all {
		switch {
		case j == i:
		case y < x || y == x && j < i:
			left = math.Min(left, x-y)
		default:
			right = math.Min(right, y-x)
		}
	}
	gap := math.Max(left, right)
	switch {
	case math.IsInf(left, 1) && math.IsInf(right, 1):
		gap = math.Max(x, 1-x)
	case math.IsInf(gap, 1):
		gap = math.Min(left, right)
	}
	return min(max(gap, least), 1)
}

// shares are the probabilities of a choice's values in the kernel of one trial:
// even, and more of the value that the trial has.
func shares(p Param, value float64, trials int) []float64 {
	if p.Choices == nil {
		return nil
	}
	out := make([]float64, len(p.Choices))
	even := 1.0
	if value >= 0 {
		even = 1 / float64(trials+1)
		out[int(value)] = 1
	}
	sum := 0.0
	for i := range out {
		out[i] += even
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// draw takes a kernel by its weight, and a point from it.
func (z *parzen) draw(rng *rand.Rand) map[string]float64 {
	at := rng.Float64() * z.sum
	k := z.kernels[len(z.kernels)-1]
	for _, one := range z.kernels {
		if at -= one.weight; at < 0 {
			k = one
			break
		}
	}
	out := map[string]float64{}
	for j, p := range z.params {
		if p.Choices != nil {
			out[p.Path] = pick(rng, k.choices[j])
			continue
		}
		out[p.Path] = p.At(cutNormal(rng, k.mean[j], k.sigma[j]))
	}
	return out
}

func pick(rng *rand.Rand, shares []float64) float64 {
	u := rng.Float64()
	for i, s := range shares {
		if u -= s; u < 0 {
			return float64(i)
		}
	}
	return float64(len(shares) - 1)
}

// cutNormal draws from a normal distribution within 0 and 1, by its inverse.
func cutNormal(rng *rand.Rand, mean, sigma float64) float64 {
	low, high := normalCDF((0-mean)/sigma), normalCDF((1-mean)/sigma)
	u := low + rng.Float64()*(high-low)
	x := mean + sigma*math.Sqrt2*math.Erfinv(2*u-1)
	return min(max(x, 0), 1)
}

func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// logDensity is the logarithm of the mixture's density at a point.
func (z *parzen) logDensity(at map[string]float64) float64 {
	terms := make([]float64, len(z.kernels))
	most := math.Inf(-1)
	for i, k := range z.kernels {
		terms[i] = math.Log(k.weight / z.sum)
		for j, p := range z.params {
			terms[i] += k.logDensity(j, p, at[p.Path])
		}
		most = math.Max(most, terms[i])
	}
	if math.IsInf(most, -1) {
		return most
	}
	sum := 0.0
	for _, t := range terms {
		sum += math.Exp(t - most)
	}
	return most + math.Log(sum)
}

func (k kernel) logDensity(j int, p Param, x float64) float64 {
	if p.Choices != nil {
		return math.Log(k.choices[j][int(x)])
	}
	mean, sigma, u := k.mean[j], k.sigma[j], p.Share(x)
	whole := normalCDF((1-mean)/sigma) - normalCDF((0-mean)/sigma)
	if half := p.halfStep(x); half > 0 { // a value stands for an interval
		part := normalCDF((u+half-mean)/sigma) - normalCDF((u-half-mean)/sigma)
		return math.Log(math.Max(part, 1e-300) / whole)
	}
	d := (u - mean) / sigma
	return -0.5*d*d - math.Log(sigma*math.Sqrt(2*math.Pi)) - math.Log(whole)
}

// halfStep is half of the share that a value with steps stands for.
func (d Dimension) halfStep(x float64) float64 {
	switch {
	case d.Step == 0 || d.Choices != nil:
		return 0
	case d.Log:
		low, high := math.Log(d.Low-0.5), math.Log(d.High+0.5)
		return (math.Log(x+0.5) - math.Log(x-0.5)) / (high - low) / 2
	}
	return 0.5 / (math.Floor((d.High-d.Low)/d.Step+1e-9) + 1)
}
