package draft

import (
	"regexp"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
)

// readerName is what the column of readers is called.
var readerName = regexp.MustCompile(`(?i)^(rad(iologist)?|reader|rater|annotator|grader|expert|observer)([_ ]?id)?s?$`)

// repeats says what several rows of an image are: those of several readers, the same again,
// or each a finding.
func (t *tableDraft) repeats(rows table.Sheet) {
	if t.X != "" || t.ID != "" {
		return
	}
	p := places.NamedBy("", t.Image)
	first, again, differ := map[string]table.Row{}, 0, 0
	for _, r := range rows.Rows {
		name := p.Name(r)
		before, known := first[name]
		if !known {
			first[name] = r
			continue
		}
		again++
		if slices.ContainsFunc(t.Labels, func(column string) bool { return before.Cell(column) != r.Cell(column) }) {
			differ++
		}
	}
	readers := slices.ContainsFunc(rows.Columns, readerName.MatchString)
	switch {
	case 20*again < len(rows.Rows):
	case readers && (len(t.Labels) > 1 || t.OneHot):
		t.Repeated = "commonest"
	case 10*differ < again || t.Separator != "", 4*differ < len(rows.Rows) && !slices.ContainsFunc(t.ClassesIn(rows), func(class string) bool { return !table.IsNumber(class) }): // grades, of which an image has one
		t.Repeated = "worst"
	case len(t.Labels) == 1 && !t.OneHot && len(t.ClassesIn(rows)) > 2: // rows of findings
		t.Findings = slices.DeleteFunc(t.ClassesIn(rows), nothing.MatchString)
		t.Separator, t.Classes, t.Repeated = "|", nil, "worst"
	}
}

// missingWords are the cells that stand for no label unless an experiment says otherwise.
func missingWords() []string {
	one, _ := audit.Sources.Default("table")
	return one.Part.(audit.Table).Missing
}
