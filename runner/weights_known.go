package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/packages"
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
	record, netOf := c.runOfWeights(ctx, db, path)
	if record == nil || record.Fact(audit.UndividedFact) != id.undivided {
		return ""
	}
	known, all := 0, 0
	for fold, groups := range id.heldOut {
		out := heldOutIn(record, netOf(max(fold, 0)))
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

// runOfWeights finds the run that a file, folder or package of weights belongs to, and of which fold
// the net is that a fold begins with; nil where the database has none.
func (c runCommand) runOfWeights(ctx context.Context, db *results.DB, path string) (record *results.RunRecord, netOf func(fold int) int) {
	if run, of := netsOfPackage(path); run != "" {
		return loaded(ctx, db, run), of
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	named := 0
	for range 4 { // runs/<id>/fold-2/pretrain/best.safetensors
		name := filepath.Base(path)
		if number, is := strings.CutPrefix(name, "fold-"); is {
			named, _ = strconv.Atoi(number)
		} else if record := loaded(ctx, db, name); record != nil {
			return record, func(fold int) int { return cmp.Or(named, fold) }
		}
		path = filepath.Dir(path)
	}
	return nil, nil
}

func loaded(ctx context.Context, db *results.DB, id string) *results.RunRecord {
	if r, err := db.Load(ctx, id); err == nil && r.ID == id {
		return r
	}
	return nil
}

// netsOfPackage says which run the nets of a package are of that training begins with, and of which fold;
// "" of what is no package.
func netsOfPackage(path string) (run string, netOf func(fold int) int) {
	file, inside := path, ""
	if at := strings.LastIndexByte(path, '#'); at >= 0 && !packages.Is(path) {
		file, inside = path[:at], path[at+1:]
	}
	if !packages.Is(file) {
		return "", nil
	}
	p, err := packages.Open(file)
	if err != nil {
		return "", nil // whoever reads the weights says so
	}
	for _, r := range append([]packages.Run{p.Run}, p.Members...) {
		at := slices.IndexFunc(r.Nets, func(n packages.Net) bool { return inside == "" || n.Place() == inside })
		if at < 0 {
			continue
		}
		return r.ID, func(fold int) int {
			if same := slices.ContainsFunc(r.Nets, func(n packages.Net) bool { return n.Fold == fold }); same && inside == "" {
				return fold
			}
			return r.Nets[at].Fold
		}
	}
	return "", nil
}

// heldOutIn are the groups that the net of a run's fold was not trained on.
func heldOutIn(record *results.RunRecord, fold int) map[string]bool {
	out := map[string]bool{}
	for _, item := range record.Predictions {
		split, _, _ := stage.ParseFoldName(string(item.Split))
		own := item.Tags[stage.FoldTag]
		if heldOut := split == string(stage.Test) || split == string(stage.Validation); heldOut && (own == "" || own == strconv.Itoa(fold)) {
			out[item.Group] = true
		}
	}
	return out
}
