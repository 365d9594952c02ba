package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// groupsOut are the groups, studies or patients, that each fold of a run measures its net on; 0 is a
// single split.
type groupsOut map[int][]string

// heldOutBy lists them for each fold that is to be trained.
func heldOutBy(cases audit.Cases) groupsOut {
	out := groupsOut{}
	for _, fold := range cases.FoldsToRun() {
		for _, c := range stage.InFold(cases.Cases, fold) {
			if c.Split != stage.Train {
				out[fold] = append(out[fold], c.Group)
			}
		}
		slices.Sort(out[fold])
		out[fold] = slices.Compact(out[fold])
	}
	return out
}

// tellWeightsKnow warns where the weights that a net begins with are those of a run of the same
// data that was trained on cases which the net is measured on.
func (c runCommand) tellWeightsKnow(ctx context.Context, db *results.DB, e experiments.Experiment, id identity) (told string) {
	path := string(e.Model.Backbone.Part.File())
	if _, released := e.Model.Release(); released || path == "" {
		return ""
	}
	record, of := c.runOfWeights(ctx, db, path)
	if record == nil || record.Fact(audit.UndividedFact) != id.undivided {
		return ""
	}
	known, all := 0, 0
	for fold, groups := range id.heldOut {
		out := heldOutIn(record, max(fold, 0), of)
		for _, group := range groups {
			if all++; !out[group] {
				known++
			}
		}
	}
	if known == 0 {
		return ""
	}
	return fmt.Sprintf("run %s, whose weights the net begins with, was trained on %d of the %d groups that it is measured on: the numbers are too good; take its data.split, and of a cross-validation its folder as a whole", record.ID, known, all)
}

// runOfWeights finds the run that a file or folder of weights belongs to, and the fold that the path
// names; nil where the database has none.
func (c runCommand) runOfWeights(ctx context.Context, db *results.DB, path string) (record *results.RunRecord, fold int) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	for range 3 { // runs/<id>/fold-2/best.safetensors
		name := filepath.Base(path)
		if number, is := strings.CutPrefix(name, "fold-"); is {
			fold, _ = strconv.Atoi(number)
		} else if r, err := db.Load(ctx, name); err == nil && r.ID == name {
			return r, fold
		}
		path = filepath.Dir(path)
	}
	return nil, 0
}

// heldOutIn are the groups that the net of a run was not trained on: the net of the fold that the path
// of its weights names, else that of the same fold as the one that begins from it.
func heldOutIn(record *results.RunRecord, fold, named int) map[string]bool {
	if named > 0 {
		fold = named
	}
	out := map[string]bool{}
	for _, item := range record.Predictions {
		split, _, _ := stage.ParseFoldName(string(item.Split))
		own := item.Tags[stage.FoldTag]
		if split == string(stage.Test) || split == string(stage.Validation) && (own == "" || own == strconv.Itoa(fold)) {
			out[item.Group] = true
		}
	}
	return out
}
