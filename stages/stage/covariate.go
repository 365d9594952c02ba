package stage

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Covariate is what is known of a sample besides its image: a tag of its cases.
type Covariate struct {
	Name string `json:"name"`
	// Values are those of a category, sorted; a number has none.
	Values []string `json:"values,omitempty"`
}

// Covariates are those of a data set, in the order in which a net takes them.
type Covariates []Covariate

// IsKnown ends the name of the column that says whether a number is known.
const IsKnown = " is known"

// ParseCovariates reads a stored fact that lists them; none where it does not.
func ParseCovariates(fact string) (c Covariates) {
	if json.Unmarshal([]byte(fact), &c) != nil {
		return nil
	}
	return c
}

// Words say what each of them is: sex (f, m), age (a number).
func (c Covariates) Words() (out []string) {
	for _, one := range c {
		kind := "a number"
		if one.Values != nil {
			kind = strings.Join(one.Values, ", ")
		}
		out = append(out, one.Name+" ("+kind+")")
	}
	return out
}

// Columns names the numbers that a net is given of a sample: of a category one for each
// value, which is 1 where it is that; of a number the number itself, and 1 where it is known.
func (c Covariates) Columns() (out []string) {
	for _, one := range c {
		if one.Values == nil {
			out = append(out, one.Name, one.Name+IsKnown)
		}
		for _, value := range one.Values {
			out = append(out, one.Name+" "+value)
		}
	}
	return out
}

// Numbers gives for each column whether it holds a number; the column behind it says whether
// that is known.
func (c Covariates) Numbers() (out []bool) {
	for _, one := range c {
		if one.Values == nil {
			out = append(out, true, false)
		}
		out = append(out, make([]bool, len(one.Values))...)
	}
	return out
}

// Row gives the columns of a sample with these tags. Of what is not known, and of values
// that the data set does not have, all are 0.
func (c Covariates) Row(tags map[string]string) (out []float32) {
	for _, one := range c {
		if one.Values == nil {
			number, known := ParseCovariate(tags[one.Name])
			if known {
				out = append(out, float32(number), 1)
			} else {
				out = append(out, 0, 0)
			}
			continue
		}
		at := len(out)
		out = append(out, make([]float32, len(one.Values))...)
		if i := slices.Index(one.Values, tags[one.Name]); i >= 0 {
			out[at+i] = 1
		}
	}
	return out
}

// Unknown lists the covariates of which nothing is known by these tags.
func (c Covariates) Unknown(tags map[string]string) (names []string) {
	for _, one := range c {
		_, number := ParseCovariate(tags[one.Name])
		if one.Values == nil && !number || one.Values != nil && !slices.Contains(one.Values, tags[one.Name]) {
			names = append(names, one.Name)
		}
	}
	return names
}

// ParseCovariate reads a covariate that is one.
func ParseCovariate(text string) (number float64, known bool) {
	number, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(number) || math.IsInf(float64(float32(number)), 0) {
		return 0, false
	}
	return number, true
}
