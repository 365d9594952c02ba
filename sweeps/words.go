package sweeps

import (
	"fmt"
	"strings"
)

// Words says for people which values a dimension has.
func (d Dimension) Words() string {
	switch {
	case d.Same != "" && d.Times != 1:
		return fmt.Sprintf("%v times that of %s", d.Times, d.Same)
	case d.Same != "":
		return "that of " + d.Same
	case d.Choices != nil:
		return strings.Join(d.Choices, ", ")
	}
	text := d.Text(d.Low) + " to " + d.Text(d.High)
	switch {
	case d.Whole && d.Step == 1:
		text += ", whole numbers"
	case d.Step > 0:
		text += " in steps of " + d.Text(d.Step)
	}
	if d.Log {
		text += ", logarithmic"
	}
	if d.Points > 0 {
		text += fmt.Sprintf(", %d of them in a grid", d.Points)
	}
	return text
}

// Conditions says when a parameter counts; "" for always.
func (p Param) Conditions() string {
	var words []string
	for _, n := range p.needs {
		words = append(words, n.path+" is "+strings.Join(n.values, " or "))
	}
	return strings.Join(words, " and ")
}
