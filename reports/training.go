package reports

import (
	"fmt"
	"slices"
	"strings"

	"vertebra/results"
	"vertebra/stages/stage"
)

// firstPlots is how many plots of training are shown unasked.
const firstPlots = 6

// trainingBlocks draws each name that has several epochs as a plot, and lists
// the others, then the phases. Beyond the first plots they are more.
func trainingBlocks(rec *results.RunRecord, figures labels) (blocks, more []block, err error) {
	var single []stage.Scalar
	for _, scalars := range monitoredFirst(byName(rec.Scalars), rec.Experiment) {
		if !ofPhases(scalars[0].Phase, rec.Phases) {
			continue // see otherNets
		}
		if !moves(scalars) {
			single = append(single, scalars...)
			continue
		}
		plot, err := scalarPlot(scalars, rec.Phases)
		if err != nil {
			return nil, nil, err
		}
		plot.ID = figures.id(scalars[0].Name)
		blocks = append(blocks, block{Plot: plot})
	}
	if len(blocks) > firstPlots+1 {
		blocks, more = blocks[:firstPlots:firstPlots], blocks[firstPlots:]
	}
	if t := singleTable(single); t != nil {
		blocks = append(blocks, block{Table: t})
	}
	if t := phaseTable(rec.Phases, rec.Status == results.Running); t != nil {
		blocks = append(blocks, block{Table: t})
	}
	return blocks, more, nil
}

// ofNet is a plot of the training of another net, which the section of its name shows.
type ofNet struct {
	phase string
	block block
}

// otherNets draws what trainings tell whose phases are none of the run's: pretrain, locate.
func otherNets(rec *results.RunRecord, figures labels) (out []ofNet, err error) {
	single, order := map[string][]stage.Scalar{}, []string(nil)
	for _, scalars := range byName(rec.Scalars) {
		phase := scalars[0].Phase
		if ofPhases(phase, rec.Phases) {
			continue
		}
		if !moves(scalars) {
			if single[phase] == nil {
				order = append(order, phase)
			}
			single[phase] = append(single[phase], scalars...)
			continue
		}
		plot, err := scalarPlot(scalars, rec.Phases)
		if err != nil {
			return nil, err
		}
		plot.ID = figures.id(scalars[0].Name)
		out = append(out, ofNet{phase, block{Plot: plot}})
	}
	for _, phase := range order {
		out = append(out, ofNet{phase, block{Table: singleTable(single[phase])}})
	}
	return out, nil
}

// alwaysShown are the plots that everybody looks at; the others stand where they
// were recorded.
var alwaysShown = []string{"loss", "learning_rate"}

// monitoredFirst moves what training watched, the loss and the rate to the front.
func monitoredFirst(groups [][]stage.Scalar, experiment string) [][]stage.Scalar {
	_, watched := results.Monitored(experiment)
	first := append([]string{watched}, alwaysShown...)
	rank := func(group []stage.Scalar) int {
		if i := slices.Index(first, group[0].Name); i >= 0 {
			return i
		}
		return len(first)
	}
	slices.SortStableFunc(groups, func(a, b []stage.Scalar) int { return rank(a) - rank(b) })
	return groups
}

// byName groups the scalars of training by their name, in order of appearance.
func byName(scalars []stage.Scalar) [][]stage.Scalar {
	var groups [][]stage.Scalar
	at := map[string]int{}
	for _, s := range scalars {
		if s.Epoch == stage.Final {
			continue
		}
		i, ok := at[s.Name]
		if !ok {
			i = len(groups)
			at[s.Name] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], s)
	}
	return groups
}

// moves says whether any series has more than one point.
func moves(scalars []stage.Scalar) bool {
	first := map[string]bool{}
	for _, s := range scalars {
		if first[s.Series] {
			return true
		}
		first[s.Series] = true
	}
	return false
}

// perStep says whether a series has several points in one epoch: then x is the
// step.
func perStep(scalars []stage.Scalar) bool {
	type place struct {
		series string
		epoch  int
	}
	seen := map[place]bool{}
	for _, s := range scalars {
		p := place{s.Series, s.Epoch}
		if seen[p] {
			return true
		}
		seen[p] = true
	}
	return false
}

