package reports

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"vertebra/results"
	"vertebra/stages/stage"
)

// Comparison is what a page about several runs shows. Whoever compares fills it:
// the verdicts, and what they rest on, are shapes and words here.
type Comparison struct {
	ID, Name string
	Purpose  string
	Verdicts []Verdict
	Remarks  []Remark
	Runs     []Compared
	// Settings and Machines say what differs between the experiments, and between
	// what they ran on: a row for each, a column for each run.
	Settings, Machines stage.Table
	// Figures are the numbers and matrices of the pairs.
	Figures []stage.Record
	Flips   []Flips
}

// Verdict is one sentence about a pair.
type Verdict struct {
	Kind string // "better", "worse", "indistinguishable", or "" where nothing could be told
	Text string
}

// Remark is something that a reader of a verdict must know; a serious one may
// explain the difference.
type Remark struct {
	Text    string
	Serious bool
}

// Compared is a run in a comparison, under the name that all figures use. Its
// predictions are not needed.
type Compared struct {
	Name      string
	Run       *results.RunRecord
	HasReport bool
}

// Comparison draws the page.
func (p Place) Comparison(w io.Writer, c Comparison) error {
	page, err := p.comparison(c)
	if err != nil {
		return fmt.Errorf("draw %s: %w", c.ID, err)
	}
	return page.draw(w)
}

// WriteComparison writes the page as a file, in one step.
func WriteComparison(ctx context.Context, c Comparison, path string) error {
	var page bytes.Buffer
	err := ctx.Err()
	if err == nil {
		err = AsFile.Comparison(&page, c)
	}
	if err == nil {
		err = replace(path, page.Bytes())
	}
	if err != nil {
		return fmt.Errorf("comparison %s: %w", path, err)
	}
	return nil
}

func (p Place) comparison(c Comparison) (*page, error) {
	frame, err := p.frame()
	if err != nil {
		return nil, err
	}
	page := &page{frame: frame, Name: c.Name, ID: c.ID, Purpose: c.Purpose}
	for _, v := range c.Verdicts {
		page.Verdicts = append(page.Verdicts, verdictView{Kind: v.Kind, Word: wordOf(v.Kind), Text: v.Text})
	}
	for _, r := range c.Remarks {
		page.Remarks = append(page.Remarks, remarkView(r))
	}
	curves, more, err := overlaid(c.Runs)
	if err != nil {
		return nil, err
	}
	list := []section{
		{ID: "runs", Title: "Runs", Blocks: []block{{Table: p.comparedTable(c.Runs)}}},
		{ID: "settings", Title: "What differs", Text: "Settings that are the same in all runs are not listed.", Blocks: differing(c)},
		{ID: "numbers", Title: "Final numbers"},
		{ID: "curves", Title: "Curves", Blocks: curves, More: more},
		{ID: "flips", Title: "Fixed and broken"},
		{ID: "confusion", Title: "Confusion"},
	}
	if list, err = placeFigures(list, c); err != nil {
		return nil, err
	}
	page.Sections = slices.DeleteFunc(list, section.empty)
	return page, nil
}

func wordOf(kind string) string {
	if kind == "" {
		return "unknown"
	}
	return kind
}

// differing are the tables of what is not the same.
func differing(c Comparison) (blocks []block) {
	for _, t := range []stage.Table{c.Settings, c.Machines} {
		if len(t.Rows) > 0 {
			blocks = append(blocks, block{Table: newTable(t)})
		}
	}
	if len(c.Settings.Rows) == 0 {
		blocks = append([]block{{Table: &tableView{Title: "Settings", Note: "no setting differs"}}}, blocks...)
	}
	return blocks
}

// placeFigures puts the figures of the pairs and the flipped cases under their
// headings.
func placeFigures(list []section, c Comparison) ([]section, error) {
	album := newAlbum(&results.RunRecord{})
	links := map[string]string{}
	for _, f := range c.Flips {
		blocks := album.flips(f, links)
		list = place(list, "flips", blocks...)
	}
	for _, figure := range c.Figures {
		b, err := blockOf(figure)
		if err != nil {
			return nil, err
		}
		list = place(list, sectionOf(figure), b)
	}
	return list, nil
}

// comparedTable names the runs.
func (p Place) comparedTable(runs []Compared) *tableView {
	t := &tableView{Title: "Runs", Columns: []columnView{{Title: "run"}, {Title: "status"}, {Title: "started"}, {Title: "took"}, {Title: "seed", Number: true}, {Title: "id"}, {Title: "purpose"}, {Title: "tags and note"}}}
	for _, c := range runs {
		row := texts(c.Name, "", moment(c.Run.Started), span(c.Run.Duration()), fmt.Sprint(c.Run.Seed), c.Run.ID, c.Run.Purpose, noted(c.Run.RunSummary))
		if c.HasReport {
			row[0].Link = p.run(c.Run.ID)
		}
		row[1], row[4].Number, row[5].Code = statusCell(c.Run.RunSummary), true, true
		t.Rows = append(t.Rows, row)
	}
	return t.fit()
}

// overlaid draws each number over the epochs with a line for each run: that of
// validation, and of training where there is no other.
func overlaid(runs []Compared) (blocks, more []block, err error) {
	charts := map[string]*chart{}
	heads := map[string]stage.Scalar{}
	var names []string
	var labels []string
	for _, c := range runs {
		labels = append(labels, c.Name)
	}
	looks := looksOf(labels)
	for at, c := range runs {
		for _, group := range monitoredFirst(byName(c.Run.Scalars), c.Run.Experiment) {
			series := oneSeries(group)
			line := chartLine{Label: c.Name, look: looks[at]}
			for _, s := range group {
				if s.Series == series {
					line.X, line.Y = append(line.X, float64(s.Epoch)), append(line.Y, s.Value)
				}
			}
			key := group[0].Name + "\x00" + series
			if charts[key] == nil {
				charts[key] = &chart{XLabel: "epoch", WholeX: true}
				heads[key] = group[0]
				names = append(names, key)
			}
			charts[key].Lines = append(charts[key].Lines, line)
		}
	}
	for _, key := range names {
		_, series, _ := strings.Cut(key, "\x00")
		plot, err := overlay(heads[key], series, *charts[key])
		if err != nil {
			return nil, nil, err
		}
		blocks = append(blocks, block{Plot: plot})
	}
	if len(blocks) > firstPlots+1 {
		blocks, more = blocks[:firstPlots:firstPlots], blocks[firstPlots:]
	}
	return blocks, more, nil
}

// oneSeries is the series of a group that a comparison shows: validation, or the
// first.
func oneSeries(group []stage.Scalar) string {
	for _, s := range group {
		if s.Series == string(stage.Validation) {
			return s.Series
		}
	}
	return group[0].Series
}

func overlay(head stage.Scalar, series string, c chart) (*plotView, error) {
	title := titleOf(head)
	if series != "" {
		title += ", " + series
	}
	p, err := newPlot(title, c)
	if err != nil {
		return nil, err
	}
	p.Unit, p.Better = head.Unit, string(head.Better)
	for _, l := range c.Lines {
		p.Legend = append(p.Legend, newKey(l.Label, lineNote(l, head.Better, c.XLabel), l.look))
	}
	p.Describe = describe(p, c)
	return p, nil
}
