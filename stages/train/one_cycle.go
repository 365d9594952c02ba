package train

import "math"

func init() {
	Schedules.Add("one_cycle", "raises the rate to its peak and lowers it far below its beginning, step by step (Smith and Topin 2018)",
		OneCycle{Rise: 0.3, Start: 25, End: 1e4, Curve: "cosine", Fall: "one"})
}

// OneCycle is torch.optim.lr_scheduler.OneCycleLR, whose max_lr is the learning
// rate; momentum stays as it is.
type OneCycle struct {
	Rise  float64 `help:"share of the phase in which the rate rises" over:"0" under:"1"`
	Start float64 `help:"the phase begins with the rate divided by this" min:"1"`
	End   float64 `help:"the phase ends with the first rate divided by this" min:"1"`
	Curve string  `help:"shape of rise and fall" oneof:"cosine linear"`
	Fall  string  `help:"one fall to the end; or two, back to the beginning as fast as it rose and then to the end, as in the paper" oneof:"one two"`
}

// Rate is on the stretch between two turning points.
func (o OneCycle) Rate(base float64, h History) float64 {
	total := float64(h.Epochs * h.StepsPerEpoch)
	first := base / o.Start
	at, rates := []float64{0, o.Rise*total - 1, total - 1}, []float64{first, base, first / o.End}
	if o.Fall == "two" {
		at, rates = []float64{0, o.Rise*total - 1, 2*o.Rise*total - 2, total - 1}, []float64{first, base, first, first / o.End}
	}
	now, i := float64(h.Step-1), 1
	for i < len(at)-1 && now > at[i] {
		i++
	}
	share := 1.0
	if at[i] > at[i-1] {
		share = min(1, (now-at[i-1])/(at[i]-at[i-1]))
	}
	if o.Curve == "cosine" {
		share = (1 - math.Cos(math.Pi*share)) / 2
	}
	return rates[i-1] + (rates[i]-rates[i-1])*share
}
