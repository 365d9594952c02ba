package experiments

import (
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// CovariatePlan is what the net is given of a sample besides its image.
type CovariatePlan struct {
	Name    string   `json:"name"`
	Values  []string `json:"values,omitempty"` // of a category
	Least   float64  `json:"least,omitempty"`  // of a number
	Most    float64  `json:"most,omitempty"`
	Unknown int      `json:"unknown"` // samples

	// tells says that each value goes with one class alone.
	tells bool
}

func planCovariates(cases audit.Cases) (out []CovariatePlan) {
	samples := cases.Samples().Cases
	for _, c := range cases.Covariates {
		p := CovariatePlan{Name: c.Name, Values: c.Values, tells: tellsClass(c, cases)}
		first := true
		for _, one := range samples {
			if len(stage.Covariates{c}.Unknown(one.Tags)) > 0 {
				p.Unknown++
			} else if v, ok := stage.ParseCovariate(one.Tags[c.Name]); ok && c.Values == nil {
				if first {
					p.Least, p.Most, first = v, v, false
				}
				p.Least, p.Most = min(p.Least, v), max(p.Most, v)
			}
		}
		out = append(out, p)
	}
	return out
}

// enough is how many cases of a value are no chance that they are all of one class.
const enough = 5

// tellsClass says whether each value of a category that cases enough have goes with one class
// alone, and not all with the same.
func tellsClass(c stage.Covariate, cases audit.Cases) bool {
	counts := map[string]map[int]int{}
	for _, one := range cases.Cases {
		value := one.Tags[c.Name]
		if counts[value] == nil {
			counts[value] = map[int]int{}
		}
		counts[value][one.Label]++
	}
	classes := map[int]bool{}
	for _, value := range c.Values {
		total := 0
		for label, n := range counts[value] {
			if total += n; n >= enough {
				classes[label] = true
			}
		}
		if len(counts[value]) > 1 && total >= enough {
			return false
		}
	}
	return len(classes) > 1
}

// covariatesTell warns of what would make images superfluous.
func covariatesTell(p DataPlan) (out []string) {
	for _, c := range p.Covariates {
		if c.tells {
			out = append(out, fmt.Sprintf("data.covariates: each value of %s goes with one class alone: it may be the label in other words, or be known only afterwards", c.Name))
		}
		if len(c.Values) == 1 && c.Unknown == 0 {
			out = append(out, fmt.Sprintf("data.covariates: %s is %s in all cases: no effect", c.Name, c.Values[0]))
		}
	}
	return out
}

// covariatesAreThere warns of settings for what no sample has.
func covariatesAreThere(e Experiment, c *checker) {
	if len(e.Data.Covariates.Sketch()) == 0 && e.Model.Covariates != model.Default.Covariates {
		c.warn("model.covariates", "has no effect: there are none", "name some in data.covariates, or remove it")
	}
}
