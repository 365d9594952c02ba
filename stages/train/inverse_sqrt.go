package train

import (
	"errors"
	"math"
)

func init() {
	Schedules.Add("inverse_sqrt", "lowers the rate with the square root of time (Vaswani et al. 2017)", InverseSqrt{Timescale: 1, Pace: perStep})
}

// InverseSqrt is base/√((t + τ)/τ) with t counted from the end of the warm-up: the
// schedule of Vaswani et al. 2017 (Attention Is All You Need, section 5.3), where τ
// is the length of the warm-up, and Transformers' get_inverse_sqrt_schedule.
type InverseSqrt struct {
	Timescale float64 `help:"τ, after which the rate is 1/√2 of what it was; 0 takes the length of the warm-up" unit:"epochs" min:"0"`
	Pace
}

// Validate wants a τ.
func (i InverseSqrt) Validate() error {
	if i.Timescale == 0 && i.Warmup == 0 {
		return errors.New("want a timescale above 0, or a warmup that stands for it")
	}
	return nil
}

// Rate is on the curve.
func (i InverseSqrt) Rate(base float64, h History) float64 {
	_, _, epoch := i.time(h)
	scale := i.Timescale
	if scale == 0 {
		scale = i.Warmup
	}
	return i.after(base, h, func(now, _ float64) float64 { return base / math.Sqrt(1+now/(scale*epoch)) })
}
