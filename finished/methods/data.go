package methods

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// data says what a case is, how many there are, what was left out, and what is predicted.
func (t *text) data() {
	d := t.of.Data
	t.say("## Data\n")
	t.paragraph(
		fmt.Sprintf("Cases were read from %s.", t.source()),
		fmt.Sprintf("A case is %s.", caseOf(d)),
		t.counted(),
		t.merged(),
	)
	t.paragraph(t.reference(), labelled(d), t.known())
	if p, n := d.PseudoLabels, t.run.Fact("cases with pseudo-labels"); p != nil && n != "" {
		t.paragraph(fmt.Sprintf("Besides, %s cases without labels joined the training with what other nets had said of them (pseudo-labels, Lee 2013; %s); none of them is validated or tested on.", n, registry.Words(*p, "file "+lastName(p.File))))
	}
	t.flow()
}

func lastName(p registry.Path) string { return registry.Words(p) }

// source names the tables by what part read them.
func (t *text) source() string {
	source := t.of.Data.Source
	return fmt.Sprintf("%s (`%s`)", source.Help(), source.Name)
}

// caseOf says what one sample is.
func caseOf(d audit.Config) string {
	what := map[string]string{
		"point":  "a labelled row of the source, with its image and, where it names one, its point",
		"level":  "all that is labelled of one vertebral level of a study",
		"series": "a series of images",
		"study":  "a study, with all its images",
	}[d.Sample]
	if len(d.Views) > 0 {
		what += fmt.Sprintf(", seen in the views %s", and(d.Views))
	}
	return what
}

// counted says how many cases took part.
func (t *text) counted() string {
	var of []string
	for _, name := range []string{"images", "studies", "patients", "groups"} {
		if n := t.run.Fact(name); n != "" {
			of = append(of, n+" "+name)
		}
	}
	return fmt.Sprintf("%s cases of %s took part.", t.run.Fact("cases"), and(of))
}

func (t *text) merged() string {
	var said []string
	for _, one := range slices.Sorted(maps.Keys(t.of.Data.Merge)) {
		said = append(said, fmt.Sprintf("%s of %s", one, and(t.of.Data.Merge[one])))
	}
	if said == nil {
		return ""
	}
	return fmt.Sprintf("Classes were merged: %s.", strings.Join(said, "; "))
}

// reference names the classes; whose judgement they are is for the authors to say.
func (t *text) reference() string {
	classes, targets := t.names(evaluate.ClassesFact), t.names(audit.TargetsFact)
	said := fmt.Sprintf("The reference standard has %d classes: %s.", len(classes), and(classes))
	if len(targets) > 0 {
		said = fmt.Sprintf("One net answers %d questions of a case at once: %s. The reference standard has the classes %s.", len(targets), and(targets), and(classes))
	}
	return said
}

// names reads a fact that lists names.
func (t *text) names(fact string) (out []string) {
	if json.Unmarshal([]byte(t.run.Fact(fact)), &out) != nil {
		return nil
	}
	return out
}

// labelled says what a case of several labels counts as.
func labelled(d audit.Config) string {
	if d.Sample == "point" {
		return ""
	}
	return map[string]string{
		"worst":     "A case of several labels has the worst of them.",
		"commonest": "A case of several labels has the commonest of them.",
		"each":      "A case of several labels counts once for each.",
	}[d.Label]
}

// known names what the net is told besides an image.
func (t *text) known() string {
	words := stage.ParseCovariates(t.run.Fact(audit.CovariatesFact)).Words()
	if len(words) == 0 {
		return ""
	}
	return fmt.Sprintf("Besides its image the net was told of a case: %s.", and(words))
}

// flow is the table of what was found and left out, which a flow chart is drawn of.
func (t *text) flow() {
	found, ok := t.stored("audit")
	if !ok {
		return
	}
	done := slices.Index(found.Columns, "done")
	for _, what := range []struct{ done, title string }{{"dropped", "Left out before the split:"}, {"kept", "Noticed, and kept:"}} {
		of := found
		of.Rows = slices.DeleteFunc(slices.Clone(found.Rows), func(row []any) bool { return done < 0 || row[done] != what.done })
		if len(of.Rows) > 0 {
			t.table(what.title, []string{"finding", "count", "of", "cases concerned"}, columns(of, "finding", "count", "of", "cases"))
		}
	}
}

