package evaluate

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Fits says, before anything is trained, which settings do not suit these classes and
// cases: metrics that cannot work with what will be predicted, and a tag to average
// over that no case has. Paths are those within the section.
func (cfg Config) Fits(asked stage.Questions, cases []stage.Case) (out registry.Problems) {
	classes := asked.Classes
	for i, m := range cfg.Metrics {
		demanding, ok := m.Part.(Demanding)
		if !ok {
			continue
		}
		for _, split := range []stage.Split{stage.Validation, stage.Test} {
			p, err := cfg.prepare(classes, undecided(asked, cases, split))
			if err != nil {
				continue // nothing of the split is predicted, or it is no metric's fault
			}
			if problem, bad := refusal(demanding.Accept(p)); bad {
				problem.Path, problem.Text = fmt.Sprintf("metrics.%d", i), fmt.Sprintf("%s split: %s", split, problem.Text)
				out = append(out, problem)
				break
			}
		}
	}
	out = slices.Concat(out, cfg.calibratorFits(asked), cfg.setsFit(asked, cases), cfg.outliersFit(cases), cfg.ReadersFit(asked, cases))
	return append(out, cfg.averageFits(asked, cases)...)
}

// averageFits wants a tag to average over that cases have, and where targets have classes of
// their own one that tells these apart: grades of one and findings of another are no classes
// of one question.
func (cfg Config) averageFits(asked stage.Questions, cases []stage.Case) registry.Problems {
	over := cfg.AverageOver
	if over == stage.TargetTag {
		return nil
	}
	if over != "" && !hasTag(cases, over) {
		return registry.Problems{{Path: "average_over", Text: fmt.Sprintf("no case has the tag %q", over), Hint: registry.Suggest(over, tagsOf(cases))}}
	}
	first := map[string]int{} // target of each value
	for _, c := range cases {
		value := c.Tags[over]
		before, known := first[value]
		if !known {
			first[value], before = c.Target, c.Target
		}
		if asked.Among != nil && !slices.Equal(asked.Of(before), asked.Of(c.Target)) {
			return registry.Problems{{Path: "average_over", Text: fmt.Sprintf("it takes answers about %s and about %s together, whose classes are others", asked.Targets[before], asked.Targets[c.Target]),
				Hint: "leave it out: target, the default, measures each target among its own classes"}}
		}
	}
	return nil
}

// calibratorFits asks the calibrator, if it wants certain classes.
func (cfg Config) calibratorFits(asked stage.Questions) registry.Problems {
	if cfg.Calibrate == nil {
		return nil
	}
	if p, bad := refusedClasses(cfg.Calibrate.Part, asked); bad {
		p.Path = "calibrate." + cfg.Calibrate.Name
		return registry.Problems{p}
	}
	return nil
}

// refusedClasses is why a part cannot work with the classes of a target, if it wants certain
// ones; it names the target where these have classes of their own.
func refusedClasses(part any, asked stage.Questions) (p registry.Problem, bad bool) {
	wanting, wants := part.(interface{ Fits([]string) error })
	if !wants {
		return p, false
	}
	for _, kind := range asked.Kinds() {
		if p, bad = refusal(wanting.Fits(asked.Names(kind.Targets[0]))); bad {
			if asked.Among != nil {
				p.Text = asked.Targets[kind.Targets[0]] + ": " + p.Text
			}
			return p, true
		}
	}
	return p, false
}

// refusal is why a part does not accept predictions or classes; bad is false where it leaves
// itself out.
func refusal(err error) (p registry.Problem, bad bool) {
	if skip := (stage.Skip{}); err == nil || errors.As(err, &skip) {
		return p, false
	}
	if fault := (stage.Fault{}); errors.As(err, &fault) {
		return registry.Problem{Text: fault.Err.Error(), Hint: fault.Hint}, true
	}
	return registry.Problem{Text: err.Error()}, true
}

func hasTag(cases []stage.Case, tag string) bool {
	return slices.ContainsFunc(cases, func(c stage.Case) bool { return c.Tags[tag] != "" })
}

func tagsOf(cases []stage.Case) []string {
	tags := map[string]bool{}
	for _, c := range cases {
		for tag := range c.Tags {
			tags[tag] = true
		}
	}
	return slices.Sorted(maps.Keys(tags))
}

// undecided are predictions that know nothing: each class is equally likely.
func undecided(asked stage.Questions, cases []stage.Case, split stage.Split) []stage.Prediction {
	among, alike := make([][]int, asked.Count()), make([][]float64, asked.Count())
	for target := range alike {
		alike[target] = make([]float64, len(asked.Classes))
		for _, class := range asked.Of(target) {
			alike[target][class] = 1 / float64(len(asked.Of(target)))
		}
		if asked.Among != nil {
			among[target] = asked.Among[target]
		}
	}
	var out []stage.Prediction
	for _, c := range cases {
		if c.Split == split {
			out = append(out, stage.Prediction{
				CaseID: c.ID, Group: c.Group, Split: split, Label: c.Label, Probabilities: alike[c.Target], Tags: c.Tags, Among: among[c.Target],
			})
		}
	}
	return out
}
