package reports

import (
	"fmt"
	"io"

	"vertebra/results"
	"vertebra/stages/stage"
)

// Standalone is a page about something that is no stored run.
type Standalone struct {
	Name, Purpose string
	Facts         []stage.Fact
	Records       []stage.Record // figures, under the sections that they name, and events
	Experiment    string         // as YAML
	File          string         // that the experiment is from
}

// Standalone draws the page: its sections in the order of their first figures, each
// with its pictures after its other figures.
func (p Place) Standalone(w io.Writer, s Standalone) error {
	frame, err := p.frame()
	if err != nil {
		return err
	}
	pg := &page{frame: frame, Name: s.Name, Purpose: s.Purpose, Facts: s.Facts}
	var events []results.Event
	album, figures := newAlbum(&results.RunRecord{}), labels{}
	for _, r := range s.Records {
		if e, ok := r.(stage.Event); ok {
			events = append(events, results.Event{Event: e})
			continue
		}
		name := sectionOf(r)
		b, err := blockOf(r)
		if err != nil {
			return fmt.Errorf("draw %s: %w", s.Name, err)
		}
		if g, ok := r.(stage.Gallery); ok {
			name, b = g.Section, block{Gallery: album.gallery(g)}
		}
		figures.label(r, b)
		pg.Sections = place(pg.Sections, name, b)
	}
	if views, total := eventViews(events); total > 0 {
		pg.Sections = append(pg.Sections, section{ID: "events", Title: "Warnings", Events: views})
	}
	if s.Experiment != "" {
		pg.Sections = append(pg.Sections, section{ID: "experiment", Title: "Experiment", Experiment: highlight(s.Experiment), File: s.File})
	}
	return pg.draw(w)
}
