package train

func init() {
	Schedules.Add("plateau", "lowers the learning rate when the monitored number stops getting better", Plateau{Factor: 0.1, Patience: 10, MinDelta: 1e-4})
}

// Plateau is Keras' ReduceLROnPlateau with no cooldown: an absolute MinDelta,
// and a reduction as soon as Patience epochs passed without a better value
// (PyTorch's acts one epoch later).
type Plateau struct {
	Factor   float64 `help:"the rate is multiplied by it" over:"0" under:"1"`
	Patience int     `help:"epochs without a better value before the rate falls" min:"1"`
	MinDelta float64 `help:"smallest change that counts as better" min:"0"`
	MinRate  float64 `help:"the rate never falls below it" min:"0"`
}

// Rate replays the past epochs. As in Keras, a value that is better by less
// than MinDelta does not become the one to beat.
func (p Plateau) Rate(base float64, h History) float64 {
	if len(h.Values) == 0 {
		return base
	}
	rate, best, wait := base, h.Values[0], 0
	for _, value := range h.Values[1:] {
		if better(h.Better, value, best, p.MinDelta) {
			best, wait = value, 0
			continue
		}
		if wait++; wait >= p.Patience {
			rate, wait = max(rate*p.Factor, p.MinRate), 0
		}
	}
	return rate
}
