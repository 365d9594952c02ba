package queue

import (
	"cmp"
	"math"
	"slices"

	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/sweeps"
)

// board is what is known of all trials, as searches and stoppers want to see it.
type board struct {
	o      *Options
	trials []*results.Trial
}

// find gives a row; nil when there is none.
func (b *board) find(number, replicate int) *results.Trial {
	for _, t := range b.trials {
		if t.Number == number && t.Replicate == replicate {
			return t
		}
	}
	return nil
}

// numbers are the trials, each once.
func (b *board) numbers() []int {
	var out []int
	for _, t := range b.trials {
		out = append(out, t.Number)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// of are the rows of one trial by replicate.
func (b *board) of(number int) []*results.Trial {
	var out []*results.Trial
	for _, t := range b.trials {
		if t.Number == number {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b *results.Trial) int { return cmp.Compare(a.Replicate, b.Replicate) })
	return out
}

// signed turns a value so that smaller is better.
func (b *board) signed(v float64) float64 {
	if b.o.Better == stage.HigherBetter {
		return -v
	}
	return v
}

// sofar is the best value of a row, signed: the final one where it is done, NaN
// where there is none.
func (b *board) sofar(t *results.Trial) float64 {
	if t.State == results.TrialDone && !math.IsNaN(t.Value) {
		return b.signed(t.Value)
	}
	best := math.NaN()
	for _, v := range t.Values {
		if v = b.signed(v); math.IsNaN(best) || v < best {
			best = v
		}
	}
	return best
}

// seen is what a search sees of a trial: the mean over its replicates, and +Inf
// where its settings made it fail.
func (b *board) seen(number int) sweeps.Seen {
	rows := b.of(number)
	s := sweeps.Seen{Note: rows[0].Note, Whole: true, Value: math.NaN(), Point: sweeps.Point{}}
	sum, n := 0.0, 0
	for _, t := range rows {
		s.Epochs += t.Epochs
		s.Whole = s.Whole && t.State == results.TrialDone && t.Reason == ""
		if v := b.sofar(t); !math.IsNaN(v) {
			sum, n = sum+v, n+1
		}
		if t.State == results.TrialFailed && infeasible(t.FailureKind) {
			s.Value = math.Inf(1)
		}
	}
	if n > 0 && !math.IsInf(s.Value, 1) {
		s.Value = sum / float64(n)
	}
	return s
}

// question asks the search for the next trial.
func (b *board) question() sweeps.Question {
	q := sweeps.Question{Space: b.o.Space, Seed: b.o.Seed}
	for _, number := range b.numbers() {
		t := b.find(number, 0)
		if t == nil {
			continue
		}
		if t.Origin == results.Searched {
			q.Number++
		}
		s := b.seen(number)
		var err error
		switch {
		case t.Origin == results.Baseline:
			if s.Point = b.o.BasePoint; s.Point == nil {
				continue
			}
		default:
			if s.Point, err = b.o.Space.Locate(t.Settings); err != nil {
				continue
			}
		}
		q.Past = append(q.Past, s)
	}
	return q
}

// field is what a stopper sees: the first replicate of each trial.
func (b *board) field() sweeps.Field {
	f := sweeps.Field{Noise: max(b.o.Noise, b.spread())}
	for _, t := range b.trials {
		if t.Replicate > 0 {
			continue
		}
		track := sweeps.Track{Trial: t.Number, Paused: t.State == results.Paused, Over: t.State.Over(), Failed: t.State == results.TrialFailed}
		for _, v := range t.Values {
			track.Values = append(track.Values, b.signed(v))
		}
		f.Tracks = append(f.Tracks, track)
	}
	return f
}

// spread is the standard deviation between the seeds of a trial, pooled over the
// trials that have several; 0 where none has.
func (b *board) spread() float64 {
	if b.o.Config.Seeds < 2 {
		return 0
	}
	sum, freedom := 0.0, 0
	folds := max(1, b.o.Replicates/b.o.Config.Seeds)
	for _, number := range b.numbers() {
		for fold := range folds {
			var values []float64
			for _, t := range b.of(number) {
				if t.Replicate%folds == fold && t.State == results.TrialDone && !math.IsNaN(t.Value) {
					values = append(values, t.Value)
				}
			}
			mean := 0.0
			for _, v := range values {
				mean += v / float64(len(values))
			}
			for _, v := range values {
				sum += (v - mean) * (v - mean)
			}
			freedom += max(0, len(values)-1)
		}
	}
	if freedom == 0 {
		return 0
	}
	return math.Sqrt(sum / float64(freedom))
}

// best is the row with the best value; nil when none has one. Of trials that are
// done in all replicates, the mean counts; one that is not done counts only while
// none is.
func (b *board) best() *results.Trial {
	var best *results.Trial
	rank := func(t *results.Trial) (notDone int, value float64) {
		s := b.seen(t.Number)
		if !b.whole(t.Number) {
			return 1, s.Value
		}
		return 0, s.Value
	}
	for _, number := range b.numbers() {
		t := b.find(number, 0)
		if t == nil || t.State == results.TrialFailed {
			continue
		}
		d, v := rank(t)
		if math.IsNaN(v) || math.IsInf(v, 1) {
			continue
		}
		if best != nil {
			bd, bv := rank(best)
			if d > bd || d == bd && v >= bv {
				continue
			}
		}
		best = t
	}
	return best
}

// leader is the row with the best value so far, done or not.
func (b *board) leader() *results.Trial {
	var leader *results.Trial
	for _, t := range b.trials {
		v := b.sofar(t)
		if math.IsNaN(v) || t.State == results.TrialFailed {
			continue
		}
		if leader == nil || v < b.sofar(leader) {
			leader = t
		}
	}
	return leader
}

// whole says whether every replicate of a trial is done.
func (b *board) whole(number int) bool {
	rows := b.of(number)
	return len(rows) >= b.o.Replicates && !slices.ContainsFunc(rows, func(t *results.Trial) bool { return t.State != results.TrialDone })
}

// replicates are the signed values of the done replicates of a trial.
func (b *board) replicates(number int) map[int]float64 {
	out := map[int]float64{}
	for _, t := range b.of(number) {
		if t.State == results.TrialDone && !math.IsNaN(t.Value) {
			out[t.Replicate] = b.signed(t.Value)
		}
	}
	return out
}
