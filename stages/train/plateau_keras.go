package train

func init() {
	Schedules.Add("plateau_keras", "lowers the rate when the monitored number stops getting better, as Keras' ReduceLROnPlateau does", PlateauKeras{Factor: 0.1, Patience: 10, MinDelta: 1e-4})
}

// PlateauKeras is keras.callbacks.ReduceLROnPlateau: better means by more than an
// absolute MinDelta, and the rate falls as soon as Patience epochs passed without
// (PyTorch's acts one epoch later). A value that is better by less does not become
// the one to beat.
type PlateauKeras struct {
	Factor   float64 `help:"the rate is multiplied by it" over:"0" under:"1"`
	Patience int     `help:"epochs without a better value before the rate falls" min:"1"`
	MinDelta float64 `help:"smallest change that counts as better" min:"0"`
	Cooldown int     `help:"epochs after a fall in which none are counted" unit:"epochs" min:"0"`
	MinRate  float64 `help:"the rate never falls below it" min:"0"`
}

// Rate replays the past epochs.
func (p PlateauKeras) Rate(base float64, h History) float64 {
	if len(h.Values) == 0 {
		return base
	}
	rate, best, wait, cooldown := base, h.Values[0], 0, 0
	for _, value := range h.Values[1:] {
		if cooldown > 0 {
			cooldown--
			wait = 0
		}
		switch {
		case better(h.Better, value, best, p.MinDelta):
			best, wait = value, 0
		case cooldown == 0:
			if wait++; wait >= p.Patience && rate > p.MinRate {
				rate, wait, cooldown = max(rate*p.Factor, p.MinRate), 0, p.Cooldown
			}
		}
	}
	return rate
}
