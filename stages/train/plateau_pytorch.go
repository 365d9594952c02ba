package train

import "vertebra/stages/stage"

func init() {
	Schedules.Add("plateau_pytorch", "lowers the rate when the monitored number stops getting better, as PyTorch's ReduceLROnPlateau does",
		PlateauPyTorch{Factor: 0.1, Patience: 10, Threshold: 1e-4, ThresholdMode: "relative"})
}

// PlateauPyTorch is torch.optim.lr_scheduler.ReduceLROnPlateau: the rate falls
// when more than Patience epochs passed without a better value, and better means
// by default by a share of the value to beat. It leaves a rate alone whose change
// would be 1e-8 or less.
type PlateauPyTorch struct {
	Factor        float64 `help:"the rate is multiplied by it" over:"0" under:"1"`
	Patience      int     `help:"epochs without a better value that are let pass" min:"0"`
	Threshold     float64 `help:"smallest change that counts as better" min:"0"`
	ThresholdMode string  `help:"the threshold is a share of the value to beat, or a difference" oneof:"relative absolute"`
	Cooldown      int     `help:"epochs after a fall in which none are counted" unit:"epochs" min:"0"`
	MinRate       float64 `help:"the rate never falls below it" min:"0"`
}

// Rate replays the past epochs.
func (p PlateauPyTorch) Rate(base float64, h History) float64 {
	rate, bad, cooldown := base, 0, 0
	best := 0.0
	for i, value := range h.Values {
		if i == 0 || p.better(h.Better, value, best) {
			best, bad = value, 0
		} else {
			bad++
		}
		if cooldown > 0 {
			cooldown--
			bad = 0
		}
		if bad > p.Patience {
			if lower := max(rate*p.Factor, p.MinRate); rate-lower > 1e-8 {
				rate = lower
			}
			bad, cooldown = 0, p.Cooldown
		}
	}
	return rate
}

func (p PlateauPyTorch) better(d stage.Direction, value, best float64) bool {
	switch {
	case p.ThresholdMode == "absolute":
		return better(d, value, best, p.Threshold)
	case d == stage.HigherBetter:
		return value > best*(1+p.Threshold)
	}
	return value < best*(1-p.Threshold)
}
