package evaluate

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// Pooled is a Metric of all cases together. Config.AverageOver does not hold for
// it: it says itself what it averages over.
type Pooled interface {
	Metric
	// Pooled does nothing.
	Pooled()
}

// PerTarget is an Illustrated that has other figures where there are several
// targets. Of the others, the figures are those of all cases together.
type PerTarget interface {
	Illustrated
	// ShowTargets gives the figures; there are at least two targets.
	ShowTargets(p Predictions, targets []Target) Result
}

// Target is the predictions of one value of the tag Config.AverageOver: the
// answers to one of the questions that a net answers of each image.
type Target struct {
	Name string
	Predictions
}

// member is what no weight changes of a target.
type member struct {
	name    string
	at      []int32  // its items among all
	classes []string // those that it has
	items   []stage.Prediction
	memo    *memo
}

type membersKey struct{}

// members are the targets, sorted by name; nil where there are fewer than two, unless one
// has classes of its own.
func (p Predictions) members() []member {
	return once(p.items, membersKey{}, func() (all []member) {
		first := func(item stage.Prediction) bool {
			return tagged(item, p.averageOver) == tagged(p.Items[0], p.averageOver)
		}
		if p.averageOver == "" || len(p.Items) == 0 || p.Items[0].Among == nil && !slices.ContainsFunc(p.Items, func(item stage.Prediction) bool { return !first(item) }) {
			return nil
		}
		at := map[string][]int32{}
		for i, item := range p.Items {
			name := tagged(item, p.averageOver)
			at[name] = append(at[name], int32(i))
		}
		for _, name := range slices.Sorted(maps.Keys(at)) {
			items := make([]stage.Prediction, len(at[name]))
			for k, i := range at[name] {
				items[k] = p.Items[i]
			}
			classes, items := ownClasses(p.Classes, items)
			all = append(all, member{name, at[name], classes, items, newMemo()})
		}
		return all
	})
}

// tagged is the value of a tag.
func tagged(item stage.Prediction, tag string) string {
	if value := item.Tags[tag]; value != "" {
		return value
	}
	return noTag
}

// targets are the members with the weights of p.
func (p Predictions) targets() []Target {
	members := p.members()
	if members == nil {
		return nil
	}
	return once(p.sums, membersKey{}, func() []Target {
		all := make([]Target, len(members))
		for i, m := range members {
			all[i] = Target{m.name, Predictions{Classes: m.classes, Items: m.items, items: m.memo, sums: newMemo()}}
			if p.Weights != nil {
				all[i].Weights = picked(p.Weights, m.at)
			}
			if p.draw != nil {
				all[i].draw = p.draw.of(members)[i]
			}
		}
		return all
	})
}

func picked(values []float64, at []int32) []float64 {
	out := make([]float64, len(at))
	for k, i := range at {
		out[k] = values[i]
	}
	return out
}

// averaged are the targets that a metric is the mean over; nil where it is one
// of all cases together.
func (p Predictions) averaged(m Metric) []Target {
	if _, pooled := m.(Pooled); pooled {
		return nil
	}
	return p.targets()
}

// values gives the numbers of a metric. Of several targets each is the mean over
// those for which it exists, every target alike, as the macro average of
// scikit-learn's multilabel scores.
func (p Predictions) values(m Metric) []float64 {
	targets := p.averaged(m)
	if targets == nil {
		return m.Values(p)
	}
	sums := make([]float64, len(m.Scalars()))
	counts := make([]float64, len(sums))
	for _, t := range targets {
		if t.total() == 0 { // none of it was drawn
			continue
		}
		for i, v := range m.Values(t.Predictions) {
			if !math.IsNaN(v) {
				sums[i] += v
				counts[i]++
			}
		}
	}
	for i := range sums {
		sums[i] /= counts[i]
	}
	return sums
}

// show gives the figures of a metric and its notes.
func (p Predictions) show(m Metric) (r Result) {
	targets := p.averaged(m)
	shows, ok := m.(Illustrated)
	if targets == nil {
		if ok {
			r = shows.Show(p)
		}
		return r
	}
	if apart, is := m.(PerTarget); is {
		r = apart.ShowTargets(p, targets)
	} else if ok {
		r = shows.Show(p).together(p.averageOver)
	}
	r.Notes = p.notes(m, targets)
	return r
}

// together says of figures that they are of all targets.
func (r Result) together(tag string) Result {
	for i := range r.Curves {
		r.Curves[i].Title += togetherIn(tag)
	}
	for i := range r.Matrices {
		r.Matrices[i].Title += togetherIn(tag)
	}
	for i := range r.Tables {
		r.Tables[i].Title += togetherIn(tag)
	}
	return r
}

func togetherIn(tag string) string { return fmt.Sprintf(", every %s together", tag) }

// notes says for which targets a number does not exist, and what the metric says
// of single targets.
func (p Predictions) notes(m Metric, targets []Target) (notes []string) {
	without, said := make([][]string, len(m.Scalars())), map[string][]string{}
	for _, t := range targets {
		exists := true
		for i, v := range m.Values(t.Predictions) {
			if math.IsNaN(v) {
				without[i] = append(without[i], t.Name)
				exists = false
			}
		}
		if shows, ok := m.(Illustrated); ok && exists {
			for _, note := range shows.Show(t.Predictions).Notes {
				said[note] = append(said[note], t.Name)
			}
		}
	}
	return append(leftOut(m.Scalars(), without, p.averageOver), ofTargets(said, len(targets))...)
}

// leftOut names the targets that numbers do not exist for, once for numbers that lack
// the same.
func leftOut(scalars []stage.Scalar, without [][]string, tag string) (notes []string) {
	names, order := map[string][]string{}, []string{}
	for i, s := range scalars {
		targets := listed(without[i])
		if targets == "" {
			continue
		}
		if names[targets] == nil {
			order = append(order, targets)
		}
		names[targets] = append(names[targets], s.Name)
	}
	for _, targets := range order {
		notes = append(notes, fmt.Sprintf("there is no %s of %s: left out of the mean over %s", strings.Join(names[targets], ", no "), targets, tag))
	}
	return notes
}

// mostNamed is how many targets a note lists.
const mostNamed = 20

func listed(names []string) string {
	if len(names) <= mostNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamed], ", "), len(names)-mostNamed)
}

// fewNotes is how many targets' notes are told one by one.
const fewNotes = 3

// ofTargets words notes of single targets: note, then the targets that it holds for.
func ofTargets(said map[string][]string, all int) (notes []string) {
	texts := slices.Sorted(maps.Keys(said))
	several := map[string]bool{}
	for _, text := range texts {
		if len(said[text]) == all {
			notes = append(notes, text)
			continue
		}
		for _, name := range said[text] {
			several[name] = true
		}
	}
	texts = slices.DeleteFunc(texts, func(text string) bool { return len(said[text]) == all })
	for i, text := range texts {
		note := said[text][0] + ": " + text
		if len(several) > fewNotes {
			return append(notes, fmt.Sprintf("%s; the like holds for %d of %d", note, len(several), all))
		}
		notes = append(notes, strings.Join(said[text], ", ")+": "+texts[i])
	}
	return notes
}
