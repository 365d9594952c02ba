package methods

import (
	"fmt"
	"slices"

	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// measures says what was measured, and how sure that is.
func (t *text) measures() {
	e := t.of.Evaluate
	t.say("## Evaluation\n")
	t.say("Measured were, of the final predictions:\n")
	for _, m := range e.Metrics {
		t.say("- %s: %s", registry.Words(m), m.Help())
	}
	t.say("")
	t.paragraph(t.meaning(), t.intervals(), t.calibrated())
	if s := e.Sets; s != nil {
		t.paragraph(fmt.Sprintf("Each case got a set of classes that is to hold the true one (split conformal prediction: %s).", registry.Words(*s)))
	}
	if len(e.Readers) > 0 {
		t.paragraph(fmt.Sprintf("The net was held against %s, over the cases that each of them read; differences were tested by resampling whole groups and corrected for their number.", and(e.Readers)), worse(e.ReaderMargin))
	}
	if e.Outliers != nil {
		t.paragraph("Each predicted image got a p-value for how unlike those of the training it is.")
	}
	t.paragraph("The baseline guesses without seeing an image, by the shares of the classes in the training.")
}

// worse says what was taken for as good as a reader.
func worse(margin float64) string {
	if margin == 0 {
		return ""
	}
	return fmt.Sprintf("A net that is not worse by the margin of %s is called non-inferior (one-sided tests), one that is not better by that either equivalent.", number(margin))
}

// meaning says what the numbers are of where there are several questions.
func (t *text) meaning() string {
	if what := t.run.Fact(evaluate.AverageFact); what != "" {
		return fmt.Sprintf("Numbers are %s.", what)
	}
	return ""
}

// intervals says what was drawn again, as the numbers themselves noted it.
func (t *text) intervals() string {
	how, level, _ := stage.IntervalMethods(t.run.Finals)
	if how == "" {
		return ""
	}
	return fmt.Sprintf("%s intervals are bootstrap intervals (%s).", percent(level), how)
}

func (t *text) calibrated() string {
	if c := t.of.Evaluate.Calibrate; c != nil {
		return fmt.Sprintf("Probabilities were calibrated on the validation split by %s: %s. Numbers before and after it are both given.", registry.Words(*c), c.Help())
	}
	return ""
}

// numbers is the table of final numbers.
func (t *text) numbers() {
	t.say("## Results\n")
	t.finals("Final numbers, in brackets their intervals; one without an interval has none, or is of too few groups:", t.run.Finals)
	t.tables("per_class", "readers", "sets_by_class")
	t.subgroups()
}

// tables writes all tables of some names.
func (t *text) tables(names ...string) {
	for _, name := range names {
		for _, table := range results.Shape[stage.Table](t.run) {
			if table.Name == name && len(table.Rows) > 0 {
				t.table(table.Title+":", table.Columns, table.Rows)
			}
		}
	}
}

// subgroups writes those for which the net is surely better or worse.
func (t *text) subgroups() {
	for _, table := range results.Shape[stage.Table](t.run) {
		if table.Name != evaluate.GapsTable {
			continue
		}
		verdict, of := slices.Index(table.Columns, "verdict"), table
		of.Rows = slices.DeleteFunc(slices.Clone(table.Rows), func(row []any) bool {
			return verdict < 0 || !slices.Contains([]any{"better", "worse", "different"}, row[verdict])
		})
		if len(of.Rows) > 0 {
			t.table(table.Title+":", of.Columns, of.Rows)
			continue
		}
		t.paragraph(fmt.Sprintf("%s: corrected for the number of comparisons, none was told apart.", table.Title))
	}
}

// finals writes a row for each number and a column for each series.
func (t *text) finals(title string, all []stage.Scalar) {
	var names, series []string
	cells := map[[2]string]any{}
	for _, s := range all {
		if !slices.Contains(evaluate.FinalSeries, s.Series) {
			continue
		}
		if name := s.Title; !slices.Contains(names, name) {
			names = append(names, name)
		}
		cells[[2]string{s.Series, s.Title}] = number(s.Value)
		if i := s.Interval; i != nil {
			cells[[2]string{s.Series, s.Title}] = estimate(s.Value, i.Low, i.High)
		}
	}
	for _, one := range evaluate.FinalSeries {
		if slices.ContainsFunc(all, func(s stage.Scalar) bool { return s.Series == one }) {
			series = append(series, one)
		}
	}
	var rows [][]any
	for _, name := range names {
		row := []any{name}
		for _, one := range series {
			row = append(row, cells[[2]string{one, name}])
		}
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		t.table(title, append([]string{"number"}, series...), rows)
	}
}

// elsewhere are the validations on other data.
func (t *text) elsewhere() {
	for i, v := range t.external {
		if i == 0 {
			t.say("### Other data (external testing)\n")
		}
		of := fmt.Sprintf("Cases: %s.", v.Fact("cases"))
		if v.Fact("cases") == "" {
			of = ""
		}
		t.paragraph(fmt.Sprintf("The same nets, with nothing trained or chosen anew, were asked about the data of *%s*.", v.Name), of)
		t.finals("Final numbers there:", v.Finals)
	}
}
