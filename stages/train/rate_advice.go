package train

import (
	"errors"
	"math"
)

// RateAdvice are learning rates that a range test proposes, by the rules of fastai's
// lr_find (fastai/callback/schedule.py): where a long way down is two thirds done, where the
// loss falls fastest, and a tenth of the rate at which it is lowest.
type RateAdvice struct{ Valley, Steepest, Lowest float64 }

// fewestRateSteps are needed to say anything, since the first tenth and the last five are
// left out.
const fewestRateSteps = 20

// Advise looks at the smoothed losses but for the first tenth and the last five.
func Advise(steps []RateStep) (RateAdvice, error) {
	if len(steps) < fewestRateSteps {
		return RateAdvice{}, errors.New("the loss grew too soon to say anything; begin at a lower rate")
	}
	steps = steps[len(steps)/10 : len(steps)-5]
	return RateAdvice{Valley: steps[valley(steps)].Rate, Steepest: steps[steepest(steps)].Rate, Lowest: steps[lowest(steps)].Rate / 10}, nil
}

// valley finds the longest subsequence of falling losses, and in it a place half-way
// through its second third.
func valley(steps []RateStep) int {
	length, end := make([]int, len(steps)), 0
	for i := range steps {
		length[i] = 1
		for j := range i {
			if steps[i].Smooth < steps[j].Smooth && length[i] < length[j]+1 {
				length[i] = length[j] + 1
			}
		}
		if length[end] < length[i] {
			end = i
		}
	}
	start := end - length[end]
	third := float64(end-start) / 3
	return max(0, start+int(third)+int(third/2))
}

// steepest finds the most negative slope against the logarithm of the rate.
func steepest(steps []RateStep) (best int) {
	least := math.Inf(1)
	for i := range len(steps) - 1 {
		here, after := steps[i], steps[i+1]
		if g := (after.Smooth - here.Smooth) / (math.Log(after.Rate) - math.Log(here.Rate)); g < least {
			best, least = i, g
		}
	}
	return best
}

func lowest(steps []RateStep) (best int) {
	for i, s := range steps {
		if s.Smooth < steps[best].Smooth {
			best = i
		}
	}
	return best
}
