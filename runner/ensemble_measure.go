package main

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

// ensemblePhase is the phase of an ensemble's predictions.
const ensemblePhase = "ensemble"

// splitsHeldOut are those that members are compared on.
var splitsHeldOut = []stage.Split{stage.Validation, stage.Test}

// standing is what is told of an ensemble beside its members.
type standing struct {
	blended
	number    string                         // that decides
	items     []stage.Prediction             // of the ensemble
	numbers   map[stage.Split][]stage.Scalar // the members', then the ensemble's; nothing where a split has no cases
	best      int                            // the member that is best on the validation split; -1 where nobody knows
	agreement []evaluate.Agreement
	alikeOn   stage.Split // the split that agreement is of
	verdict   *evaluate.Comparison
	untold    string // why there is no verdict
}

// measure stores the predictions of the ensemble, and all that is told of them.
func (b blended) measure(ctx context.Context, env stage.Env, pictures func(context.Context, []string) (map[string][]byte, error)) (s standing, err error) {
	s = standing{blended: b, number: b.number(), items: b.how.OfGroups(b.apart, stage.Validation, b.joined.Items), best: -1}
	for i := range s.items {
		s.items[i].Phase = ensemblePhase
	}
	if err := env.Recorder.Record(ctx, append(b.events(), asRecords(s.items)...)...); err != nil {
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
	if err := evaluate.Run(ctx, env, b.e.Evaluate, b.joined.Classes, cases, s.items); err != nil {
		return s, fmt.Errorf("evaluate: %w", err)
	}
	return s, explain.Kept(ctx, env, b.joined.Classes, s.items, pictures)
}

// events are what a reader must know.
func (b blended) events() (out []stage.Record) {
	for _, text := range b.warnings {
		out = append(out, stage.Event{Level: "warning", Stage: "ensemble", Text: text})
	}
	if found := b.foundOnValidation(); found != "" {
		out = append(out, stage.Event{Level: "warning", Stage: "ensemble",
			Text: found + " found on the validation split, so the ensemble's numbers of that split are too good; those of the test split are not"})
	}
	return out
}

// foundOnValidation says what makes the numbers of the validation split too good.
func (b blended) foundOnValidation() string {
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
func (b blended) selected() bool { return b.selection != nil && b.apart == nil }

// calibrated says whether a member is blended as its calibration corrects it.
func (b blended) calibrated(member int) bool {
	return !b.e.Ensemble.Raw && b.members[member].parts[0].record.Fact(evaluate.CalibrationFact) != ""
}

// compare measures the members beside the ensemble.
func (s *standing) compare(ctx context.Context, env stage.Env) error {
	s.numbers = map[stage.Split][]stage.Scalar{}
	for _, split := range splitsHeldOut {
		members := s.joined.Of(split)
		if len(members[0]) == 0 {
			continue
		}
		for _, items := range append(members, evaluate.LastOf(s.items, split)) {
			number, err := s.e.Evaluate.Number(ctx, env, s.joined.Classes, items, s.number)
			if err != nil {
				return err
			}
			s.numbers[split] = append(s.numbers[split], number)
		}
		if s.alikeOn == "" {
			s.alikeOn, s.agreement = split, evaluate.Agreements(s.joined.Classes, members)
		}
	}
	s.findBest()
	return s.judge(ctx, env)
}

// findBest looks for the best member where choosing it costs the test split nothing.
func (s *standing) findBest() {
	for i, n := range s.numbers[stage.Validation] {
		if i == len(s.members) || math.IsNaN(n.Value) || n.Better == stage.NoDirection {
			continue
		}
		if s.best < 0 || (n.Better == stage.HigherBetter) == (n.Value > s.numbers[stage.Validation][s.best].Value) && n.Value != s.numbers[stage.Validation][s.best].Value {
			s.best = i
		}
	}
}

// judge holds the ensemble against its best member, paired over the same cases.
func (s *standing) judge(ctx context.Context, env stage.Env) error {
	split, only := stage.Test, slices.Index(s.how.Weights, 1)
	switch {
	case len(s.members) == 1:
		s.untold = "these runs are the folds of one cross-validation: each validation case is predicted by the net that did not see it"
		return nil
	case only >= 0:
		s.untold = fmt.Sprintf("this is %s alone: no other run has a weight", s.members[only].name)
		return nil
	case s.best < 0:
		s.untold = "there is no verdict: without numbers of the validation split nobody knows the best member"
		return nil
	case len(s.numbers[stage.Test]) == 0:
		split = stage.Validation
	}
	member := s.members[s.best]
	contender := func(name, id string, items []stage.Prediction) evaluate.Contender {
		return evaluate.Contender{Name: name, Runs: []evaluate.Contestant{{ID: id, Classes: s.joined.Classes, Predictions: items}}}
	}
	names := []string{s.number}
	for _, n := range evaluate.Names(s.e.Evaluate) {
		names = append(names, n.Name)
	}
	q := evaluate.Question{Split: split, Primary: s.number, Metrics: s.e.Evaluate,
		Contender: []evaluate.Contender{contender(member.name, member.ID, s.joined.Items[s.best]), contender(theEnsemble, s.e.Name, s.items)}}
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

// theEnsemble is what tables call it.
const theEnsemble = "the ensemble"
