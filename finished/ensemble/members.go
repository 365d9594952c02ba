package ensemble

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// joinRuns puts what finished runs predicted together by case, calibrated as runner
// predict would give it unless raw is asked for.
func (b *Blended) joinRuns(raw bool) error {
	var err error
	if b.mixed, err = b.asksDiffer(); err != nil {
		return err
	}
	for i, r := range b.records {
		run, err := memberOf(r, b.names[i], raw)
		if b.mixed {
			run.Predictions = withoutTargets(run.Predictions)
		}
		if err == nil {
			err = b.add(run)
		}
		if err != nil {
			return err
		}
	}
	var members []evaluate.Member
	for i := range b.members {
		if err := b.rejoin(&b.members[i]); err != nil {
			return err
		}
		members = append(members, b.members[i].Member)
	}
	b.joined, err = evaluate.Join(members)
	b.tell(b.joined.Remarks)
	if b.mixed {
		b.warnings = append(b.warnings, "the members answer other targets, so the ensemble has none of its own: its numbers are of all cases together, those of its members may be means over targets")
	}
	if first := b.records[0]; err == nil && first.Fact(evaluate.TrainingFact) == "" && !evaluate.OfFolds(b.joined.Items[0]) {
		b.warnings = append(b.warnings, fmt.Sprintf("run %s was stored by an older program, without the counts of its training classes: there is no guess without images to compare with", first.ID))
	}
	return err
}

func (b *Blended) tell(remarks []evaluate.Remark) {
	for _, remark := range remarks {
		b.warnings = append(b.warnings, remark.Text)
	}
}

// memberOf takes what a run that may be Blended has stored.
func memberOf(r *results.RunRecord, name string, raw bool) (memberRun, error) {
	m := memberRun{Member: evaluate.Member{Contestant: finished.Contestant(r)}, name: name, record: r}
	switch {
	case r.Status != results.Done:
		return m, stage.Fault{Err: fmt.Errorf("run %s is %s", r.ID, r.Status), Hint: "blend finished runs; the condition status=done finds them"}
	case r.Fact(results.EnsembleFact) != "":
		return m, stage.Fault{Err: fmt.Errorf("run %s is an ensemble itself", r.ID), Hint: "name the runs that it blends, which its report lists"}
	case r.Fact(results.ValidationFact) != "":
		return m, stage.Fault{Err: fmt.Errorf("run %s is a validation: it has no nets of its own", r.ID), Hint: "blend the runs, and validate the ensemble"}
	}
	e, err := experiments.Stored(r.Experiment)
	if err != nil {
		return m, fmt.Errorf("run %s: %w", r.ID, err)
	}
	split, err := json.Marshal(e.Data.Split)
	if err != nil {
		return m, err
	}
	m.split, m.By, m.Given = e.Data.Split, e.Data.Split.By, m.Fingerprint+string(split)
	if raw {
		return m, nil
	}
	if m.Predictions, err = finished.Calibrated(r, m.Predictions); err != nil {
		err = fmt.Errorf("run %s: %w", r.ID, err)
	}
	return m, err
}

// weigh finds the weights that are asked for.
func (o Options) weigh(ctx context.Context, env stage.Env, b *Blended, number string) (err error) {
	weights := make([]float64, len(b.members))
	switch o.Weights {
	case "equal":
		for i := range weights {
			weights[i] = 1
		}
	case "greedy":
		return o.weighGreedily(ctx, env, b, number)
	default:
		words := strings.Split(o.Weights, ",")
		if len(words) != len(weights) {
			return stage.Fault{Err: fmt.Errorf("--weights %s: %d weights for %d members", o.Weights, len(words), len(weights)), Hint: "give one for each, in their order: " + strings.Join(b.memberNames(), ", ") + "; or equal, or greedy"}
		}
		for i, word := range words {
			if weights[i], err = strconv.ParseFloat(strings.TrimSpace(word), 64); err != nil {
				return stage.Fault{Err: fmt.Errorf("--weights %s: %q is no number", o.Weights, word), Hint: "give equal, greedy, or numbers such as 0.5,0.3,0.2"}
			}
		}
	}
	if o.Weights == "equal" {
		b.Experiment.Ensemble.WeightsBy = "equal"
	}
	if b.how, err = evaluate.NewBlend(o.By, weights); err != nil {
		return stage.Fault{Err: fmt.Errorf("--weights %s: %w", o.Weights, err), Hint: "give numbers of which at least one is above 0"}
	}
	return nil
}

func (o Options) weighGreedily(ctx context.Context, env stage.Env, b *Blended, number string) error {
	b.Experiment.Ensemble.WeightsBy = "greedy"
	validation := b.joined.Of(stage.Validation)
	if len(validation[0]) == 0 {
		return stage.Fault{Err: fmt.Errorf("--weights greedy: the runs have no predictions of the validation split, which weights are found on"), Hint: "take equal weights"}
	}
	found, err := evaluate.Greedy{By: o.By, Number: number, Metrics: b.Experiment.Evaluate, Rounds: o.Rounds}.Select(ctx, env, b.joined.Classes, validation)
	if err != nil {
		return fmt.Errorf("--weights greedy: %w", err)
	}
	b.selection, b.how = &found, found.Blend
	return o.weighApart(ctx, b, number, validation)
}

// partsApart are those of the groups of the validation split, each of which is blended with
// weights that were found on the others.
const partsApart = 5

// weighApart finds weights for the validation split's own numbers. Where parts of it have not what
// a number needs, such as a case of each class, there are none.
func (o Options) weighApart(ctx context.Context, b *Blended, number string, validation [][]stage.Prediction) (err error) {
	b.apart, err = evaluate.CrossFit(b.Experiment.Seed, partsApart, validation, func(members [][]stage.Prediction) (evaluate.Blend, error) {
		s, err := evaluate.Greedy{By: o.By, Number: number, Metrics: b.Experiment.Evaluate, Rounds: o.Rounds}.Select(ctx, stage.Env{Recorder: stage.Discard, Workers: o.Workers}, b.joined.Classes, members)
		return s.Blend, err
	})
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		b.apart = nil
		b.warnings = append(b.warnings, fmt.Sprintf("weights could not be found on parts of the validation split (%v)", stage.WithoutHint(err)))
	}
	return nil
}
