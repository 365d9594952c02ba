package train

func init() {
	Schedules.Add("linear", "lowers the rate by the same amount each time", Linear{Pace: perStep})
}

// Linear falls from the base rate to MinRate, which it would reach with the first
// step after the phase: torch.optim.lr_scheduler.LinearLR from a factor of 1.
type Linear struct {
	MinRate float64 `help:"the rate at the end" min:"0"`
	Pace
}

// Rate is on the line.
func (l Linear) Rate(base float64, h History) float64 {
	return Polynomial{Power: 1, MinRate: l.MinRate, Pace: l.Pace}.Rate(base, h)
}