func scalarPlot(scalars []stage.Scalar, phases []stage.PhaseRecord) (*plotView, error) {
	head := scalars[0]
	if !ofPhases(head.Phase, phases) {
		phases = nil // of another net, whose epochs are none of theirs
	}
	c := scalarChart(scalars)
	if perStep(scalars) {
		c.XLabel = "step"
		c.Spans = stepSpans(scalars, phases)
	} else {
		c.Spans = foldSpans(phases)
	}
	if len(c.Spans) == 1 {
		c.Spans = nil // one phase needs no name
	}
	if head.Better != stage.NoDirection && c.XLabel == "epoch" && foldNote(c.Lines) == "" {
		c.Marks = marks(phases)
	}
	p, err := newPlot(titleOf(head), c)
	if err != nil {
		return nil, err
	}
	p.Unit, p.Better = head.Unit, string(head.Better)
	if len(c.Marks) > 0 {
		p.Rings = "best epoch of a phase"
	}
	for _, l := range c.Lines {
		if key := newKey(l.Label, lineNote(l, head.Better, c.XLabel), l.look); !l.Thin {
			p.Legend = append(p.Legend, key)
		}
	}
	p.Note = strings.Trim(p.Note+"; "+foldNote(c.Lines), "; ")
	p.Describe = describe(p, c)
	return p, nil
}

// ofPhases says whether a number of a phase belongs to these, or to no phase at all.
func ofPhases(phase string, phases []stage.PhaseRecord) bool {
	return phase == "" || slices.ContainsFunc(phases, func(p stage.PhaseRecord) bool {
		name, _, _ := stage.ParseFoldName(p.Name)
		return phase == name || phase == p.Name
	})
}

// scalarChart makes a line of each series, over epochs or over steps.
func scalarChart(scalars []stage.Scalar) chart {
	c := chart{XLabel: "epoch", WholeX: true}
	steps := perStep(scalars)
	labels, looks := foldsLast(seriesOf(scalars))
	for i, l := range looks {
		c.Lines = append(c.Lines, chartLine{Label: labels[i], look: l})
	}
	for _, s := range scalars {
		l := &c.Lines[slices.Index(labels, s.Series)]
		x := s.Epoch
		if steps {
			x = s.Step
		}
		l.X, l.Y = append(l.X, float64(x)), append(l.Y, s.Value)
	}
	return c
}

// epochSpans gives the phases as parts of an axis of epochs; a border lies
// between two epochs.
func epochSpans(phases []stage.PhaseRecord) []chartSpan {
	var spans []chartSpan
	for _, p := range phases {
		to := float64(p.LastEpoch) + 0.5
		if p.LastEpoch == 0 {
			to = 1e9 // still going on
		}
		spans = append(spans, chartSpan{p.Name, float64(p.FirstEpoch) - 0.5, to})
	}
	return spans
}

// stepSpans finds the phases on an axis of steps: a border lies where the
// first number of a phase is.
func stepSpans(scalars []stage.Scalar, phases []stage.PhaseRecord) []chartSpan {
	var spans []chartSpan
	for _, p := range phases {
		i := slices.IndexFunc(scalars, func(s stage.Scalar) bool { return s.Phase == p.Name })
		if i < 0 {
			continue
		}
		from := float64(scalars[i].Step)
		if len(spans) > 0 {
			spans[len(spans)-1].To = from
		}
		spans = append(spans, chartSpan{p.Name, from, 1e12})
	}
	return spans
}

func marks(phases []stage.PhaseRecord) []float64 {
	var at []float64
	for _, p := range phases {
		if p.BestEpoch > 0 {
			at = append(at, float64(p.BestEpoch))
		}
	}
	return at
}

// lineNote says the best number of a line, or the last where none is best.
func lineNote(l chartLine, better stage.Direction, axis string) string {
	best := -1
	for i, y := range l.Y {
		if !finite(y) {
			continue
		}
		if best < 0 || better == stage.NoDirection ||
			better == stage.HigherBetter && y > l.Y[best] || better == stage.LowerBetter && y < l.Y[best] {
			best = i
		}
	}
	switch {
	case best < 0:
		return "no finite number"
	case better == stage.NoDirection:
		return "last " + short(l.Y[best])
	}
	return fmt.Sprintf("best %s, %s %s", short(l.Y[best]), axis, short(l.X[best]))
}

// describe tells a plot in words.
func describe(p *plotView, c chart) string {
	var lines []string
	for i, l := range c.Lines {
		if len(l.Y) > 0 && !l.Thin { // thin ones have no entry, and come last
			lines = append(lines, fmt.Sprintf("%s from %s to %s (%s)", l.Label, short(l.Y[0]), short(l.Y[len(l.Y)-1]), p.Legend[i].Note))
		}
	}
	text := fmt.Sprintf("%s over %ss: %s", p.Title, c.XLabel, strings.Join(lines, "; "))
	for _, s := range c.Spans {
		text += fmt.Sprintf("; phase %s from %s %s", s.Label, c.XLabel, short(s.From+0.5))
	}
	return text
}
