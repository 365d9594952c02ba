package ensemble

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/stages/evaluate"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// measures is how the ensemble is measured: as its first member, unless the command line
// says otherwise.
func (o Options) measures(b *Blended) (evaluate.Config, error) {
	cfg, err := experiments.Measured(b.records[0].Experiment)
	if err != nil {
		return cfg, fmt.Errorf("run %s: %w", b.records[0].ID, err)
	}
	cfg.Calibrate = o.Calibrate
	if err := cfg.MakeSets(o.Sets); err != nil {
		return cfg, err
	}
	if err := o.inTurn(b, &cfg); err != nil {
		return cfg, err
	}
	if o.Metrics == nil {
		return cfg, b.tellMeasures()
	}
	own := cfg.Metrics
	cfg.Metrics = nil
	for _, name := range o.Metrics {
		part, known := evaluate.Metrics.Default(name)
		if !known {
			return cfg, stage.Fault{Err: fmt.Errorf("--metrics: no metric %q", name), Hint: registry.Suggest(name, evaluate.Metrics.Names())}
		}
		if at := slices.IndexFunc(own, func(m registry.One[evaluate.Metric]) bool { return m.Name == name }); at >= 0 {
			part = own[at]
		}
		cfg.Metrics = append(cfg.Metrics, part)
	}
	return cfg, nil
}

// inTurn leaves prediction sets out where folds of the members took turns as test set: each fold has
// validation cases of its own, so there are none that all nets together could learn from.
func (o Options) inTurn(b *Blended, cfg *evaluate.Config) error {
	if !b.inTurn() {
		return nil
	}
	asked := ""
	switch {
	case o.Calibrate != nil:
		asked = "--calibrate"
	case o.Sets > 0:
		asked = "--sets"
	}
	if asked != "" {
		return stage.Fault{Err: fmt.Errorf("%s: folds of %s take turns as test set, and there are no validation cases of all nets to learn from", asked, b.names[0]),
			Hint: "leave it out: each member is blended as its own folds calibrate it"}
	}
	cfg.Outliers = nil // each member tells by itself
	if cfg.Sets != nil {
		cfg.Sets = nil
		b.warnings = append(b.warnings, fmt.Sprintf("there are no prediction sets: folds of %s take turns as test set, and there are no validation cases of all nets to find thresholds on", b.names[0]))
	}
	return nil
}

// inTurn says whether folds of the members took turns as test set.
func (b Blended) inTurn() bool {
	return len(b.joined.Items) > 0 && evaluate.TestedInTurn(b.joined.Items[0])
}

// fits refuses measures that the predictions cannot have, before anything is stored.
func (b Blended) fits(number string) error {
	asked, err := b.questions()
	if err != nil {
		return err
	}
	var cases []stage.Case
	for _, item := range b.joined.Items[0] {
		target := max(0, slices.Index(asked.Targets, item.Tags[stage.TargetTag]))
		cases = append(cases, stage.Case{ID: item.CaseID, Group: item.Group, Split: item.Split, Label: item.Label, Tags: item.Tags, Target: target})
	}
	if problems := b.Experiment.Evaluate.Fits(asked, cases); len(problems) > 0 {
		p := problems[0]
		return stage.Fault{Err: fmt.Errorf("evaluate.%s: %s", p.Path, p.Text), Hint: cmp.Or(p.Hint, "choose others by --metrics, --calibrate and --sets")}
	}
	for _, split := range splitsHeldOut {
		if items := b.joined.Of(split)[0]; len(items) > 0 {
			if err := b.Experiment.Evaluate.Gives(b.joined.Classes, items, number); err != nil {
				return fmt.Errorf("%s split: %w", split, err)
			}
		}
	}
	return nil
}

// tellMeasures warns of members that measured otherwise.
func (b *Blended) tellMeasures() error {
	for i, r := range b.records[1:] {
		changes, err := experiments.Diff(experiments.Present(b.records[0].Experiment), experiments.Present(r.Experiment))
		if err != nil {
			return fmt.Errorf("experiments of %s and %s: %w", b.records[0].ID, r.ID, err)
		}
		for _, change := range changes {
			if strings.HasPrefix(change.Path, "evaluate.") && !strings.HasPrefix(change.Path, "evaluate.calibrate") {
				b.warnings = append(b.warnings, fmt.Sprintf("%s measured otherwise (%s: %s): the ensemble is measured as %s", b.names[i+1], change.Path, change.Words, b.names[0]))
				break
			}
		}
	}
	return nil
}
