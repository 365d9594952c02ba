package reports

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"vertebra/results"
	"vertebra/stages/stage"
)

// sections lists all sections in the order of the page; some may be empty.
// Pictures come together, because they are looked at together.
func sections(rec *results.RunRecord) ([]section, error) {
	figures := labels{}
	training, more, err := trainingBlocks(rec, figures)
	if err != nil {
		return nil, err
	}
	others, err := otherNets(rec, figures)
	if err != nil {
		return nil, err
	}
	list := []section{
		{ID: "diagnosis", Title: "Diagnosis"},
		{ID: "ensemble", Title: "Ensemble"},
		{ID: "external", Title: "External validation"},
		{ID: "pretrain", Title: "Pretrain"},
		{ID: "training", Title: "Training", Blocks: training, More: more},
		{ID: "results", Title: "Results"},
		{ID: "data", Title: "Data"},
	}
	for _, one := range others {
		list = place(list, one.phase, one.block)
	}
	pictures, cells, err := galleries(rec)
	if err != nil {
		return nil, err
	}
	for _, figure := range inOrder(rec.Figures) {
		if m, ok := figure.(stage.Matrix); ok && repeated(m, rec) {
			continue
		}
		b, err := blockOf(figure)
		if err != nil {
			return nil, err
		}
		if b == (block{}) {
			continue // among the pictures, or a shape of a newer program
		}
		figures.label(figure, b)
		if b.Matrix != nil {
			b.Matrix.link(cells)
		}
		list = place(list, sectionOf(figure), b)
	}
	list[0].Findings = findings(rec, figures)
	events, total := eventViews(rec.Events)
	list = append(list,
		section{ID: "pictures", Title: "Pictures", Blocks: pictures},
		section{ID: "events", Title: eventsTitle(total, len(events)), Events: events},
		section{ID: "experiment", Title: "Experiment", Experiment: highlight(experimentOf(rec)), File: rec.File},
		section{ID: "environment", Title: "Environment", Blocks: environment(rec)},
	)
	return list, nil
}

// ofTheData are figures of the section data in the order of their questions: who is in it, what is
// wrong with it, what the images are. What is not listed comes last, as it was recorded: a finished
// preprocessing is told before the audit, which looks at its pixels.
var ofTheData = []string{"splits", "folds", "characteristics", "class_counts", "cases_by_condition_and_level", "balance", "audit", "undecoded", "input_statistics"}

func inOrder(figures []stage.Record) []stage.Record {
	rank := func(figure stage.Record) int {
		name := ""
		switch v := figure.(type) {
		case stage.Table:
			name = v.Name
		case stage.Bars:
			name = v.Name
		}
		if at := slices.Index(ofTheData, name); at >= 0 && sectionOf(figure) == "data" {
			return at
		}
		return len(ofTheData)
	}
	out := slices.Clone(figures)
	slices.SortStableFunc(out, func(a, b stage.Record) int { return rank(a) - rank(b) })
	return out
}

// place puts blocks under the section of that name, and makes the section after
// the known ones.
func place(list []section, name string, blocks ...block) []section {
	id := anchor(name)
	i := slices.IndexFunc(list, func(s section) bool { return s.ID == id })
	if i < 0 {
		first := []rune(name)
		first[0] = unicode.ToUpper(first[0])
		list = append(list, section{ID: id, Title: string(first)})
		i = len(list) - 1
	}
	list[i].Blocks = append(list[i].Blocks, blocks...)
	return list
}

// anchor makes an id from a section's name. The names of the page's own
// sections, which hold no figures, get a different one.
func anchor(name string) string {
	id := strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return '-'
	}, name)
	if slices.Contains([]string{"diagnosis", "pictures", "events", "experiment", "environment", "top"}, id) {
		return id + "-figures"
	}
	return id
}

// sectionOf gives the section a figure asked for; results when it did not.
func sectionOf(figure stage.Record) string {
	name := ""
	switch v := figure.(type) {
	case stage.Curve:
		name = v.Section
	case stage.Matrix:
		name = v.Section
	case stage.Table:
		name = v.Section
	case stage.Bars:
		name = v.Section
	}
	if strings.TrimSpace(name) == "" {
		return "results"
	}
	return strings.TrimSpace(name)
}

// galleries draws the pictures, and says where those of a cell of a matrix are. What lays
// cases out comes first, and what is of the run's end before what is of its data.
func galleries(rec *results.RunRecord) (blocks []block, cells map[stage.Cell]string, err error) {
	all, album, ids := results.Shape[stage.Gallery](rec), newAlbum(rec), labels{}
	for _, s := range results.Shape[stage.Scatter](rec) {
		v, err := album.scatter(s)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", s.Title, err)
		}
		v.ID = ids.id(s.Name)
		blocks = append(blocks, block{Scatter: v})
	}
	slices.SortStableFunc(all, func(a, b stage.Gallery) int { return ofData(a) - ofData(b) })
	for _, g := range all {
		blocks = append(blocks, block{Gallery: album.gallery(g)})
	}
	return blocks, album.cells, nil
}

func ofData(g stage.Gallery) int {
	if g.Section == "data" {
		return 1
	}
	return 0
}

// blockOf turns a figure into a block by its shape; pictures have their own place.
func blockOf(figure stage.Record) (block, error) {
	switch v := figure.(type) {
	case stage.Curve:
		plot, err := curvePlot(v)
		return block{Plot: plot}, err
	case stage.Matrix:
		return block{Matrix: newMatrix(v)}, nil
	case stage.Table:
		return block{Table: newTable(v)}, nil
	case stage.Bars:
		return block{Bars: newBars(v)}, nil
	}
	return block{}, nil
}

// labels are the ids of figures by name, of the first where several have one.
type labels map[string]string

// label gives a figure an id that no other has.
func (l labels) label(figure stage.Record, b block) {
	switch v := figure.(type) {
	case stage.Curve:
		b.Plot.ID = l.id(v.Name)
	case stage.Matrix:
		b.Matrix.ID = l.id(v.Name)
	case stage.Table:
		b.Table.ID = l.id(v.Name)
	}
}

func (l labels) id(name string) string {
	id := "figure-" + anchor(name)
	for n, wanted := 2, id; l[" "+id] != ""; n++ { // a space begins no name: these are the ids in use
		id = fmt.Sprintf("%s-%d", wanted, n)
	}
	l[" "+id] = id
	if l[name] == "" {
		l[name] = id
	}
	return id
}
