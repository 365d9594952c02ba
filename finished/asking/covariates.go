package asking

import (
	"maps"
	"slices"

	"vertebra/finished"
	"vertebra/stages/audit"
)

// Covariate is what is known of a sample besides its images.
type Covariate struct {
	Name    string   `json:"name"`
	Values  []string `json:"values,omitempty"`  // that the nets know; nil of numbers
	Headers bool     `json:"headers,omitempty"` // DICOM files may tell it themselves
}

// or has the values that either knows.
func (c Covariate) or(other Covariate) Covariate {
	c.Values = slices.Clone(c.Values)
	for _, v := range other.Values {
		if !slices.Contains(c.Values, v) {
			c.Values = append(c.Values, v)
		}
	}
	c.Headers = c.Headers && other.Headers
	return c
}

// covariatesOf are what the nets take besides an image, as a form asks for it: what the run's table
// cut into classes is asked for as the number that it was.
func covariatesOf(o finished.Opened, own audit.Table) (out []Covariate) {
	for _, c := range o.Covariates {
		one := Covariate{Name: c.Name, Values: c.Values, Headers: slices.Contains(o.Experiment.Data.Headers, c.Name)}
		if len(own.Cut[c.Name]) > 0 {
			one.Values = nil
		}
		out = append(out, one)
	}
	return out
}

// cellOf is what a table says for a value that the nets know: where the run's table was read in other
// words, one of these, if the value itself would be read as something else.
func cellOf(own audit.Table, column, value string) string {
	words := own.Replace[column]
	if _, read := words[value]; !read {
		return value
	}
	for _, word := range slices.Sorted(maps.Keys(words)) {
		if words[word] == value {
			return word
		}
	}
	return value
}
