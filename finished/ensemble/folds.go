package ensemble

import (
	"fmt"
	"slices"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// member is what has one weight: a run, or the runs that trained the folds of a
// cross-validation one by one.
type member struct {
	evaluate.Member
	name  string // without its date
	parts []memberRun
}

// memberRun is a run as it is Blended.
type memberRun struct {
	evaluate.Member
	name   string
	record *results.RunRecord
	split  audit.Split
}

// foldOnly are the settings in which runs of single folds differ.
var foldOnly = []string{"name", "purpose", "data.split.fold"}

// add makes a run a member, or a part of the one whose other folds came before. Of a nested
// cross-validation, folds may have other settings.
func (b *Blended) add(run memberRun) error {
	if b.Experiment.Ensemble.Nested != "" && len(b.members) == 1 {
		b.members[0].parts = append(b.members[0].parts, run)
		return nil
	}
	for i, m := range b.members {
		taken := slices.ContainsFunc(m.parts, func(p memberRun) bool { return p.split.Fold < 1 || p.split.Fold == run.split.Fold })
		if run.split.Fold < 1 || taken {
			continue
		}
		changes, err := experiments.Diff(experiments.Present(m.parts[0].record.Experiment), experiments.Present(run.record.Experiment))
		if err != nil {
			return fmt.Errorf("experiments of %s and %s: %w", m.parts[0].ID, run.ID, err)
		}
		if !slices.ContainsFunc(changes, func(c experiments.Change) bool { return !slices.Contains(foldOnly, c.Path) }) {
			b.members[i].parts = append(m.parts, run)
			return nil
		}
	}
	b.members = append(b.members, member{run.Member, run.name, []memberRun{run}})
	return nil
}

// rejoin makes one member of the runs of single folds.
func (b *Blended) rejoin(m *member) error {
	if len(m.parts) == 1 {
		return nil
	}
	if b.Experiment.Ensemble.By != "mean" {
		return stage.Fault{Err: fmt.Errorf("no ensemble: %s and %s trained single folds, which say together what their mean is", m.parts[0].ID, m.parts[1].ID), Hint: "take --by mean"}
	}
	var runs []evaluate.FoldRun
	for _, p := range m.parts {
		runs = append(runs, evaluate.FoldRun{Member: p.Member, Fold: p.split.Fold, Tests: p.split.TestsInTurn()})
	}
	var remarks []evaluate.Remark
	var err error
	m.Member, remarks, err = evaluate.Rejoined(runs)
	others := "1 other fold"
	if n := len(m.parts) - 1; n > 1 {
		others = fmt.Sprintf("%d other folds", n)
	}
	m.name, m.ID = m.parts[0].name+" and "+others, m.parts[0].ID+" and "+others
	b.tell(remarks)
	if of := m.parts[0].split.Folds; err == nil && len(m.parts) < of {
		held := "validated"
		if m.parts[0].split.TestsInTurn() {
			held = "tested"
		}
		b.warnings = append(b.warnings, fmt.Sprintf("%s are %d of %d folds: cases of the others are not %s", m.name, len(m.parts), of, held))
	}
	return err
}

func (b Blended) memberNames() (out []string) {
	for _, m := range b.members {
		out = append(out, m.name)
	}
	return out
}

// shares are the weights of single runs: folds share that of their member.
func (b Blended) shares() (runs []string, weights []float64) {
	for i, m := range b.members {
		for _, p := range m.parts {
			runs, weights = append(runs, p.ID), append(weights, b.how.Weights[i]/float64(len(m.parts)))
		}
	}
	return runs, weights
}
