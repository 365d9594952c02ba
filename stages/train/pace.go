package train

import "math"

// Pace is the setting that schedules share: what time is, and how it begins.
type Pace struct {
	Per         string  `help:"the rate changes at every step, or once an epoch" oneof:"step epoch"`
	Warmup      float64 `help:"length of the linear rise at the beginning" unit:"epochs" min:"0"`
	WarmupStart float64 `help:"share of the rate with which the rise begins" min:"0" max:"1"`
}

var perStep = Pace{Per: "step", WarmupStart: 0.01}

// time is how many steps (or epochs) of the phase are over, how many it has, and
// how many of one epoch.
func (p Pace) time(h History) (now, total, epoch float64) {
	if p.Per == "step" {
		return float64(h.Step - 1), float64(h.Epochs * h.StepsPerEpoch), float64(h.StepsPerEpoch)
	}
	return float64(h.Epoch - 1), float64(h.Epochs), 1
}

// after gives the rate: first the rise of torch.optim.lr_scheduler.LinearLR, then
// what follows makes of the time since then and of the length that is left, as
// SequentialLR puts the two together.
func (p Pace) after(base float64, h History, follows func(now, total float64) float64) float64 {
	now, total, epoch := p.time(h)
	warm := p.Warmup * epoch
	if p.Per == "step" {
		warm = math.Round(warm)
	}
	if now < warm {
		return base * (p.WarmupStart + (1-p.WarmupStart)*now/warm)
	}
	return follows(now-warm, max(total-warm, 1))
}
