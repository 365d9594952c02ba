package ensemble

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/stages/evaluate"
	"vertebra/stages/explain"
	"vertebra/stages/stage"
)

// Phase is the phase of an ensemble's predictions.
const Phase = "ensemble"

// splitsHeldOut are those that members are compared on.
var splitsHeldOut = []stage.Split{stage.Validation, stage.Test}

// Standing is what is told of an ensemble beside its members.
type Standing struct {
	Blended
	Number    string                         // the name of the number that decides
	items     []stage.Prediction             // of the ensemble
	Numbers   map[stage.Split][]stage.Scalar // the members', then the ensemble's; nothing where a split has no cases
	best      int                            // the member that is best on the validation split; -1 where nobody knows
	Agreement []evaluate.Agreement           // of pairs of members
	AlikeOn   stage.Split                    // the split that Agreement is of
	verdict   *evaluate.Comparison
	untold    string // why there is no verdict
}

// Measure records the predictions of the ensemble, and all that is told of them; pictures gives small
// ones of cases, where there are some.
func (b Blended) Measure(ctx context.Context, env stage.Env, pictures func(context.Context, []string) (map[string][]byte, error)) (s Standing, err error) {
	s = Standing{Blended: b, Number: b.number(), items: b.how.OfGroups(b.apart, stage.Validation, b.joined.Items), best: -1}
	for i := range s.items {
		s.items[i].Phase = Phase
	}
	if err := env.Recorder.Record(ctx, append(b.events(), stage.PredictionRecords(s.items)...)...); err != nil {
		return s, err
	}
	if err := s.compare(ctx, env); err != nil {
		return s, err
	}
	if err := env.Recorder.Record(ctx, s.figures()...); err != nil {
		return s, err
	}
	first := b.records[0]
	cases, err := evaluate.TrainingCases(first.Fact(evaluate.TrainingFact), b.members[0].Predictions)
	if err != nil {
		return s, fmt.Errorf("run %s: %w", first.ID, err)
	}
	for i := range cases {
		if b.mixed {
			cases[i].Tags = withoutTarget(cases[i].Tags)
		}
	}
	if err := evaluate.Run(ctx, env, b.Experiment.Evaluate, b.joined.Classes, cases, s.items); err != nil {
		return s, fmt.Errorf("evaluate: %w", err)
	}
	return s, explain.Kept(ctx, env, b.joined.Classes, s.items, pictures)
}

// events are what a reader must know.
func (b Blended) events() (out []stage.Record) {
	for _, text := range b.warnings {
		out = append(out, stage.Event{Level: "warning", Stage: "ensemble", Text: text})
	}
	if found := b.foundOnValidation(); found != "" && !b.inTurn() {
		out = append(out, stage.Event{Level: "warning", Stage: "ensemble",
			Text: found + " found on the validation split, so the ensemble's numbers of that split are too good; those of the test split are not"})
	}
	return out
}

// foundOnValidation says what makes the numbers of the validation split too good.
func (b Blended) foundOnValidation() string {
	var calibrated []string
	for i, m := range b.members {
		if b.calibrated(i) && b.how.Weights[i] > 0 {
			calibrated = append(calibrated, m.name)
		}
	}
	members := "the calibration of " + strings.Join(calibrated, ", ")
	switch {
	case b.selected() && calibrated != nil:
		return "the weights and " + members + " were"
	case b.selected():
		return "the weights were"
	case calibrated != nil:
		return members + " was"
	}
	return ""
}

// selected says whether weights were chosen by the cases of the validation split that they blend.
func (b Blended) selected() bool { return b.selection != nil && b.apart == nil }

// calibrated says whether a member is blended as its calibration corrects it.
func (b Blended) calibrated(member int) bool {
	return !b.Experiment.Ensemble.Raw && b.members[member].parts[0].record.Fact(evaluate.CalibrationFact) != ""
}

// compare measures the members beside the ensemble.
func (s *Standing) compare(ctx context.Context, env stage.Env) error {
	s.Numbers = map[stage.Split][]stage.Scalar{}
	for _, split := range splitsHeldOut {
		members := s.joined.Of(split)
		if len(members[0]) == 0 {
			continue
		}
		for _, items := range append(members, evaluate.LastOf(s.items, split)) {
			number, err := s.Experiment.Evaluate.Number(ctx, env, s.joined.Classes, items, s.Number)
			if err != nil {
				return err
			}
			s.Numbers[split] = append(s.Numbers[split], number)
		}
		if s.AlikeOn == "" {
			s.AlikeOn, s.Agreement = split, evaluate.Agreements(s.joined.Classes, members)
		}
	}
	s.findBest()
	return s.judge(ctx, env)
}

// findBest looks for the best member where choosing it costs the test split nothing.
func (s *Standing) findBest() {
	for i, n := range s.Numbers[stage.Validation] {
		if i == len(s.members) || math.IsNaN(n.Value) || n.Better == stage.NoDirection {
			continue
		}
		if s.best < 0 || (n.Better == stage.HigherBetter) == (n.Value > s.Numbers[stage.Validation][s.best].Value) && n.Value != s.Numbers[stage.Validation][s.best].Value {
			s.best = i
		}
	}
}

// judge holds the ensemble against its best member, paired over the same cases.
func (s *Standing) judge(ctx context.Context, env stage.Env) error {
	split, only := stage.Test, slices.Index(s.how.Weights, 1)
	switch {
	case s.Experiment.Ensemble.Nested != "":
		s.untold = "for each fold it is the trial that the fold's own validation number chose (nested cross-validation): each case is predicted by a net that neither saw it nor was chosen by it"
		return nil
	case len(s.members) == 1:
		s.untold = "these runs are the folds of one cross-validation: each case is predicted by the net that did not see it"
		return nil
	case only >= 0:
		s.untold = fmt.Sprintf("this is %s alone: no other run has a weight", s.members[only].name)
		return nil
	case s.best < 0:
		s.untold = "there is no verdict: without numbers of the validation split nobody knows the best member"
		return nil
	case len(s.Numbers[stage.Test]) == 0:
		split = stage.Validation
	}
	member := s.members[s.best]
	contender := func(name, id string, items []stage.Prediction) evaluate.Contender {
		return evaluate.Contender{Name: name, Runs: []evaluate.Contestant{{ID: id, Classes: s.joined.Classes, Predictions: items}}}
	}
	names := []string{s.Number}
	for _, n := range evaluate.Names(s.Experiment.Evaluate) {
		names = append(names, n.Name)
	}
	q := evaluate.Question{Split: split, Primary: s.Number, Metrics: s.Experiment.Evaluate,
		Contender: []evaluate.Contender{contender(member.name, member.ID, s.joined.Items[s.best]), contender(Itself, s.Experiment.Name, s.items)}}
	q.Metrics.Metrics = q.Metrics.Giving(names)
	found, err := evaluate.Compare(ctx, env, q)
	if ctx.Err() != nil {
		return err
	}
	if err != nil { // too few groups for intervals
		s.untold = fmt.Sprintf("there is no verdict: %v", stage.WithoutHint(err))
		return nil
	}
	s.verdict = &found
	return nil
}

// Itself is what tables call the ensemble among its members.
const Itself = "the ensemble"
