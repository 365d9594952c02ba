package sweeps

func init() {
	Searches.Add("random", "points drawn evenly from the space, none twice", Random{})
}

// Random draws each trial from a stream of its own.
type Random struct{}

// Next does not look at what earlier trials gave.
func (Random) Next(q Question) (Proposal, error) {
	at, err := q.fresh(func(i int) Point {
		rng := q.rand("random", i)
		return q.Space.Fill(func(p Param) float64 { return p.At(rng.Float64()) })
	})
	return Proposal{Point: at}, err
}

// Independent says that no proposal depends on what earlier trials gave.
func (Random) Independent() bool { return true }
