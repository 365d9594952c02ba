package train

func init() {
	Schedules.Add("constant", "keeps the learning rate, after a warm-up if one is wanted", Constant{perStep})
}

// Constant keeps the rate.
type Constant struct{ Pace }

// Rate is the base rate.
func (c Constant) Rate(base float64, h History) float64 {
	return c.after(base, h, func(float64, float64) float64 { return base })
}