// splits says how cases were divided, and who came where.
func (t *text) splits() {
	s := t.of.Data.Split
	t.say("### Training, validation and test\n")
	t.paragraph(t.dealt(s), folded(s), t.leaks())
	if table, ok := t.stored("folds"); ok && s.TestsInTurn() && s.Fold == 0 && table.Section == "data" {
		t.table("Cases of each fold's splits:", table.Columns, table.Rows)
	} else if table, ok := t.stored("splits"); ok {
		t.table("Cases of each split:", table.Columns, table.Rows)
	}
	if table, ok := t.stored(audit.CharacteristicsTable); ok {
		t.table(table.Title+":", table.Columns, table.Rows)
		if table.Note != "" {
			t.paragraph(strings.ToUpper(table.Note[:1]) + table.Note[1:] + ".")
		}
	}
}

// dealt says what decided where a case went.
func (t *text) dealt(s audit.Split) string {
	switch {
	case s.File != "" && s.TestsInTurn():
		return fmt.Sprintf("A file (%s) says which fold a case is in.", lastName(s.File))
	case s.Column != "" && s.TestsInTurn() && s.Folds == 0:
		return fmt.Sprintf("The column %s of the data says which fold a case is in.", s.Column)
	case s.File != "":
		return fmt.Sprintf("A file (%s) says which cases are for training, validation and test.", lastName(s.File))
	case len(s.Lists) > 0:
		return fmt.Sprintf("Lists say which cases are for %s.", and(slices.Sorted(maps.Keys(s.Lists))))
	case s.Column != "":
		return fmt.Sprintf("The column %s of the data says which cases are for training, validation and test; where it names none for validation, these were dealt at random, by %s.", s.Column, s.By)
	}
	said := fmt.Sprintf("Cases were divided at random (seed %d)", s.Seed)
	if s.By == "row" {
		said += ", one by one: cases of one study may be on both sides."
	} else {
		said += fmt.Sprintf(", whole: all cases of one %s are on the same side.", s.By)
	}
	if len(s.Stratify) > 0 {
		said += fmt.Sprintf(" Shares of %s were kept alike (stratified).", and(s.Stratify))
	}
	var shares []string
	if s.Folds == 0 && s.Validation > 0 {
		shares = append(shares, percent(s.Validation)+" for validation")
	}
	if s.Test > 0 {
		shares = append(shares, percent(s.Test)+" for test")
	}
	if len(shares) > 0 {
		said += fmt.Sprintf(" Asked for were %s.", and(shares))
	}
	return said
}

// folded says what cross-validation did.
func folded(s audit.Split) (said string) {
	switch {
	case s.TestsInTurn() && s.Fold == 0:
		said = strings.TrimSpace(foldWords(s.Folds) + " took turns as test set (cross-validation): for each, a net was trained on the others. " + heldBack(s) +
			" So each case is predicted once, by a net that neither learnt from it nor was chosen by it, and numbers of test are of all these predictions together.")
		if s.Validation > 0 {
			said += " Numbers of validation are means over the folds."
		}
	case s.TestsInTurn() && s.Fold > 0:
		said = strings.TrimSpace(fmt.Sprintf("Of %s, fold %d was for test. ", strings.ToLower(foldWords(s.Folds)), s.Fold) + heldBack(s))
	case s.TestsInTurn():
		said = "The net was trained on all cases, and neither validated nor tested on any: what it is worth are the test numbers of the run whose settings it has."
	case s.Folds > 0 && s.Fold == 0:
		said = fmt.Sprintf("What is not for test was divided into %d folds, of which each validated a net that was trained on the others: each of these cases is predicted by the net that did not see it, and numbers of validation are of all these predictions together. Test cases were predicted by all nets; the means of their probabilities count.", s.Folds)
	case s.Fold > 0:
		said = fmt.Sprintf("Of %d folds, fold %d was for validation.", s.Folds, s.Fold)
	case s.Fold < 0:
		said = "The net was trained on all cases but those for test, and validated on none."
	}
	if s.TrainSize < 1 {
		said = strings.TrimSpace(said + fmt.Sprintf(" Of the training cases, %s were trained on.", percent(s.TrainSize)))
	}
	return said
}

// foldWords counts folds, where the split says how many there are.
func foldWords(folds int) string {
	if folds == 0 {
		return "Folds"
	}
	return fmt.Sprintf("%d folds", folds)
}

// heldBack says what folds that test in turn validate on.
func heldBack(s audit.Split) string {
	if s.Validation == 0 {
		return "Nothing was held back for validation."
	}
	held := "whole, by " + s.By
	if s.By == "row" {
		held = "one by one"
	}
	return fmt.Sprintf("Of the other folds, %s of all cases were held back for validation, dealt at random %s, for each fold anew.", percent(s.Validation), held)
}

func (t *text) leaks() string {
	if leak := t.run.Fact("leak check"); leak != "" {
		return "Checked: " + leak + "."
	}
	return ""
}
