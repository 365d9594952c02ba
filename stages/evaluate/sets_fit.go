package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// fit finds the thresholds on predictions of cases that are exchangeable with those to come.
func (c Conformal) fit(p Predictions, seed uint64) Sets {
	s := Sets{Method: storedMethod{c.Method}, Score: c.Method.Part.Rule(), Coverage: c.Coverage, Guarantee: c.Guarantee, Exchangeable: c.Exchangeable, Seed: seed}
	s.Thresholds = c.thresholds(s, p)
	for _, t := range p.targets() {
		if s.Of == nil {
			s.Tag, s.Of = p.averageOver, map[string][]ceiling{}
		}
		s.Of[t.Name] = c.thresholds(s, t.Predictions)
	}
	return s
}

// thresholds are one for all classes, or one for each.
func (c Conformal) thresholds(s Sets, p Predictions) (out []ceiling) {
	for _, known := range c.known(s, p) {
		out = append(out, ceiling(c.quantile(known)))
	}
	return out
}

// known are the scores of the true classes that a threshold is found among: all, or those of
// each class.
func (c Conformal) known(s Sets, p Predictions) [][]scored {
	all := make([][]scored, 1)
	if c.conditional() {
		all = make([][]scored, len(p.Classes))
	}
	unit := Intervals{Draw: c.Exchangeable}.clusters(p)
	for i, item := range p.Items {
		at, mine := item.Label%len(all), own(item)
		all[at] = append(all[at], scored{s.scores(mine)[mine.Label], unit.Of(i)})
	}
	return all
}

func (c Conformal) conditional() bool { return c.Guarantee == "class_conditional" }

// scored is the score of the true class of a case, and the unit that the case belongs to.
type scored struct {
	score float64
	unit  int
}

// quantile is the lowest score t for which
//
//	Σ over the units of (share of the unit's scores that are at most t) ≥ coverage · (units + 1)
//
// and infinity where none is: the 1−α quantile of the hierarchical conformal prediction of Lee,
// Barber and Willett 2023 ("Distribution-free inference with hierarchical data"), in which one
// more unit has a score of infinity. The case of a new unit then has a score of at most t with
// probability 1−α or more, over the draw of all units. Where each unit has one case it is the
// ⌈(n+1)(1−α)⌉-th smallest of n scores of split conformal prediction.
func (c Conformal) quantile(known []scored) float64 {
	sizes := map[int]float64{}
	for _, v := range known {
		sizes[v.unit]++
	}
	sorted := slices.Clone(known)
	slices.SortFunc(sorted, func(a, b scored) int { return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.unit, b.unit)) })
	wanted, reached := c.Coverage*float64(len(sizes)+1)-offBy, 0.0
	for _, v := range sorted {
		if reached += 1 / sizes[v.unit]; reached >= wanted {
			return v.score
		}
	}
	return math.Inf(1)
}

// table lists the thresholds and what they rest on.
func (s *setting) table() stage.Table {
	t := stage.Table{Name: "set_thresholds", Section: "results", Columns: []string{"cases of", "cases", "groups", "threshold"},
		Title: fmt.Sprintf("Thresholds of prediction sets: %s, coverage %g", s.Method.Name, s.Coverage), Note: s.promise()}
	s.each(func(name string, cases, groups int, threshold float64) {
		cell := any(threshold)
		if math.IsInf(threshold, 1) {
			cell = "none: in every set"
		}
		t.Rows = append(t.Rows, []any{name, cases, groups, cell})
	})
	return t
}

// each visits the thresholds, with what they were found among.
func (s *setting) each(visit func(name string, cases, groups int, threshold float64)) {
	if len(s.folds) == 0 {
		s.eachOf(s.from, s.sets, visit)
		return
	}
	for _, f := range s.folds {
		s.eachOf(f.from, s.sets.Folds[f.tag], func(name string, cases, groups int, threshold float64) {
			visit(fmt.Sprintf("fold %s: %s", f.tag, name), cases, groups, threshold)
		})
	}
	s.eachOf(s.from, s.sets, func(name string, cases, groups int, threshold float64) {
		visit("new images: "+name, cases, groups, threshold)
	})
}

func (s *setting) eachOf(from Predictions, sets Sets, visit func(name string, cases, groups int, threshold float64)) {
	targets := from.targets()
	if targets == nil {
		targets = []Target{{"", from}}
	}
	for _, of := range targets {
		group := Intervals{}.clusters(of.Predictions)
		for class, threshold := range sets.thresholds(of.Name) {
			cases, groups := 0, map[int]bool{}
			for i, item := range of.Items {
				if !s.conditional() || item.Label == class {
					cases, groups[group.Of(i)] = cases+1, true
				}
			}
			visit(s.nameOf(of, class), cases, len(groups), float64(threshold))
		}
	}
}

// without tells what has no threshold.
func (s *setting) without() []stage.Record {
	var names []string
	s.each(func(name string, _, _ int, threshold float64) {
		if math.IsInf(threshold, 1) {
			names = append(names, name)
		}
	})
	if names == nil {
		return nil
	}
	return []stage.Record{stage.Event{Level: "warning", Stage: "evaluate", Text: fmt.Sprintf(
		"sets: %s: fewer than %d validation %s, too few for a coverage of %g: in every set", listed(names), s.least(), s.Exchangeable, s.Coverage)}}
}

// nameOf says what a threshold is for.
func (c Conformal) nameOf(of Target, class int) string {
	switch {
	case !c.conditional() && of.Name == "":
		return "all classes"
	case !c.conditional():
		return of.Name
	case of.Name == "":
		return of.Classes[class]
	}
	return of.Name + ", " + of.Classes[class]
}
