package reports

import (
	"fmt"
	"math"
	"strings"
	"time"

	"vertebra/results"
)

// bestRows is how many of the best trials are listed.
const bestRows = 10

// bestTrials are the best, with their settings in columns.
func (p Place) bestTrials(s Sweep) *tableView {
	list := s.ranked()
	return p.trialTable(s, "Best trials", list[:min(len(list), bestRows)])
}

// allTrials are all, in the order in which they were made.
func (p Place) allTrials(s Sweep) *tableView { return p.trialTable(s, "", s.Trials) }

func (p Place) trialTable(s Sweep, title string, list []SweepTrial) *tableView {
	v := &tableView{Title: title, Span: "wide", Columns: []columnView{{"trial", true}, {"state", false}, {s.Record.Objective, true}, {"epochs", true}, {"time", true}}}
	for _, setting := range s.Settings {
		v.Columns = append(v.Columns, columnView{lastWords(setting.Path), true})
	}
	v.Columns = append(v.Columns, columnView{"besides", false}, columnView{"run", false})
	for _, t := range list {
		v.Rows, v.Trials = append(v.Rows, p.trialRow(s, t)), append(v.Trials, t.Number)
	}
	return v
}

func (p Place) trialRow(s Sweep, t SweepTrial) []cellView {
	first := t.Rows[0]
	epochs, seconds := 0, 0.0
	for _, row := range t.Rows {
		epochs, seconds = epochs+row.Epochs, seconds+row.Seconds
	}
	name := fmt.Sprint(t.Number)
	if t.Number == s.Best {
		name += " ★"
	}
	took := time.Duration(seconds * float64(time.Second)).Round(100 * time.Millisecond)
	run := cellView{Text: first.Run, Code: true}
	if first.Run != "" && s.HasReport != nil && s.HasReport(first.Run) || p.live && first.Run != "" {
		run.Link = p.run(first.Run)
	}
	row := []cellView{{Text: name, Head: true, Number: true, Sort: fmt.Sprint(t.Number), Link: run.Link}, {Text: s.Record.StateWords(t.state()), Small: stateWords(s, t)},
		{Text: valueText(t.Value), Number: true}, {Text: fmt.Sprint(epochs), Number: true}, {Text: took.String(), Number: true, Sort: fmt.Sprint(seconds)}}
	for _, setting := range s.Settings {
		row = append(row, cellView{Text: setting.Called(first.Settings[setting.Path]), Number: true})
	}
	return append(row, cellView{Text: besides(t)}, run)
}

// besides is where a trial comes from, if not from the search, and what was set for it alone.
func besides(t SweepTrial) string {
	text := ""
	if first := t.Rows[0]; first.Origin != results.Searched {
		text = first.Origin
	}
	for _, set := range t.Rows[0].Sets {
		text += " " + set
	}
	return text
}

func stateWords(s Sweep, t SweepTrial) string {
	for _, row := range t.Rows {
		if row.FailureKind != "" {
			return row.FailureKind
		}
		if at, waits := strings.CutPrefix(row.Reason, "waits at the rung of "); waits && s.Record.Status == results.SweepDone {
			return "at the rung of " + at
		}
		if row.Reason != "" {
			return row.Reason
		}
	}
	if n := len(t.Rows); n > 1 {
		return fmt.Sprintf("%d runs", n)
	}
	return ""
}

func valueText(v float64) string {
	if math.IsNaN(v) {
		return missing
	}
	return fmt.Sprintf("%.5g", v)
}

// lastWords shortens a path to what tells settings apart: adam.rate.
func lastWords(path string) string {
	dots := 0
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			if dots++; dots == 2 {
				return path[i+1:]
			}
		}
	}
	return path
}

// failures are the failed trials, each with its last words; nil without any.
func (s Sweep) failures() *tableView {
	v := &tableView{Title: "Failed trials", Span: "wide", Columns: []columnView{{"trial", true}, {"type", false}, {"what", false}, {"settings", false}, {"last lines of its log", false}}}
	for _, t := range s.Trials {
		for _, row := range t.Rows {
			if row.State == results.TrialFailed {
				v.Rows = append(v.Rows, []cellView{{Text: fmt.Sprint(t.Number), Head: true, Number: true}, {Text: row.FailureKind}, {Text: row.FailureMessage},
					{Text: t.Words}, {Text: row.Log, Code: true}})
			}
		}
	}
	if len(v.Rows) == 0 {
		return nil
	}
	return v
}
