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

// SweepEntry is a sweep on the page of all runs, which stands there for its trials.
type SweepEntry struct {
	results.SweepSummary
	Trials string // how many are done, stopped, failed
	Best   string // the objective of the best one
	Link   string // to its page; "" for none
}

// Listing is what the page of all runs shows.
type Listing struct {
	Runs   []Entry
	Sweeps []SweepEntry
	Links  []Link
	Hidden int // runs of sweeps that are not among Runs
}

// indexNumbers is how many columns of final numbers the page of all runs has.
const indexNumbers = 8

// Index draws the page of all runs.
func (p Place) Index(w io.Writer, l Listing) error {
	frame, err := p.frame()
	if err != nil {
		return err
	}
	frame.Home = "" // here we are
	if p.live {
		frame.Live = "/events"
	}
	page := &page{frame: frame, Name: "All runs", Facts: indexFacts(l)}
	page.Sections = []section{{ID: "runs", Title: "Runs", Blocks: []block{{Table: p.runTable(l.Runs)}},
		Text: "Click a column to sort. A long list can be filtered by words or numbers, such as done macro_f1>0.7; columns are named without spaces." + p.hiddenWords(l.Hidden)}}
	if len(l.Sweeps) > 0 {
		page.Sections = append(page.Sections, section{ID: "sweeps", Title: "Sweeps", Blocks: []block{{Table: sweepTable(l.Sweeps)}}})
	}
	if len(l.Links) > 0 {
		t := &tableView{Title: "Comparisons", Columns: []columnView{{Title: "page"}}}
		for _, l := range l.Links {
			t.Rows = append(t.Rows, []cellView{{Text: l.Title, Link: l.Href, Head: true}})
		}
		page.Sections = append(page.Sections, section{ID: "comparisons", Title: "Comparisons", Blocks: []block{{Table: t}}})
	}
	return page.draw(w)
}

// hiddenWords say where the runs of sweeps are.
func (p Place) hiddenWords(n int) string {
	switch {
	case n == 0:
		return ""
	case p.live:
		return fmt.Sprintf(" The runs of sweeps, %d in all, are on the sweeps' pages; /?trials lists them here.", n)
	}
	return fmt.Sprintf(" The runs of sweeps, %d in all, are on the sweeps' pages; runner index --trials lists them here.", n)
}

func sweepTable(list []SweepEntry) *tableView {
	t := &tableView{Title: "Sweeps", Span: "wide", Columns: []columnView{{Title: "sweep"}, {Title: "status"}, {Title: "started", Number: true}, {Title: "trials"}, {Title: "best"}, {Title: "purpose"}}}
	for _, s := range list {
		t.Rows = append(t.Rows, []cellView{{Text: s.ID, Link: s.Link, Head: true}, {Text: string(s.Status), Mark: string(s.Status)},
			startedCell(s.Started), {Text: s.Trials}, {Text: s.Best}, {Text: s.Purpose}})
	}
	return t
}

func startedCell(at time.Time) cellView {
	return cellView{Text: at.UTC().Format("2 Jan 15:04"), Number: true, Sort: strconv.FormatInt(at.Unix(), 10)}
}

// WriteIndex writes the page of all runs as a file.
func WriteIndex(ctx context.Context, path string, l Listing) error {
	var page bytes.Buffer
	err := ctx.Err()
	if err == nil {
		err = AsFile.Index(&page, l)
	}
	if err == nil {
		err = replace(path, page.Bytes())
	}
	if err != nil {
		return fmt.Errorf("page of all runs %s: %w", path, err)
	}
	return nil
}

func indexFacts(l Listing) (facts []stage.Fact) {
	counts, words := map[string]int{}, []string{}
	for _, s := range []results.Status{results.Running, results.Done, results.Failed, results.Interrupted, results.Lost} {
		words = append(words, string(s))
	}
	for _, e := range l.Runs {
		word := e.StatusWords()
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
		counts[word]++
	}
	facts = append(facts, stage.Fact{Name: "runs", Value: grouped(len(l.Runs))})
	for _, word := range words {
		if counts[word] > 0 {
			facts = append(facts, stage.Fact{Name: word, Value: grouped(counts[word])})
		}
	}
	if len(l.Sweeps) > 0 {
		facts = append(facts, stage.Fact{Name: "sweeps", Value: grouped(len(l.Sweeps))})
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
	row := []cellView{name, statusCell(e.RunSummary), startedCell(e.Started),
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

// statusCell marks how far a run is. What a sweep ended early ended as it should.
func statusCell(s results.RunSummary) cellView {
	words := s.StatusWords()
	if words != string(s.Status) {
		return cellView{Text: words, Mark: "early"}
	}
	return cellView{Text: words, Mark: words}
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

// noted is what people wrote about a run, which trial it is, and why it ended where it
// failed.
func noted(s results.RunSummary) string {
	parts := s.Labels()
	if s.Trial.Sweep != "" {
		parts = append(parts, s.Trial.Words())
	}
	if s.FailureMessage != "" && s.StatusWords() == string(s.Status) {
		line, _, _ := strings.Cut(s.FailureMessage, "\n")
		parts = append(parts, line)
	}
	return strings.Join(parts, " ")
}
