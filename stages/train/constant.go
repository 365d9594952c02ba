package train

func init() { Schedules.Add("constant", "keeps the learning rate", Constant{}) }

// Constant keeps the rate.
type Constant struct{}

// Rate is the base rate.
func (Constant) Rate(base float64, _ History) float64 { return base }
