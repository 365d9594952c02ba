package sweeps

func init() {
	Domains.Add("range", "any number between two, evenly", Range{}, "range: [0, 0.5]")
}

// Range is a stretch of numbers.
type Range struct {
	Range  [2]float64 `help:"the smallest and the largest number" short:"true" required:"true"`
	Step   float64    `help:"distance of the values from each other; 0 for any number" min:"0"`
	Points int        `help:"how many values a grid takes, ends included; with a step, all of them when 0" min:"0" max:"10000"`
	When
}

// Dimension is even.
func (r Range) Dimension() Dimension {
	return Dimension{Low: r.Range[0], High: r.Range[1], Step: r.Step, Points: r.Points, When: r.When.When}
}
