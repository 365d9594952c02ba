package compare

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/finished/validate"
	"vertebra/reports"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// Page is what reports draw of a comparison; hasReport says which runs have a report beside it.
func (c Compared) Page(ctx context.Context, db *results.DB, hasReport func(run string) bool) (reports.Comparison, error) {
	names := ShortNames(c.Records)
	page := reports.Comparison{ID: comparisonID(c.Records), Name: "Comparison", Purpose: strings.Join(names, ", "),
		Machines: machines(c.Records, names)}
	if len(names) > 3 {
		page.Purpose = fmt.Sprintf("%s and %d more against %s", names[1], len(names)-2, names[0])
	} else {
		page.Purpose = strings.Join(names[1:], " and ") + " against " + names[0]
	}
	page.Purpose += fmt.Sprintf(": %d cases of %d %s of the %s split, which all of them predicted", c.Cases, c.Groups, c.Draw, c.Split)
	if len(c.left) > 0 {
		page.Purpose += fmt.Sprintf(" but the %d without a verdict", len(c.left))
	}
	for i, r := range c.Records {
		page.Runs = append(page.Runs, reports.Compared{Name: names[i], Run: r, HasReport: hasReport(r.ID)})
	}
	var err error
	if page.Settings, err = settings(c.Records, names); err != nil {
		return page, err
	}
	for _, r := range c.AllRemarks() {
		page.Remarks = append(page.Remarks, reports.Remark(r))
	}
	pictures, err := c.pictures(ctx, db)
	if err != nil {
		return page, err
	}
	for _, pair := range c.Pairs {
		verdict := reports.Verdict{Kind: pair.Primary.Verdict, Text: pair.Words()}
		page.Verdicts = append(page.Verdicts, verdict)
		page.Flips = append(page.Flips, flipsOf(pair, pictures))
	}
	page.Figures = pageFigures(c.Comparison)
	return page, nil
}

// pageFigures are the numbers and matrices, under the headings of the page; the
// flips have pictures and go another way.
func pageFigures(c evaluate.Comparison) (out []stage.Record) {
	for _, record := range c.Records() {
		switch v := record.(type) {
		case stage.Table:
			if v.Name == "differences" {
				v.Section = "numbers"
				out = append(out, v)
			}
		case stage.Matrix:
			v.Section = "confusion"
			out = append(out, v)
		}
	}
	return out
}

// pictures finds those of the cases that were fixed or broken: such a case is wrong in a run,
// which then stored its picture.
func (c Compared) pictures(ctx context.Context, db *results.DB) (map[string][]byte, error) {
	var ids, cases []string
	for _, r := range c.Records {
		ids = append(ids, r.ID)
	}
	for _, pair := range c.Pairs {
		for _, f := range pair.Flips.Cases {
			cases = append(cases, f.Case)
		}
	}
	slices.Sort(cases)
	return db.Thumbnails(ctx, ids, slices.Compact(cases))
}

// flipsOf are the cases that were fixed or broken, with their pictures.
func flipsOf(pair evaluate.Pair, pictures map[string][]byte) reports.Flips {
	between := pair.B + " against " + pair.A
	out := reports.Flips{Between: between, A: pair.A, B: pair.B, Classes: pair.Flips.Classes}
	for _, t := range pair.Flips.Tables() {
		t.Title += ": " + between
		out.Tables = append(out.Tables, t)
	}
	for _, f := range pair.Flips.Cases {
		out.Cases = append(out.Cases, reports.Flipped{Case: f.Case, Group: f.Group, True: f.True, A: f.A, B: f.B,
			InA: f.InA, InB: f.InB, Tags: f.Tags, Fixed: f.Fixed, PNG: pictures[f.Case]})
	}
	return out
}

// comparisonID names the page by its runs; many runs by a hash of them.
func comparisonID(records []*results.RunRecord) string {
	var ids []string
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	if len(ids) > 2 {
		sum := sha256.Sum256([]byte(strings.Join(ids, " ")))
		return fmt.Sprintf("compare-%s-and-%d-%x", ids[0], len(ids)-1, sum[:4])
	}
	return "compare-" + strings.Join(ids, "-")
}

// ShortNames leave out the date of ids where they stay unique.
func ShortNames(records []*results.RunRecord) []string {
	names, count := make([]string, len(records)), map[string]int{}
	const date = len("2026-11-24-")
	for i, r := range records {
		names[i] = r.ID
		if len(r.ID) > date {
			names[i] = r.ID[date:]
		}
		count[names[i]]++
	}
	for i, r := range records {
		if count[names[i]] > 1 {
			names[i] = r.ID
		}
	}
	return names
}

// settings lists what differs between the experiments: a row for each setting, a
// column for each run.
func settings(records []*results.RunRecord, names []string) (stage.Table, error) {
	t := stage.Table{Name: "settings", Title: "Settings", Columns: append([]string{"setting"}, names...)}
	var texts [][]byte
	for _, r := range records {
		texts = append(texts, experiments.Present(r.Experiment))
	}
	differing, err := experiments.Differing(texts...)
	if err != nil {
		return t, fmt.Errorf("experiments of %s: %w", strings.Join(names, ", "), err)
	}
	for _, s := range differing {
		row := []any{s.Path}
		for _, value := range s.Values {
			row = append(row, orNothing(orNone(value)))
		}
		t.Rows = append(t.Rows, row)
	}
	slices.SortStableFunc(t.Rows, func(a, b []any) int { return unknown(a) - unknown(b) })
	return t, nil
}

// unknown puts settings last that a run does not have: its program may not have
// known them.
func unknown(row []any) int {
	if slices.Contains(row, any(nothing)) {
		return 1
	}
	return 0
}

const nothing = "–"

// orNone says in a word what a setting is that a file leaves empty.
func orNone(value string) string {
	if value == "null" || value == `""` {
		return "none"
	}
	return value
}

func orNothing(text string) string {
	if text == "" {
		return nothing
	}
	return stage.Clip(text, longestSetting)
}

// longestSetting is how many letters of a setting are shown: an ensemble lacks whole
// sections that a run has.
const longestSetting = 300

// hiddenFacts differ in every run or are said elsewhere.
var hiddenFacts = []string{results.ParentFact, results.OriginsFact, evaluate.ClassesFact, evaluate.CalibrationFact, evaluate.SetsFact, evaluate.TrainingFact, audit.TargetsFact, audit.AmongFact, audit.CovariatesFact, audit.UndividedFact, validate.KinFact, "preprocess cache", "first step"}

// machines lists facts that differ: the device, libtorch, the data.
func machines(records []*results.RunRecord, names []string) stage.Table {
	t := stage.Table{Name: "machines", Title: "What they ran on and with", Columns: append([]string{"fact"}, names...)}
	var order []string
	for _, r := range records {
		for _, f := range r.Facts {
			if !slices.Contains(order, f.Name) && !slices.Contains(hiddenFacts, f.Name) {
				order = append(order, f.Name)
			}
		}
	}
	for _, name := range order {
		row, differs := []any{name}, false
		for _, r := range records {
			row = append(row, orNothing(r.Fact(name)))
			differs = differs || r.Fact(name) != records[0].Fact(name)
		}
		if differs {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}
