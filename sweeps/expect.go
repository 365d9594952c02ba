package sweeps

import (
	"math/rand/v2"

	"vertebra/stages/stage"
)

// Expected is what a sweep is expected to train.
type Expected struct {
	Epochs float64 // of the first run of each trial
	Whole  float64 // trials that are trained to the end
}

// The most trials that are simulated, and how often.
const (
	mostSimulated = 100
	simulations   = 4
)

// Expect says what a stopper leaves of so many trials of so many epochs: the mean over
// simulated sweeps, one trial after the other, in which the stopper itself decides.
// Their trials come in random order, one is better than another from the first epoch
// on, and all improve as 1/epoch. baseline says that the first is trained to the end.
func Expect(s Stopper, trials, epochs int, baseline bool) Expected {
	n := min(trials, mostSimulated)
	var sum Expected
	for i := range simulations {
		m := simulation{stopper: s, epochs: epochs, rng: stage.Rand(0, "expected epochs of a sweep", i)}
		m.run(n, baseline)
		for _, t := range m.field.Tracks {
			sum.Epochs += float64(len(t.Values))
			if len(t.Values) == epochs {
				sum.Whole++
			}
		}
	}
	scale := float64(trials) / float64(n) / simulations
	return Expected{sum.Epochs * scale, sum.Whole * scale}
}

// simulation is a sweep of trials that are numbers.
type simulation struct {
	stopper Stopper
	epochs  int
	rng     *rand.Rand
	field   Field
	levels  []float64
}

func (m *simulation) run(trials int, baseline bool) {
	for {
		trial, ok := m.stopper.Resume(m.field, m.epochs, false)
		fresh := !ok && len(m.levels) < trials
		if !ok && !fresh {
			if trial, ok = m.stopper.Resume(m.field, m.epochs, true); !ok {
				return
			}
		}
		if fresh {
			trial = len(m.levels)
			m.levels = append(m.levels, m.rng.Float64())
			m.field.Tracks = append(m.field.Tracks, Track{Trial: trial})
		}
		m.train(trial, baseline && trial == 0)
	}
}

// train trains a trial until the stopper pauses or ends it, or to its end.
func (m *simulation) train(trial int, toTheEnd bool) {
	t := &m.field.Tracks[trial]
	t.Paused = false
	asks := map[int]bool{}
	for _, e := range m.stopper.Asks(m.epochs) {
		asks[e] = !toTheEnd
	}
	for e := len(t.Values) + 1; e <= m.epochs; e++ {
		t.Values = append(t.Values, m.levels[trial]+0.1/float64(e))
		if e == m.epochs || !asks[e] {
			continue
		}
		switch m.stopper.Verdict(m.field, trial, e) {
		case Pause:
			t.Paused = true
			return
		case End:
			t.Over = true
			return
		}
	}
	t.Over = true
}
