package sweeps

func init() {
	Domains.Add("integer", "a whole number between two, both included", Integer{Step: 1}, "integer: [1, 8]")
}

// Integer is a stretch of whole numbers.
type Integer struct {
	Range  [2]int `help:"the smallest and the largest number" short:"true" required:"true"`
	Step   int    `help:"distance of the values from each other" min:"1"`
	Log    bool   `help:"evenly on a logarithmic scale, as for the width of layers"`
	Points int    `help:"how many values a grid takes, ends included; all of them when 0" min:"0" max:"10000"`
	When
}

// Dimension has steps.
func (i Integer) Dimension() Dimension {
	return Dimension{Low: float64(i.Range[0]), High: float64(i.Range[1]), Step: float64(i.Step), Whole: true, Log: i.Log, Points: i.Points, When: i.When.When}
}
