package main

import (
	"errors"
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// TestRunsGoOnWithTheSameFilesAlone: what a run began with is held against what there is now,
// as far as both are known.
func TestRunsGoOnWithTheSameFilesAlone(t *testing.T) {
	t.Parallel()
	now := identity{data: "d1", files: []stage.Fact{{Name: weightsFact, Value: "w1"}, {Name: softLabelsFact, Value: "s1"}, {Name: covariatesFact, Value: "c1"}}}
	for _, c := range []struct {
		was  map[string]string
		want string
	}{
		{map[string]string{audit.FingerprintFact: "d1", weightsFact: "w1", softLabelsFact: "s1"}, ""},
		{map[string]string{}, ""}, // stored by an older program
		{map[string]string{audit.FingerprintFact: "d2", softLabelsFact: "s2"}, "images, labels or splits are no longer those that run r began with"},
		{map[string]string{audit.FingerprintFact: "d1", softLabelsFact: "s2"}, "soft labels are no longer those"},
		{map[string]string{audit.FingerprintFact: "d1", softLabelsFact: "s1", covariatesFact: "c2"}, "values of covariates are no longer those"},
		{map[string]string{weightsFact: "w2"}, "weights are no longer those"},
	} {
		err := now.same("r", func(name string) string { return c.was[name] })
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q", c.was, err, c.want)
		}
	}
	// What an older program read otherwise is nobody's change.
	now.facts = []stage.Fact{{Name: "program", Value: "p2"}}
	for program, want := range map[string]bool{"p1": true, "p2": false, "": false} {
		err := now.same("r", func(name string) string {
			return map[string]string{audit.FingerprintFact: "d2", "program": program}[name]
		})
		var fault stage.Fault
		if !errors.As(err, &fault) || strings.Contains(fault.Hint, "begun by another version of this program (p1)") != want {
			t.Errorf("begun by %q: got %+v", program, err)
		}
	}
	for program, want := range map[string]int{"p1": 2, "p2": 1, "": 1} {
		if got := now.goesOn(program, []string{"purpose: a → b"}); len(got) != want || got[0].(stage.Event).Level != map[int]string{1: "info", 2: "warning"}[want] {
			t.Errorf("begun by %q: got %+v", program, got)
		}
	}
	if got := (identity{}).goesOn("p1", nil); got != nil {
		t.Errorf("by a program that nobody knows: got %+v", got)
	}
	if err := (identity{}).same("r", func(string) string { return "known" }); err != nil {
		t.Errorf("data that cannot be read now: %v", err)
	}
}

// TestMovedProjects: a run goes on where its data lie in another folder, as long as they are the
// same; not with a file of another name, and not where nobody knows what was in them.
func TestMovedProjects(t *testing.T) {
	t.Parallel()
	now := identity{data: "d1", files: []stage.Fact{{Name: weightsFact, Value: "w1"}}}
	root := experiments.Change{Path: "data.source.rsna.root", Before: "/old/data", After: "/new/disk/data"}
	weights := experiments.Change{Path: "model.backbone.resnet18.weights", Before: "/old/w.pth", After: "/new/w.pth"}
	for _, c := range []struct {
		was     map[string]string
		change  experiments.Change
		allowed bool
	}{
		{map[string]string{audit.FingerprintFact: "d1"}, root, true},
		{map[string]string{audit.FingerprintFact: "d1"}, experiments.Change{Path: "data.source.rsna.root", Before: "/old/data", After: "elsewhere/data"}, true},
		{map[string]string{audit.FingerprintFact: "d2"}, root, false},
		{map[string]string{}, root, false},
		{map[string]string{weightsFact: "w1"}, root, false},
		{map[string]string{weightsFact: "w1"}, weights, true},
		{map[string]string{audit.FingerprintFact: "d1"}, weights, false},
		{map[string]string{audit.FingerprintFact: "d1"}, experiments.Change{Path: "data.source.rsna.root", Before: "/old/data", After: "/old/other"}, false},
		{map[string]string{audit.FingerprintFact: "d1"}, experiments.Change{Path: "data.source.rsna.root", After: "/new/data"}, false},
		{map[string]string{audit.FingerprintFact: "d1"}, experiments.Change{Path: "data.label", Before: "worst", After: "worst"}, false},
		{map[string]string{audit.FingerprintFact: "d1"}, experiments.Change{Path: "train.soft_labels.file", Before: "/old/s.csv", After: "/new/s.csv"}, false},
		{nil, experiments.Change{Path: "purpose", Before: "a", After: "b"}, true},
	} {
		allowed, refused := sortChanges([]experiments.Change{c.change}, now.sameFiles(func(name string) string { return c.was[name] }))
		if got := len(allowed) == 1; got != c.allowed || len(allowed)+len(refused) != 1 {
			t.Errorf("%v, %+v: allowed %q, refused %q", c.was, c.change, allowed, refused)
		}
	}
	if got := (identity{}).sameFiles(func(string) string { return "" }); got != nil {
		t.Errorf("of files that nobody knows: got %v", got)
	}
}
