package sweeps

func init() {
	Searches.Add("grid", "every combination of the values once; settings that do not count make none", Grid{})
}

// Grid walks over the cells, the last parameter fastest.
type Grid struct{}

// Next gives the first cell that has no trial, so that a grid whose space was
// extended goes on with what is new.
func (Grid) Next(q Question) (Proposal, error) {
	done := map[string]bool{}
	for _, s := range q.Past {
		done[pointKey(s.Point)] = true
	}
	for cell := range q.Space.Cells() {
		if !done[pointKey(cell)] {
			return Proposal{Point: cell}, nil
		}
	}
	return Proposal{}, ErrExhausted
}

// Independent says that no proposal depends on what earlier trials gave.
func (Grid) Independent() bool { return true }
