package reports

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// Entry is a run on the page of all runs.
type Entry struct {
	results.RunSummary
	Watched   results.Watched
	HasReport bool // there is something to link to
}

// Link is a page that the page of all runs leads to, such as a comparison.
type Link struct{ Title, Href string }

// indexNumbers is how many columns of final numbers the page of all runs has.
const indexNumbers = 8

// Index draws the page of all runs.
func (p Place) Index(w io.Writer, entries []Entry, links []Link) error {
	frame, err := p.frame()
	if err != nil {
		return err
	}
	frame.Home = "" // here we are
	if p.live {
		frame.Live = "/events"
	}
	page := &page{frame: frame, Name: "All runs", Facts: indexFacts(entries)}
	page.Sections = []section{{ID: "runs", Title: "Runs", Blocks: []block{{Table: p.runTable(entries)}},
		Text: "Click a column to sort. Filter by words or numbers, such as done macro_f1>0.7; columns are named without spaces."}}
	if len(links) > 0 {
		t := &tableView{Title: "Comparisons and sweeps", Columns: []columnView{{Title: "page"}}}
		for _, l := range links {
			t.Rows = append(t.Rows, []cellView{{Text: l.Title, Link: l.Href, Head: true}})
		}
		page.Sections = append(page.Sections, section{ID: "comparisons", Title: "Comparisons and sweeps", Blocks: []block{{Table: t}}})
	}
	return page.draw(w)
}

// WriteIndex writes the page of all runs as a file.
func WriteIndex(ctx context.Context, path string, entries []Entry, links []Link) error {
	var page bytes.Buffer
	err := ctx.Err()
	if err == nil {
		err = AsFile.Index(&page, entries, links)
	}
	if err == nil {
		err = replace(path, page.Bytes())
	}
	if err != nil {
		return fmt.Errorf("page of all runs %s: %w", path, err)
	}
	return nil
}

func indexFacts(entries []Entry) (facts []stage.Fact) {
	counts := map[results.Status]int{}
	for _, e := range entries {
		counts[e.Status]++
	}
	facts = append(facts, stage.Fact{Name: "runs", Value: grouped(len(entries))})
	for _, s := range []results.Status{results.Running, results.Done, results.Failed, results.Interrupted, results.Lost} {
		if counts[s] > 0 {
			facts = append(facts, stage.Fact{Name: string(s), Value: grouped(counts[s])})
		}
	}
	return facts
}

// number is a final number that has a column.
type number struct{ series, name string }

// indexColumns picks the final numbers that most runs have: what they watched
// first, then those of validation in the order of recording.
func indexColumns(entries []Entry) (columns []number) {
	count, first := map[number]int{}, map[number]int{}
	for _, e := range entries {
		if e.Watched.Name != "" {
			for i, series := range []stage.Split{stage.Validation, stage.Test} {
				n := number{string(series), e.Watched.Name}
				count[n] += 1000
				first[n] = i - 2
			}
		}
		for at, s := range e.Finals {
			n := number{s.Series, s.Name}
			if s.Series == string(stage.Validation) || count[n] > 0 {
				if _, seen := first[n]; !seen {
					first[n] = at
				}
				count[n]++
			}
		}
	}
	for n := range count {
		if count[n]%1000 > 0 { // somebody has it
			columns = append(columns, n)
		}
	}
	slices.SortFunc(columns, func(a, b number) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		if first[a] != first[b] {
			return first[a] - first[b]
		}
		return strings.Compare(a.series+a.name, b.series+b.name)
	})
	return columns[:min(len(columns), indexNumbers)]
}

func (p Place) runTable(entries []Entry) *tableView {
	numbers := indexColumns(entries)
	t := &tableView{Title: "Runs", Span: "wide", Pick: true, Columns: []columnView{{Title: "run"}, {Title: "status"}, {Title: "started", Number: true}, {Title: "took", Number: true}, {Title: watchedTitle(entries)}}}
	for _, n := range numbers {
		t.Columns = append(t.Columns, columnView{Title: n.column(), Number: true})
	}
	t.Columns = append(t.Columns, columnView{Title: "seed", Number: true}, columnView{Title: "tags and note"})
	for _, e := range entries {
		t.Rows = append(t.Rows, p.runRow(e, numbers, t.Columns[4].Title))
	}
	return t
}

// column names a number; that of validation needs no more.
func (n number) column() string {
	if n.series == string(stage.Validation) {
		return n.name
	}
	return n.series + "." + n.name
}

func (p Place) runRow(e Entry, numbers []number, watched string) []cellView {
	name := cellView{Text: e.ID, Head: true}
	if e.HasReport {
		name.Link = p.run(e.ID)
	}
	row := []cellView{name, {Text: string(e.Status), Mark: string(e.Status)},
		{Text: e.Started.UTC().Format("2 Jan 15:04"), Number: true, Sort: strconv.FormatInt(e.Started.Unix(), 10)},
		{Text: span(e.Duration()), Number: true, Sort: strconv.FormatInt(int64(e.Duration()/time.Second), 10)},
		{Drawing: newSpark(e.Watched.Values, e.Watched.Better == stage.LowerBetter), Small: watchedNote(e.Watched, watched)}}
	for _, n := range numbers {
		cell := cellView{Number: true}
		for _, s := range e.Finals {
			if s.Series == n.series && s.Name == n.name && !math.IsNaN(s.Value) {
				cell.Text, cell.Sort = fmt.Sprintf("%.4g", s.Value), strconv.FormatFloat(s.Value, 'g', -1, 64)
			}
		}
		row = append(row, cell)
	}
	return append(row, cellView{Text: fmt.Sprint(e.Seed), Number: true}, cellView{Text: noted(e.RunSummary)})
}

// watchedTitle names what all runs watched, if it is the same.
func watchedTitle(entries []Entry) string {
	name := ""
	for _, e := range entries {
		switch {
		case e.Watched.Name == "" || e.Watched.Name == name:
		case name == "":
			name = e.Watched.Name
		default:
			return "watched"
		}
	}
	return strings.TrimSpace(name + " over epochs")
}

// watchedNote says how many epochs a line has, and names it where the column does
// not.
func watchedNote(w results.Watched, column string) string {
	if len(w.Values) == 0 {
		return ""
	}
	text := plural(len(w.Values), "epoch", "epochs")
	if column == "watched" {
		text = w.Name + ", " + text
	}
	return text
}

// noted is what people wrote about a run, and why it ended where it failed.
func noted(s results.RunSummary) string {
	parts := s.Labels()
	if s.FailureMessage != "" {
		line, _, _ := strings.Cut(s.FailureMessage, "\n")
		parts = append(parts, line)
	}
	return strings.Join(parts, " ")
}
