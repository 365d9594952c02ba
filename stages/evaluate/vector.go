package evaluate

func init() {
	Calibrators.Add("vector", "scales and shifts the logit of each class; may change the predicted class", Vector{})
}

// Vector is vector scaling (Guo et al. 2017, section 4.2) of the logarithms of
// probabilities: a scale for each class and an offset for each, that of the
// first class being 0, since a number that all logits share changes nothing.
type Vector struct{}

// ridge is what squares of the distances from no change cost beside the log loss. Without it
// nothing holds the numbers where the validation split has no mistake or lacks a class, or
// where a net says nearly the same of every image (as Kull et al. 2019 find for their matrix
// scaling); elsewhere it moves the last digits.
const ridge = 1e-4

// Fit finds 2·K − 1 numbers for K classes.
func (Vector) Fit(p Predictions) (FittedCalibrator, error) {
	k := len(p.Classes)
	shape := func(x []float64) FittedCalibrator {
		return FittedCalibrator{Name: "vector", Scale: x[:k], Offset: append([]float64{0}, x[k:]...)}
	}
	start := make([]float64, 2*k-1)
	for i := range k {
		start[i] = 1
	}
	x, err := minimise(p, start, ridge, shape)
	if err != nil {
		return FittedCalibrator{}, err
	}
	return shape(x), nil
}
