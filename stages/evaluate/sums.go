package evaluate

// The keys of what metrics share; see once.
type (
	onesKey   struct{}
	totalKey  struct{}
	cellsKey  struct{}
	countsKey struct{}
	scoresKey struct{}
)

// weights gives a weight for each item.
func (p Predictions) weights() []float64 {
	if p.draw != nil {
		return p.draw.Items()
	}
	if p.Weights != nil {
		return p.Weights
	}
	return once(p.items, onesKey{}, func() []float64 {
		ones := make([]float64, len(p.Items))
		for i := range ones {
			ones[i] = 1
		}
		return ones
	})
}

// total is the sum of the weights.
func (p Predictions) total() float64 {
	return once(p.sums, totalKey{}, func() float64 {
		if p.draw != nil {
			return p.draw.total()
		}
		sum := 0.0
		for _, w := range p.weights() {
			sum += w
		}
		return sum
	})
}

// mean is the weighted mean of a number of each item, as each gives them; NaN where
// nothing weighs.
func (p Predictions) mean(values []float64) float64 {
	if p.draw != nil && p.items != nil { // without a memo the numbers are others each time
		return p.draw.sum(values) / p.total()
	}
	sum := 0.0
	for i, w := range p.weights() {
		sum += w * values[i]
	}
	return sum / p.total()
}

// each gives a number of each item that no weight changes, worked out once.
func (p Predictions) each(key any, number func(label int, probabilities []float64) float64) []float64 {
	return once(p.items, key, func() []float64 {
		values := make([]float64, len(p.Items))
		for i, item := range p.Items {
			values[i] = number(item.Label, item.Probabilities)
		}
		return values
	})
}

// largest is the predicted class: the first of equals, as numpy's argmax.
func largest(v []float64) int {
	at := 0
	for i := range v {
		if v[i] > v[at] {
			at = i
		}
	}
	return at
}

// cells gives each item's cell of the confusion matrix, row after row.
func (p Predictions) cells() []int32 {
	return once(p.items, cellsKey{}, func() []int32 {
		cells := make([]int32, len(p.Items))
		for i, item := range p.Items {
			cells[i] = int32(item.Label*len(p.Classes) + largest(item.Probabilities))
		}
		return cells
	})
}

// counts is the confusion matrix: counts[true][predicted], sums of weights.
func (p Predictions) counts() [][]float64 {
	return once(p.sums, countsKey{}, func() [][]float64 {
		k := len(p.Classes)
		flat, rows := p.flatCounts(k*k), make([][]float64, k)
		for i := range rows {
			rows[i] = flat[i*k : (i+1)*k]
		}
		return rows
	})
}

func (p Predictions) flatCounts(all int) []float64 {
	if p.draw != nil {
		return p.draw.counts(p.cells(), all)
	}
	flat, weights := make([]float64, all), p.weights()
	for i, cell := range p.cells() {
		flat[cell] += weights[i]
	}
	return flat
}
