package train

import "math"

func init() {
	Schedules.Add("exponential", "multiplies the rate by a factor each epoch", Exponential{Factor: 0.95, Pace: Pace{Per: "epoch", WarmupStart: 0.01}})
}

// Exponential is torch.optim.lr_scheduler.ExponentialLR; per step, the factor is
// reached smoothly by the end of each epoch.
type Exponential struct {
	Factor float64 `help:"what is left of the rate after an epoch" over:"0" max:"1"`
	Pace
}

// Rate is base · Factor^epochs.
func (e Exponential) Rate(base float64, h History) float64 {
	_, _, epoch := e.time(h)
	return e.after(base, h, func(now, _ float64) float64 { return base * math.Pow(e.Factor, now/epoch) })
}
