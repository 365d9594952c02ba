package train

import (
	"errors"
	"math"
)

func init() {
	Schedules.Add("step", "multiplies the rate by a factor every so many epochs, or at given ones", StepDecay{Every: 30, Factor: 0.1})
}

// StepDecay is torch.optim.lr_scheduler.StepLR, and with At MultiStepLR.
type StepDecay struct {
	Every  int     `help:"epochs from one change to the next; without effect where at is given" unit:"epochs" min:"1"`
	At     []int   `help:"the rate changes after so many epochs of the phase; in rising order" unit:"epochs" min:"1"`
	Factor float64 `help:"the rate is multiplied by it" over:"0" max:"1"`
}

// Validate wants rising numbers.
func (d StepDecay) Validate() error {
	for i := 1; i < len(d.At); i++ {
		if d.At[i] <= d.At[i-1] {
			return errors.New("at: want rising numbers, such as [30, 60, 80]")
		}
	}
	return nil
}

// Rate counts the changes that are over.
func (d StepDecay) Rate(base float64, h History) float64 {
	changes, past := 0, h.Epoch-1
	if len(d.At) == 0 {
		changes = past / d.Every
	}
	for _, at := range d.At {
		if past >= at {
			changes++
		}
	}
	return base * math.Pow(d.Factor, float64(changes))
}
