package train

import "math"

func init() {
	Schedules.Add("polynomial", "lowers the rate with a power of the time that is left", Polynomial{Power: 0.9, Pace: perStep})
}

// Polynomial is MinRate + (base − MinRate)·(1 − t)^Power with t from 0 to 1 over
// the phase: torch.optim.lr_scheduler.PolynomialLR, and Keras' PolynomialDecay.
type Polynomial struct {
	Power   float64 `help:"1 is linear; 0.9 is DeepLab's (Chen et al. 2017)" over:"0"`
	MinRate float64 `help:"the rate at the end" min:"0"`
	Pace
}

// Rate is on the curve.
func (p Polynomial) Rate(base float64, h History) float64 {
	return p.after(base, h, func(now, total float64) float64 {
		return p.MinRate + (base-p.MinRate)*math.Pow(max(0, 1-now/total), p.Power)
	})
}
