package evaluate

import (
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("mean_absolute_error", "by how many grades the predicted class is off, for classes in an order", MeanAbsoluteError{})
}

// MeanAbsoluteError is scikit-learn's mean_absolute_error of the class indices:
// the order of the classes is their rank, one step is one grade.
type MeanAbsoluteError struct{}

// Ordered is true: a mistake's distance counts.
func (MeanAbsoluteError) Ordered() bool { return true }

// Scalars is the error.
func (MeanAbsoluteError) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "mean_absolute_error", Title: "Mean absolute error", Unit: "grades", Better: stage.LowerBetter}}
}

// Values weighs each cell of the confusion matrix by its distance from the
// diagonal.
func (MeanAbsoluteError) Values(p Predictions) []float64 {
	off := 0.0
	for i, row := range p.counts() {
		for j, n := range row {
			off += n * math.Abs(float64(i-j))
		}
	}
	return []float64{off / p.total()}
}
