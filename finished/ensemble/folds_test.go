package ensemble

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// foldRun is a run of one fold of an experiment with a batch; 0 for a run of all folds.
func foldRun(id string, fold, batch int) memberRun {
	r := &results.RunRecord{RunSummary: results.RunSummary{ID: id}, Experiment: fmt.Sprintf("name: %s\ndata: {split: {folds: 3, fold: %d}}\ntrain: {batch: %d}\n", id, fold, batch)}
	return memberRun{Member: evaluate.Member{Contestant: evaluate.Contestant{ID: id}}, name: id, record: r, split: audit.Split{Folds: 3, Fold: fold}}
}

// TestFoldsAreOneMember: runs of single folds of one experiment have one weight; a fold that is there
// already, and another experiment, begin another member.
func TestFoldsAreOneMember(t *testing.T) {
	t.Parallel()
	b := Blended{}
	for _, run := range []memberRun{foldRun("a1", 1, 8), foldRun("b1", 1, 16), foldRun("a2", 2, 8), foldRun("a1again", 1, 8), foldRun("whole", 0, 8), foldRun("a3", 3, 8), foldRun("wholeagain", 0, 8), foldRun("a3again", 3, 8), foldRun("b2", 2, 16)} {
		if err := b.add(run); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, m := range b.members {
		var parts []string
		for _, p := range m.parts {
			parts = append(parts, p.ID)
		}
		got = append(got, strings.Join(parts, "+"))
	}
	if want := []string{"a1+a2+a3", "b1+b2", "a1again+a3again", "whole", "wholeagain"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	b.how.Weights = []float64{0.6, 0.2, 0.1, 0.1, 0}
	runs, weights := b.shares()
	if want := "[a1 a2 a3 b1 b2 a1again a3again whole wholeagain] [0.2 0.2 0.2 0.1 0.1 0.05 0.05 0.1 0]"; fmt.Sprintf("%s %.3g", runs, weights) != want {
		t.Errorf("got %s %.3g, want %s", runs, weights, want)
	}
}

// TestRejoined: some of the folds say which are missing, and geometric means know no folds.
func TestRejoined(t *testing.T) {
	t.Parallel()
	of := func(by string, runs ...memberRun) (Blended, error) {
		b := Blended{Experiment: experiments.Ensemble{Ensemble: experiments.Blending{By: by}}}
		for i, run := range runs {
			for k := range 2 {
				run.Classes = []string{"no", "yes"}
				run.Predictions = append(run.Predictions, stage.Prediction{CaseID: fmt.Sprint(run.ID, k), Split: stage.Validation, Label: k, Probabilities: []float64{0.5, 0.5}})
			}
			if err := b.add(run); err != nil {
				t.Fatal(i, err)
			}
		}
		return b, b.rejoin(&b.members[0])
	}
	two, err := of("mean", foldRun("a1", 1, 8), foldRun("a2", 2, 8))
	if err != nil || two.members[0].name != "a1 and 1 other fold" || len(two.warnings) == 0 || two.warnings[len(two.warnings)-1] != "a1 and 1 other fold are 2 of 3 folds: cases of the others are not validated" {
		t.Errorf("two of three: got %q, %q, %v", two.members[0].name, two.warnings, err)
	}
	all, err := of("mean", foldRun("a1", 1, 8), foldRun("a2", 2, 8), foldRun("a3", 3, 8))
	if err != nil || all.members[0].ID != "a1 and 2 other folds" || slices.ContainsFunc(all.warnings, func(w string) bool { return strings.Contains(w, "of 3 folds") }) {
		t.Errorf("all: got %q, %q, %v", all.members[0].ID, all.warnings, err)
	}
	if _, err = of("geometric", foldRun("a1", 1, 8), foldRun("a2", 2, 8)); err == nil || !strings.Contains(err.Error(), "a1 and a2 trained single folds, which say together what their mean is") {
		t.Errorf("geometric: got %v", err)
	}
	if one, err := of("geometric", foldRun("a1", 1, 8)); err != nil || one.members[0].name != "a1" {
		t.Errorf("a single run: got %q, %v", one.members[0].name, err)
	}
}

// TestAsksDiffer: members may answer other targets, unless these have classes of their own.
func TestAsksDiffer(t *testing.T) {
	t.Parallel()
	run := func(targets, among string) *results.RunRecord {
		r := &results.RunRecord{RunSummary: results.RunSummary{ID: targets + among}}
		for name, value := range map[string]string{audit.TargetsFact: targets, audit.AmongFact: among} {
			if value != "" {
				r.Facts = append(r.Facts, stage.Fact{Name: name, Value: value})
			}
		}
		return r
	}
	for name, c := range map[string]struct {
		records []*results.RunRecord
		differ  bool
		want    string
	}{
		"alike":                          {[]*results.RunRecord{run(`["a"]`, ""), run(`["a"]`, "")}, false, ""},
		"one answers single cases":       {[]*results.RunRecord{run(`["a"]`, ""), run(`["a"]`, ""), run("", "")}, true, ""},
		"own classes alike":              {[]*results.RunRecord{run(`["a"]`, "[[0]]"), run(`["a"]`, "[[0]]")}, false, ""},
		"other classes":                  {[]*results.RunRecord{run(`["a"]`, "[[0]]"), run(`["a"]`, "[[1]]")}, false, "the targets of"},
		"own classes of one alone":       {[]*results.RunRecord{run(`["a"]`, ""), run(`["a"]`, "[[1]]")}, false, "the targets of"},
		"own classes and other targets":  {[]*results.RunRecord{run(`["a"]`, "[[0]]"), run(`["b"]`, "[[0]]")}, false, "have other classes"},
		"other targets, the first again": {[]*results.RunRecord{run(`["a"]`, ""), run(`["b"]`, ""), run(`["a"]`, "")}, true, ""},
	} {
		differ, err := (&Blended{records: c.records}).asksDiffer()
		if differ != c.differ || (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v, want %v and %q", name, differ, err, c.differ, c.want)
		}
	}
}

// TestNestedFoldsAreOneMember: of a nested cross-validation the runs of folds are one member, whatever
// their settings; two that test the same fold are refused.
func TestNestedFoldsAreOneMember(t *testing.T) {
	t.Parallel()
	of := func(runs ...memberRun) (Blended, error) {
		b := Blended{Experiment: experiments.Ensemble{Ensemble: experiments.Blending{By: "mean", Nested: "a sweep"}}}
		for i, run := range runs {
			run.split.Rotate, run.Classes = "test", []string{"no", "yes"}
			run.Predictions = []stage.Prediction{{CaseID: fmt.Sprint("case of fold ", run.split.Fold), Split: stage.Test, Phase: fmt.Sprint("phase ", i), Probabilities: []float64{0.5, 0.5}}}
			if err := b.add(run); err != nil {
				t.Fatal(err)
			}
		}
		return b, b.rejoin(&b.members[0])
	}
	b, err := of(foldRun("a1", 1, 8), foldRun("b2", 2, 16), foldRun("a3", 3, 8))
	if err != nil || len(b.members) != 1 || len(b.warnings) > 0 || !b.joinedInTurn() {
		t.Errorf("got %d members, %q, %v", len(b.members), b.warnings, err)
	}
	if _, err := of(foldRun("a1", 1, 8), foldRun("b1", 1, 16)); err == nil || !strings.Contains(err.Error(), "both a1 and b1 test case case of fold 1") {
		t.Errorf("got %v", err)
	}
}

// joinedInTurn says whether the only member has a case of each of three folds.
func (b Blended) joinedInTurn() bool {
	items := evaluate.LastOf(b.members[0].Predictions, stage.Test)
	return len(items) == 3 && evaluate.TestedInTurn(items)
}
