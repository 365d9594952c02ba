package evaluate

import (
	"maps"
	"math"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// CutTarget takes the name of one target's number apart: macro_f1/edema is macro_f1 of the
// cases whose tag Config.AverageOver is edema.
func CutTarget(name string) (number, target string, ok bool) { return strings.Cut(name, "/") }

// Watching gives a section that measures numbers of single targets besides, where monitors
// such as validation.macro_f1/edema name them.
func (cfg Config) Watching(monitors ...string) Config {
	cfg.watched = slices.Clone(cfg.watched)
	for _, monitor := range monitors {
		name := strings.TrimPrefix(monitor, string(stage.Validation)+".")
		if _, target, ok := CutTarget(name); ok && target != "" && !slices.Contains(cfg.watched, name) {
			cfg.watched = append(cfg.watched, name)
		}
	}
	return cfg
}

// withWatched adds the numbers of single targets to the metrics that give them.
func (cfg Config) withWatched(all []registry.One[Metric]) []registry.One[Metric] {
	if cfg.AverageOver == "" {
		return all
	}
	for _, name := range cfg.watched {
		number, target, _ := CutTarget(name)
		for _, m := range all {
			if m.Part == nil || m.Name == name {
				continue
			}
			at := slices.IndexFunc(m.Part.Scalars(), func(s stage.Scalar) bool { return s.Name == number })
			if at >= 0 && !slices.ContainsFunc(all, func(m registry.One[Metric]) bool { return m.Name == name }) {
				all = append(all, registry.One[Metric]{Name: name, Part: ofTarget(m.Part, at, target)})
				break
			}
		}
	}
	return all
}

// targetNumber is one number of a metric, of one target alone.
type targetNumber struct {
	of     Metric
	at     int // of the number among those of the metric
	target string
}

// weighedTarget is that of a metric that weighs classes.
type weighedTarget struct{ targetNumber }

// ClassWeights are those of the metric.
func (m weighedTarget) ClassWeights() []float64 { return m.of.(Weighted).ClassWeights() }

func ofTarget(m Metric, at int, target string) Metric {
	one := targetNumber{m, at, target}
	if _, is := m.(Weighted); is {
		return weighedTarget{one}
	}
	return one
}

// Pooled says that it is no mean over targets.
func (targetNumber) Pooled() {}

// Scalars is the number, named after the target.
func (m targetNumber) Scalars() []stage.Scalar {
	s := m.of.Scalars()[m.at]
	s.Name, s.Title = s.Name+"/"+m.target, s.Title+", "+m.target
	return []stage.Scalar{s}
}

// Accept leaves the number out where the target has no cases, and asks the metric.
func (m targetNumber) Accept(p Predictions) error {
	t, there := p.target(m.target)
	if !there {
		return stage.Skip{Reason: "there is no case of " + m.target}
	}
	if d, demanding := m.of.(Demanding); demanding {
		return d.Accept(t)
	}
	return nil
}

// Values is NaN where no case of the target counts.
func (m targetNumber) Values(p Predictions) []float64 {
	t, there := p.target(m.target)
	if !there || t.total() == 0 {
		return []float64{math.NaN()}
	}
	return m.of.Values(t)[m.at : m.at+1]
}

// target finds the predictions of one target, which may be all.
func (p Predictions) target(name string) (of Predictions, there bool) {
	targets := p.targets()
	if targets == nil {
		return p, p.averageOver != "" && len(p.Items) > 0 && tagged(p.Items[0], p.averageOver) == name
	}
	at := slices.IndexFunc(targets, func(t Target) bool { return t.Name == name })
	if at < 0 {
		return p, false
	}
	return targets[at].Predictions, true
}

// WatchedFits says why a number of a target cannot be measured: the validation cases do not
// have the target, or it does not have the class that the number is about. "" is no reason.
func (cfg Config) WatchedFits(monitor string, asked stage.Questions, cases []stage.Case) (problem, hint string) {
	_, target, ok := CutTarget(monitor)
	if !ok || !strings.HasPrefix(monitor, string(stage.Validation)+".") {
		return "", ""
	}
	all, validated := map[string]bool{}, false
	for _, c := range cases {
		value := c.Tags[cfg.AverageOver]
		if value == "" {
			continue
		}
		all[value] = true
		validated = validated || value == target && (c.Split == stage.Validation || c.Turns == nil && c.Fold > 0 && c.Split != stage.Test)
	}
	switch {
	case len(all) == 0:
		return "no case has the tag " + cfg.AverageOver + ", which evaluate.average_over says targets by", "monitor a number of all cases, such as validation.loss"
	case !all[target]:
		return "there is no " + cfg.AverageOver + " \"" + target + "\"", registry.Suggest(target, slices.Sorted(maps.Keys(all)))
	case !validated:
		return "there is no validation case of " + target, "give validation more, or monitor a number of another " + cfg.AverageOver
	}
	return cfg.watchedRefuses(monitor, asked, cases)
}

// watchedRefuses asks the metric about the classes of the target.
func (cfg Config) watchedRefuses(monitor string, asked stage.Questions, cases []stage.Case) (problem, hint string) {
	p, err := cfg.prepare(asked.Classes, undecided(asked, cases, stage.Validation))
	if err != nil {
		return "", "" // nothing of the split is predicted, or it is no metric's fault
	}
	name := strings.TrimPrefix(monitor, string(stage.Validation)+".")
	for _, m := range cfg.Watching(monitor).withWatched(parts(cfg)) {
		one, demanding := m.Part.(Demanding)
		if m.Name != name || !demanding {
			continue
		}
		if problem, bad := refusal(one.Accept(p)); bad {
			return problem.Text, problem.Hint
		}
	}
	return "", ""
}
