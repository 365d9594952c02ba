package train

import "math"

func init() {
	Schedules.Add("cyclic", "swings between a low and the full rate in triangles (Smith 2017)",
		Cyclic{MinRate: 1e-5, Rise: 2, Fall: 2, Shrink: "never", Decay: 1})
}

// Cyclic is torch.optim.lr_scheduler.CyclicLR, step by step: max_lr is the
// learning rate, base_lr MinRate, and its modes are what Shrink and Decay say.
// Momentum stays as it is.
type Cyclic struct {
	MinRate float64 `help:"the rate between triangles" min:"0"`
	Rise    float64 `help:"length of a rise" unit:"epochs" over:"0"`
	Fall    float64 `help:"length of a fall" unit:"epochs" over:"0"`
	Shrink  string  `help:"whether each triangle is half as high as the one before" oneof:"never halve"`
	Decay   float64 `help:"what is left of the triangles' height after an epoch" over:"0" max:"1"`
}

// Rate is on the present triangle.
func (c Cyclic) Rate(base float64, h History) float64 {
	epochs := float64(h.Step-1) / float64(h.StepsPerEpoch)
	cycle, at := math.Modf(epochs / (c.Rise + c.Fall))
	at *= c.Rise + c.Fall
	height := at / c.Rise
	if at > c.Rise {
		height = 1 - (at-c.Rise)/c.Fall
	}
	if c.Shrink == "halve" {
		height /= math.Exp2(cycle)
	}
	low := min(c.MinRate, base)
	return low + (base-low)*height*math.Pow(c.Decay, epochs)
}
