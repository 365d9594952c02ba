package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// leak is the outcome of the leak check.
type leak struct {
	fact     string
	findings []Finding
}

// sharedThing is something that cases of different splits must not have in common.
type sharedThing struct {
	what, plural, advice string
	of                   func(c *stage.Case, found func(key string))
}

func things(patients map[string]string) []sharedThing {
	return []sharedThing{
		{"study", "studies", "set data.split.by to study", func(c *stage.Case, found func(string)) { found(c.Group) }},
		{"image", "images", "set data.split.by to study", func(c *stage.Case, found func(string)) {
			file, _ := stage.ParseFramePath(c.Image)
			found(file)
			for _, path := range c.Images {
				if other, _ := stage.ParseFramePath(path); other != file {
					found(other)
				}
			}
			for _, m := range c.Views {
				if other, _ := stage.ParseFramePath(m.Image); other != "" {
					found(other)
				}
			}
		}},
		{"patient", "patients", "set data.split.by to patient", func(c *stage.Case, found func(string)) {
			if id := patients[c.Group]; id != "" {
				found(id)
			}
		}},
	}
}

// checkLeaks looks for studies, images and patients in two splits, or in two
// folds, since folds take turns. A study or an image there would be a mistake of
// ours, unless the experiment divides row by row or by a file; then it is a
// finding, as a patient is.
func checkLeaks(c Cases, cfg Split, patients map[string]string) (leak, error) {
	out := leak{}
	if cfg.Test == Untrained.Test { // no file can say it
		out.fact = "all cases are asked about, and nothing is trained on any"
		return out, nil
	}
	var clean, torn []string
	asked := cfg.By == rowByRow || cfg.fixes() != nil
	for _, thing := range things(patients) {
		keys := tornKeys(c.Cases, thing.of)
		switch {
		case len(keys) == 0 && (thing.what != "patient" || patients != nil):
			clean = append(clean, c.called(thing.what))
		case len(keys) == 0:
		case thing.what != "patient" && !asked:
			return leak{}, fmt.Errorf("leak: %s %s is in two splits", thing.what, slices.Min(slices.Collect(maps.Keys(keys))))
		default:
			ids, plural := slices.Sorted(maps.Keys(keys)), thing.plural
			if thing.what == "study" {
				plural = c.GroupsAre()
			}
			torn = append(torn, fmt.Sprintf("%d %s are: %s", len(ids), plural, examples(ids)))
			out.findings = append(out.findings, c.torn(thing, keys, cfg.fixes()))
		}
	}
	out.fact = leakText(clean, torn, patients)
	if cfg.By == rowByRow {
		out.fact = "row-level split, as data.split.by asks: scores are too good where cases of one " + c.called("study") + " resemble each other. " + out.fact
	}
	return out, nil
}

func leakText(clean, torn []string, patients map[string]string) string {
	var parts []string
	if len(clean) > 0 {
		parts = append(parts, "no "+strings.Join(clean, ", no ")+" is in two splits")
	}
	if len(torn) > 0 {
		parts = append(parts, "in two splits "+strings.Join(torn, "; "))
	}
	if patients == nil {
		parts = append(parts, "the files' PatientID tells no patients apart")
	}
	return strings.Join(parts, "; ")
}

// tornKeys finds keys of cases in different parts.
func tornKeys(cases []stage.Case, of func(c *stage.Case, found func(key string))) map[string]bool {
	type part struct {
		split stage.Split
		fold  int
		turns string
	}
	var p part
	seen, torn := map[string]part{}, map[string]bool{}
	see := func(key string) {
		if old, ok := seen[key]; !ok {
			seen[key] = p
		} else if old != p {
			torn[key] = true
		}
	}
	for i := range cases {
		c := &cases[i]
		if p = (part{c.Split, c.Fold, turnsText(c.Turns)}); c.Fold > 0 {
			p.split = ""
		}
		of(c, see)
	}
	return torn
}

// torn is the finding of a thing in two splits; fixed is what fixes the split.
func (c Cases) torn(thing sharedThing, keys map[string]bool, fixed []string) Finding {
	var hits []hit
	for i := range c.Cases {
		torn := false
		thing.of(&c.Cases[i], func(key string) { torn = torn || keys[key] })
		if torn {
			hits = append(hits, hit{id: c.Cases[i].ID})
		}
	}
	rule, what := rules[thing.what+"_in_two_splits"], thing.what
	if what == "study" && c.GroupsAre() != "studies" { // which is what split.by calls the source's groups
		what = c.oneGroup()
		rule.Title, rule.Reason = what+" in two splits", fmt.Sprintf("cases of one %s are on both sides of the split: %s, which keeps each %s together", what, thing.advice, what)
	}
	if thing.what == "patient" && c.GroupsAre() == "patients" { // the split keeps these together: setting it so changes nothing
		rule.Reason = "files with one PatientID are of several patients of the table, on both sides of the split: correct the table's patients, or leave these cases out with data.drop"
	}
	for _, setting := range fixed {
		rule.Reason = fmt.Sprintf("cases of one %s are on both sides of the split that data.split.%s fixes, and scores may be too good: leave them out of one side with data.drop, or have the split dealt by %s instead", what, setting, thing.what)
	}
	return *rule.finding(hits, keep)
}

func init() {
	for _, thing := range things(nil) {
		addRule(Rule{ID: thing.what + "_in_two_splits", Title: thing.what + " in two splits", Severity: severe, Do: keep,
			Reason: fmt.Sprintf("cases of one %s are on both sides of the split: %s", thing.what, thing.advice)})
	}
}

// examples shows the first few ids.
func examples(ids []string) string {
	text := strings.Join(ids[:min(3, len(ids))], ", ")
	if len(ids) > 3 {
		text += ", …"
	}
	return text
}
