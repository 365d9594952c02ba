package sweeps

func init() {
	Domains.Add("same", "the value that another setting of the space has in the trial: tied, not searched", Same{Times: 1}, "same: train.optimizer.adam.rate")
}

// Same ties a setting to another.
type Same struct {
	As    string  `help:"path of the other setting" short:"true" required:"true"`
	Times float64 `help:"what the other's number is multiplied by"`
	When
}

// Dimension is no dimension of its own.
func (s Same) Dimension() Dimension {
	return Dimension{Same: s.As, Times: s.Times, When: s.When.When}
}
