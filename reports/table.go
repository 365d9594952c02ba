package reports

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vertebra/stages/stage"
)

// tableRows is how many rows of a table are shown: results.db has them all.
const tableRows = 200

// tableView is a table as the page draws it.
type tableView struct {
	Title   string
	Columns []columnView
	Rows    [][]cellView
	Note    string
	Span    string // see spanOf
	ID      string // "" where nothing leads to it
	Pick    bool   // rows are runs that may be chosen
	Trials  []int  // of which trial of a sweep each row is; nil where rows are of something else
}

// Of is the trial that a row is of, as the script looks for it; "" for none.
func (v *tableView) Of(row int) string {
	if row >= len(v.Trials) {
		return ""
	}
	return strconv.Itoa(v.Trials[row])
}

// spanOf says how much of the page's grid something takes that is so many
// letters wide: "" for one cell, "mid" for two, "wide" for the whole row.
func spanOf(letters int) string {
	switch {
	case letters <= 50:
		return ""
	case letters <= 104:
		return "mid"
	}
	return "wide"
}

func longest(texts []string) int {
	n := 0
	for _, t := range texts {
		n = max(n, utf8.RuneCountInString(t))
	}
	return n
}

// fit sets the span from the texts of the table.
func (v *tableView) fit() *tableView {
	width := 0
	for c, head := range v.Columns {
		texts := []string{head.Title + " ↕"} // the script's arrow
		for _, row := range v.Rows {
			if c < len(row) {
				texts = append(texts, row[c].Text+" "+row[c].Range+row[c].Unit)
			}
		}
		width += longest(texts) + 2
	}
	v.Span = spanOf(width)
	return v
}

// Headed says whether any column has a title.
func (v *tableView) Headed() bool {
	return slices.ContainsFunc(v.Columns, func(c columnView) bool { return c.Title != "" })
}

type columnView struct {
	Title  string
	Number bool
}

type cellView struct {
	Text   string
	Range  string // of the interval: "0.65–0.78"
	Unit   string
	Better string // "higher" or "lower": an arrow
	Number bool
	Head   bool // names the row
	Code   bool

	Link    string // where the text leads
	Filter  string // what the gallery there is filtered by
	Small   string // after the text
	Mark    string // the text is a mark of this status
	Sort    string // what is sorted by, where the text does not say it
	Drawing *sparkView
}

func newTable(t stage.Table) *tableView {
	v := &tableView{Title: t.Title, Note: t.Note}
	if v.Title == "" {
		v.Title = t.Name
	}
	rows := t.Rows
	if len(rows) > tableRows {
		rows = rows[:tableRows]
		v.Note = strings.TrimPrefix(fmt.Sprintf("%s; the first %d of %s rows; all of them are in the database", t.Note, tableRows, grouped(len(t.Rows))), "; ")
	}
	width := len(t.Columns)
	for _, row := range rows {
		width = max(width, len(row))
	}
	v.Rows = make([][]cellView, len(rows))
	for c := range width {
		v.Columns = append(v.Columns, columnView{Number: v.addColumn(rows, c)})
		if c < len(t.Columns) {
			v.Columns[c].Title = t.Columns[c]
		}
	}
	return v.fit()
}

// addColumn appends cell c of each row, and says whether the column holds
// numbers.
func (v *tableView) addColumn(rows [][]any, c int) (number bool) {
	texts := columnTexts(rows, c)
	for r, row := range rows {
		cell := cellView{Text: texts[r], Head: c == 0}
		if c < len(row) {
			switch x := row[c].(type) {
			case int, float64:
				cell.Number, number = true, true
			case stage.Estimate:
				cell.Number, number = true, true
				cell.Range = rangeOf(x.Low, x.High, texts[r])
			}
		}
		v.Rows[r] = append(v.Rows[r], cell)
	}
	return number
}

// columnTexts gives the texts of one column; its float64s have one count of
// decimals.
func columnTexts(rows [][]any, c int) []string {
	texts := make([]string, len(rows))
	var values []float64
	var at []int
	for r, row := range rows {
		if c >= len(row) {
			continue
		}
		switch x := row[c].(type) {
		case float64:
			values, at = append(values, x), append(at, r)
		case stage.Estimate:
			values, at = append(values, x.Value), append(at, r)
		case int:
			texts[r] = strings.Replace(fmt.Sprint(x), "-", "−", 1) // may be a study: no commas
		case nil:
		default:
			texts[r] = fmt.Sprint(x)
		}
	}
	for i, text := range column(values) {
		texts[at[i]] = text
	}
	return texts
}

// texts are the cells of a row of texts, of which the first names the row.
func texts(list ...string) (row []cellView) {
	for i, text := range list {
		row = append(row, cellView{Text: text, Head: i == 0})
	}
	return row
}

// phaseTable says what each phase trained and why it ended. Of a run that runs the last
// one goes on.
func phaseTable(phases []stage.PhaseRecord, runs bool) *tableView {
	if len(phases) == 0 {
		return nil
	}
	v := &tableView{Title: "Phases", Columns: []columnView{
		{"phase", false}, {"trains", false}, {"trainable", true}, {"of all", true}, {"epochs", true}, {"best epoch", true}, {"ended", false},
	}}
	for _, p := range phases {
		epochs, best, ended := fmt.Sprintf("%d–%d", p.FirstEpoch, p.LastEpoch), fmt.Sprint(p.BestEpoch), p.Ended
		if p.LastEpoch == 0 {
			epochs = fmt.Sprintf("%d–", p.FirstEpoch)
		}
		if p.BestEpoch == 0 {
			best = missing
		}
		if ended == "" {
			if ended = "did not end"; runs {
				ended = "goes on"
			}
		}
		v.Rows = append(v.Rows, []cellView{
			{Text: p.Name, Head: true}, {Text: join(p.Groups), Code: true}, {Text: grouped(p.Trainable), Number: true},
			{Text: share(p.Trainable, p.Total), Number: true}, {Text: epochs, Number: true}, {Text: best, Number: true}, {Text: ended},
		})
	}
	return v.fit()
}

func share(part, all int) string {
	if all <= 0 {
		return missing
	}
	percent := 100 * float64(part) / float64(all)
	if percent > 0 && percent < 0.1 {
		return "<0.1 %"
	}
	return fmt.Sprintf("%.1f %%", math.Round(percent*10)/10)
}
