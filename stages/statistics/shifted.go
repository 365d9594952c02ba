package statistics

// Shifted is what is known of factor · number + by.
func (s Sample) Shifted(factor, by float64) Sample {
	move := func(values []float64) []float64 {
		if values == nil {
			return nil
		}
		out := make([]float64, len(values))
		for i, v := range values {
			out[i] = factor*v + by
		}
		return out
	}
	return Sample{Value: factor*s.Value + by, Replicates: move(s.Replicates), Jackknife: move(s.Jackknife), Clusters: s.Clusters}
}

// Above gives the one-sided p-values of the hypotheses that the true numbers are zero or less, of numbers
// that were drawn together and are tested together: half of Joint's where the number is above zero.
func Above(samples []Sample) []float64 {
	two := make([]float64, len(samples))
	for i, s := range samples {
		two[i] = s.PValue()
	}
	out := Joint(samples, two)
	for i, s := range samples {
		if out[i] /= 2; s.Value < 0 {
			out[i] = 1 - out[i]
		}
	}
	return out
}
