// Package audit reads the tables of a data set, joins them by key, names every
// defect, and puts each case into a split without letting a study leak. It reads
// image headers but no pixels, so check runs all of it.
package audit

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"vertebra/stages/stage"
)

// Cases are what later stages work on.
type Cases struct {
	Classes     []string          // "normal_mild", "moderate", "severe": index = label
	Cases       []stage.Case      // sorted by ID
	Series      map[string]Series // key "<study>/<series>"
	Dropped     []Dropped         // what was left out, by rule
	Findings    []Dropped         // what looks wrong and was kept, by rule
	Fingerprint string            // sha256 of everything that defines the data
	Folds       int               // parts of cross-validation; 0 for a single split
	Fold        int               // the fold to run: 0 for all of them, stage.AllFolds to validate on none
}

// Series is one image series of a study.
type Series struct {
	Key, Study, Type string
	Files            []File // by instance number
}

// File is one image file of a series.
type File struct {
	Path     string
	Instance int
}

// Dropped is a rule, what was done about it, and to what.
type Dropped struct {
	Rule     string   // "point without label"
	Severity string   // "info", "warning"
	Done     string   // "dropped", "kept"
	IDs      []string // row ids, sorted; for tables' columns their names
	Reason   string   // for people
}

// Run reads, checks and splits. It reads no pixels.
func Run(ctx context.Context, env stage.Env, cfg Config) (Cases, error) {
	request, err := newRequest(cfg.Drop)
	if err != nil {
		return Cases{}, err
	}
	found, err := cfg.Source.Part.Read(ctx, request)
	if err != nil {
		return Cases{}, err
	}
	sort.Slice(found.Cases, func(i, j int) bool { return found.Cases[i].ID < found.Cases[j].ID })
	out := Cases{Classes: found.Classes, Series: found.Series, Dropped: found.Dropped, Cases: found.Cases}
	heads, err := readHeaders(ctx, env, out.Cases)
	if err != nil {
		return Cases{}, err
	}
	out.dropByHeader(heads)
	if len(out.Cases) == 0 {
		return Cases{}, stage.Fault{Err: fmt.Errorf("no case is left%s", summary(out.Dropped)), Hint: "look at data.source and data.drop"}
	}
	patients := heads.patients(out.Cases)
	if err := out.divide(cfg.Split, env.Seed, patients); err != nil {
		return Cases{}, err
	}
	leak, err := checkLeaks(out, cfg.Split, patients)
	if err != nil {
		return Cases{}, err
	}
	out.Findings = append(findings(out.Cases), leak.findings...)
	out.Fingerprint = fingerprint(found.Root, out, heads)
	return out, out.tell(ctx, env, request, leak)
}

// divide puts each case into a split, and with cross-validation into a fold.
func (c *Cases) divide(split Split, seed uint64, patients map[string]string) error {
	c.Folds, c.Fold = split.Folds, split.Fold
	if split.File == "" {
		if err := split.assign(seed, c.Cases, patients); err != nil {
			return err
		}
	} else {
		file, err := readSplitFile(string(split.File))
		if err != nil {
			return err
		}
		if err := file.apply(c, patients); err != nil {
			return err
		}
	}
	if c.Fold > c.Folds {
		return stage.Fault{Err: fmt.Errorf("data.split.fold: there is no fold %d of %d", c.Fold, c.Folds), Hint: "the file of data.split.file numbers the folds"}
	}
	if c.Fold != 0 {
		c.Cases = stage.InFold(c.Cases, c.Fold)
	}
	return nil
}

// Runs lists the folds that the experiment asks for, in their order: 1 to k for
// cross-validation, one number when it chooses one, and a single 0 for a single
// split. See InFold.
func (c Cases) Runs() []int {
	if c.Fold != 0 || c.Folds == 0 {
		return []int{c.Fold}
	}
	out := make([]int, c.Folds)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

// InFold gives the cases with their splits as a fold sees them; the rest is
// shared.
func (c Cases) InFold(fold int) Cases {
	c.Cases = stage.InFold(c.Cases, fold)
	return c
}

func summary(dropped []Dropped) string {
	var parts []string
	for _, d := range dropped {
		parts = append(parts, fmt.Sprintf("%s: %d", d.Rule, len(d.IDs)))
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// drop removes cases by a rule. why gives the reason, "" for a case that stays;
// the first reason stands for all.
func (c *Cases) drop(rule string, why func(stage.Case) string) {
	d := Dropped{Rule: rule, Severity: "warning", Done: "dropped"}
	var kept []stage.Case
	for _, one := range c.Cases {
		reason := why(one)
		if reason == "" {
			kept = append(kept, one)
			continue
		}
		d.IDs = append(d.IDs, one.ID)
		if d.Reason == "" {
			d.Reason = reason
		}
	}
	c.Cases = kept
	if len(d.IDs) > 0 {
		sort.Strings(d.IDs)
		c.Dropped = append(c.Dropped, d)
	}
}
