package sweeps

func init() {
	Domains.Add("log", "any number between two, evenly on a logarithmic scale: for learning rates", Log{}, "log: [1e-5, 1e-2]")
}

// Log is a stretch of numbers of which each decade gets as many trials.
type Log struct {
	Range  [2]float64 `help:"the smallest and the largest number, both above 0" short:"true" required:"true"`
	Points int        `help:"how many values a grid takes, ends included" min:"0" max:"10000"`
	When
}

// Dimension is even in the logarithm.
func (l Log) Dimension() Dimension {
	return Dimension{Low: l.Range[0], High: l.Range[1], Log: true, Points: l.Points, When: l.When.When}
}
