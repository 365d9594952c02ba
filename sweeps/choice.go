package sweeps

import "vertebra/stages/registry"

func init() {
	Domains.Add("choice", "one of some values: words, numbers, whole parts or sections", Choice{}, "choice: [cross_entropy, {focal: {gamma: 2}}]")
}

// Choice lists values.
type Choice struct {
	Values []registry.Any `help:"the values; null leaves a part out that may be left out" short:"true" required:"true"`
	When
}

// Dimension has no order.
func (c Choice) Dimension() Dimension {
	d := Dimension{Choices: []string{}, When: c.When.When}
	for _, v := range c.Values {
		d.Choices = append(d.Choices, string(v))
	}
	return d
}
