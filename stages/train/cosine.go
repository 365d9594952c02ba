package train

import "math"

func init() {
	Schedules.Add("cosine", "lowers the rate along half a cosine, once or in cycles (Loshchilov and Hutter 2017)", Cosine{Cycles: 1, Growth: 1, Pace: perStep})
}

// Cosine is cosine annealing (Loshchilov and Hutter 2017, SGDR, equation 5) over
// what the warm-up leaves of the phase: torch.optim.lr_scheduler.CosineAnnealingLR,
// and with several cycles CosineAnnealingWarmRestarts, whose T_mult is Growth.
type Cosine struct {
	MinRate float64 `help:"the rate at the end of a cycle" min:"0"`
	Cycles  int     `help:"how often the rate falls; each cycle begins at the full rate" min:"1" max:"1000"`
	Growth  float64 `help:"each cycle is so many times as long as the one before" min:"1" max:"10"`
	Pace
}

// Rate follows the cosine of the present cycle.
func (c Cosine) Rate(base float64, h History) float64 {
	return c.after(base, h, func(now, total float64) float64 {
		length, sum := 1.0, 0.0 // in units of the first cycle
		for range c.Cycles {
			sum += length
			length *= c.Growth
		}
		length = total / sum
		for i := 1; i < c.Cycles && now >= length*(1-1e-12); i++ {
			now, length = max(now-length, 0), length*c.Growth
		}
		return c.MinRate + (base-c.MinRate)*(1+math.Cos(math.Pi*now/length))/2
	})
}
