package reports

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// Sweep is what a page about a sweep shows. Whoever fills it knows what the
// settings mean; here they are places on axes.
type Sweep struct {
	Record   *results.SweepRecord
	Settings []SweepSetting
	Trials   []SweepTrial
	Best     int // the number of the best trial; -1 for none
	Verdicts []Verdict
	Remarks  []Remark
	Finals   []stage.Scalar // of the best trial's run
	// Figures are what was computed from all trials, such as importance; sections
	// result, nested, search and stopping are known.
	Figures  []stage.Record
	Surfaces []Surface
	// Experiment is the best trial's, as a file that can be run.
	Experiment string
	HasReport  func(run string) bool
}

// SweepSetting is one setting that is varied: an axis.
type SweepSetting struct {
	Path    string
	Choices bool // its values are a list, in no order
	Log     bool // its numbers lie on a logarithmic axis
	Ticks   []SweepTick
	Names   map[string]string // what values are called in short, such as focal for {focal: {gamma: 1}}
}

// Called is what a value is called.
func (s SweepSetting) Called(value string) string { return cmp.Or(s.Names[value], value) }

// SweepTick is a labelled place of an axis.
type SweepTick struct {
	Share float64 // from 0 to 1
	Text  string
}

// SweepTrial is a trial as figures show it.
type SweepTrial struct {
	Number int
	Value  float64            // of the objective, NaN for none
	Shares map[string]float64 // where its settings lie; those that count
	Words  string             // its settings
	Rows   []*results.Trial   // its runs
}

// Surface is the mean of the objective over all other settings, by two of them.
type Surface struct {
	X, Y   string      // paths
	Values [][]float64 // [row of Y][column of X], evenly over both axes
}

// Sweep draws the page.
func (p Place) Sweep(w io.Writer, s Sweep) error {
	page, err := p.sweep(s)
	if err != nil {
		return fmt.Errorf("draw sweep %s: %w", s.Record.ID, err)
	}
	return page.draw(w)
}

// WriteSweep writes the page as a file, in one step.
func WriteSweep(ctx context.Context, s Sweep, path string) error {
	var page bytes.Buffer
	err := ctx.Err()
	if err == nil {
		err = AsFile.Sweep(&page, s)
	}
	if err == nil {
		err = replace(path, page.Bytes())
	}
	if err != nil {
		return fmt.Errorf("report of a sweep %s: %w", path, err)
	}
	return nil
}

func (p Place) sweep(s Sweep) (*page, error) {
	frame, err := p.frame()
	if err != nil {
		return nil, err
	}
	if p.live {
		frame.Live = "/events"
	}
	out := &page{frame: frame, Name: s.Record.Name, Purpose: s.Record.Purpose, ID: s.Record.ID, Status: cellView{Text: string(s.Record.Status), Mark: string(s.Record.Status)}, Facts: sweepFacts(s)}
	if out.Headline, out.More = headline(s.decidingFirst()); out.Headline != nil {
		out.HeadlineNote = s.headlineNote()
	}
	for _, v := range s.Verdicts {
		kind, word := v.Kind, wordOf(v.Kind)
		if kind == "indistinguishable" {
			kind = "same"
		}
		out.Verdicts = append(out.Verdicts, verdictView{Kind: kind, Word: word, Text: v.Text})
	}
	for _, r := range s.Remarks {
		out.Remarks = append(out.Remarks, remarkView(r))
	}
	if out.Sections, err = p.sweepSections(s); err != nil {
		return nil, err
	}
	return out, nil
}

// decidingFirst are the best trial's numbers, that which the sweep goes by first.
func (s Sweep) decidingFirst() []stage.Scalar {
	of := results.RunSummary{Finals: s.Finals}
	_, of.Watching.Name, _ = strings.Cut(s.Record.Objective, ".")
	return of.WatchedFirst()
}

// headlineNote says what the headline's numbers are of.
func (s Sweep) headlineNote() string {
	of := "of the best trial; "
	if best := s.trial(s.Best); best != nil && len(best.Rows) > 1 {
		of = fmt.Sprintf("of the first of the best trial's %d runs; ", len(best.Rows))
	}
	return strings.TrimSuffix(of+headlineNote(results.RunSummary{Finals: s.Finals}, watchedInTraining), "; ")
}

