package evaluate

func init() {
	Calibrators.Add("temperature", "divides all logits by one number; changes no predicted class", Temperature{})
}

// Temperature is temperature scaling (Guo et al. 2017, section 4.2): one number,
// so a small validation split is enough.
type Temperature struct{}

// The inverses of the highest temperature, at which all classes are nearly alike, and of the
// lowest.
const hottest, coldest = 1e-3, 10

// Fit finds the inverse of the temperature, in which the loss is convex. For a net that is
// worse than chance the least loss is at a negative one, which would turn the answers
// round: it gets the highest temperature. One that makes no mistake on the validation split
// has no least loss: at the lowest temperature a mistake elsewhere still has a finite cost.
func (Temperature) Fit(p Predictions) (FittedCalibrator, error) {
	shape := func(x []float64) FittedCalibrator { return FittedCalibrator{Name: "temperature", Scale: x} }
	x, err := minimise(p, []float64{1}, 0, shape)
	if err != nil {
		return FittedCalibrator{}, err
	}
	return shape([]float64{min(max(x[0], hottest), coldest)}), nil
}