// sweepSections lists those that have something to show.
func (p Place) sweepSections(s Sweep) ([]section, error) {
	search, err := s.searchPlots()
	if err != nil {
		return nil, err
	}
	list := []section{
		{ID: "result", Title: "Best trials", Blocks: []block{{Table: p.bestTrials(s)}}},
		{ID: "nested", Title: "Nested cross-validation"},
		{ID: "search", Title: "Search", Blocks: search},
		{ID: "stopping", Title: "Early stopping", Blocks: s.stoppingPlots()},
		{ID: "time", Title: "Time and devices", Blocks: s.timePlots()},
	}
	for _, figure := range s.Figures {
		b, err := blockOf(figure)
		if err != nil {
			return nil, err
		}
		list = place(list, sectionOf(figure), b)
	}
	if t := s.failures(); t != nil {
		list = append(list, section{ID: "failures", Title: "Failures", Blocks: []block{{Table: t}}})
	}
	if len(s.ranked()) < len(s.Trials) || len(s.Trials) > bestRows { // else the table of the best has all
		list = append(list, section{ID: "trials", Title: "All trials", Blocks: []block{{Table: p.allTrials(s)}}})
	}
	list = append(list,
		section{ID: "events", Title: "Events", Events: sweepEvents(s.Record.Events)},
		section{ID: "experiment", Title: "The best trial as an experiment", Experiment: highlight(s.Experiment), File: s.Record.File})
	return slices.DeleteFunc(list, section.empty), nil
}

func sweepEvents(events []results.SweepEvent) (out []event) {
	for _, e := range events {
		of := "sweep"
		if e.Trial >= 0 {
			of = fmt.Sprintf("trial %d", e.Trial)
		}
		out = append(out, event{e.Level, of, e.Text, e.At.UTC().Format("15:04:05")})
	}
	return out[:min(len(out), eventLimit)]
}

// sweepFacts are what everybody asks first.
func sweepFacts(s Sweep) (facts []stage.Fact) {
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, stage.Fact{Name: name, Value: value})
		}
	}
	computed, epochs, whole := 0.0, 0, 0
	for _, t := range s.Record.Trials {
		computed, epochs, whole = computed+t.Seconds, epochs+t.Epochs, whole+t.MaxEpochs
	}
	wall := s.Record.Ended.Sub(s.Record.Started)
	if s.Record.Ended.IsZero() {
		wall = s.Record.Seen.Sub(s.Record.Started)
	}
	add("started", moment(s.Record.Started))
	add("took", span(wall))
	add("computed", span(time.Duration(computed*float64(time.Second))))
	add("deadline", moment(s.Record.Deadline))
	add("ended", s.Record.Because)
	add("trials", fmt.Sprint(len(s.Trials)))
	add("objective", s.Record.Objective+", "+string(s.Record.Better)+" is better")
	if best := s.trial(s.Best); best != nil {
		add("best", fmt.Sprintf("trial %d: %.5g", best.Number, best.Value))
	}
	if whole > 0 {
		add("epochs", fmt.Sprintf("%s of %s", grouped(epochs), grouped(whole)))
	}
	return facts
}

func (s Sweep) trial(number int) *SweepTrial {
	for i := range s.Trials {
		if s.Trials[i].Number == number {
			return &s.Trials[i]
		}
	}
	return nil
}

// better says whether a value is better than another.
func (s Sweep) better(a, b float64) bool {
	if s.Record.Better == stage.HigherBetter {
		return a > b
	}
	return a < b
}

// ranked are the trials with a value, the best first; whole ones before those
// that ended early.
func (s Sweep) ranked() []SweepTrial {
	list := slices.DeleteFunc(slices.Clone(s.Trials), func(t SweepTrial) bool { return math.IsNaN(t.Value) || t.state() == results.TrialFailed })
	slices.SortStableFunc(list, func(a, b SweepTrial) int {
		da, db := a.state() == results.TrialDone, b.state() == results.TrialDone
		switch {
		case da != db && da, da == db && s.better(a.Value, b.Value):
			return -1
		case da != db, s.better(b.Value, a.Value):
			return 1
		}
		return 0
	})
	return list
}

// state is that of the trial's runs together: the first that is not done.
func (t SweepTrial) state() results.TrialState {
	for _, row := range t.Rows {
		if row.State != results.TrialDone {
			return row.State
		}
	}
	return results.TrialDone
}
