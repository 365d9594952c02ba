package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// Limits of figures, beyond which a reader drowns. The table by target has every
// number all the same.
const (
	mostLines = 20 // of a curve, one for each target
	mostAreas = 6  // classes that are columns
	mostRows  = 60 // of a matrix, one for each class of each target
)

// positive is the last of two classes: of an answer yes or no the one that a finding
// is looked for by. ok is false for other numbers of classes.
func positive(p Predictions) (class int, name string, ok bool) {
	last := len(p.Classes) - 1
	return last, p.Classes[last], last == 1
}

// areaFigure is what is drawn of an area under a curve for several targets.
type areaFigure struct {
	curve       stage.Curve // its name, its title and those of its axes
	name, title string      // of the table
	number      string      // column of the table
	area        func(areas) float64
	line        func(ranking, string) stage.Line
}

// show gives, of two classes, a curve and a row for each target, both for the positive
// class. Of more classes the curves are those of all targets together.
func (f areaFigure) show(p Predictions, targets []Target, together Result) (r Result) {
	class, name, binary := positive(p)
	if !p.shared(targets) {
		return f.ofOwn(p, targets)
	}
	if !binary {
		r.Curves = together.together(p.averageOver).Curves
		if len(p.Classes) <= mostAreas {
			r.Tables = []stage.Table{f.byClass(p, targets)}
		}
		return r
	}
	drawn := mostOf(targets, class)
	for _, t := range drawn {
		if !math.IsNaN(f.area(t.areas(class))) {
			f.curve.Lines = append(f.curve.Lines, f.line(rank(t.Predictions, class), t.Name))
		}
	}
	if len(f.curve.Lines) > 0 {
		f.curve.Title = fmt.Sprintf("%s of %s, by %s", f.curve.Title, name, p.averageOver)
		if len(drawn) < len(targets) {
			f.curve.Title += fmt.Sprintf(", the %d of %d with the most cases", len(drawn), len(targets))
		}
		r.Curves = []stage.Curve{f.curve}
	}
	r.Tables = []stage.Table{f.ofPositive(p, targets)}
	return r
}

// ofOwn has a row and a line for the classes of each target, of which each has its own.
func (f areaFigure) ofOwn(p Predictions, targets []Target) (r Result) {
	t := targetTable(f.name, f.title+", each class against the others of its "+p.averageOver, p.averageOver, "class", "of the class", "share", f.number)
	eachClass(targets, func(of Target, class int) {
		a := of.areas(class)
		t.Rows = append(t.Rows, []any{of.Name, len(of.Items), of.Classes[class], int(a.positives), ratio(a.positives, of.total()), f.area(a)})
		if !math.IsNaN(f.area(a)) && len(f.curve.Lines) < mostLines {
			f.curve.Lines = append(f.curve.Lines, f.line(rank(of.Predictions, class), of.Name+": "+of.Classes[class]))
		}
	})
	if len(f.curve.Lines) > 0 {
		f.curve.Title += ", each class against the others of its " + p.averageOver
		r.Curves = []stage.Curve{f.curve}
	}
	r.Tables = []stage.Table{withMeans(t, 4)}
	return r
}

// mostOf are the targets that have the most cases of a class, in their order.
func mostOf(targets []Target, class int) []Target {
	if len(targets) <= mostLines {
		return targets
	}
	most := slices.Clone(targets)
	slices.SortStableFunc(most, func(a, b Target) int { return cmp.Compare(b.areas(class).positives, a.areas(class).positives) })
	most = most[:mostLines]
	slices.SortFunc(most, func(a, b Target) int { return cmp.Compare(a.Name, b.Name) })
	return most
}

// ofPositive has the area of the positive class of each target, and its share, which
// is the average precision of a guess.
func (f areaFigure) ofPositive(p Predictions, targets []Target) stage.Table {
	class, name, _ := positive(p)
	t := targetTable(f.name, fmt.Sprintf("%s of %s", f.title, name), p.averageOver, "cases of "+name, "share", f.number)
	for _, of := range targets {
		a := of.areas(class)
		t.Rows = append(t.Rows, []any{of.Name, len(of.Items), int(a.positives), ratio(a.positives, of.total()), f.area(a)})
	}
	return withMeans(t, 3)
}

// byClass has the areas of the classes of each target, and their mean.
func (f areaFigure) byClass(p Predictions, targets []Target) stage.Table {
	t := targetTable(f.name, f.title+", each class against the rest", p.averageOver, append(slices.Clone(p.Classes), "mean")...)
	for _, of := range targets {
		row := []any{of.Name, len(of.Items)}
		for class := range p.Classes {
			row = append(row, f.area(of.areas(class)))
		}
		t.Rows = append(t.Rows, append(row, of.meanArea(f.area)))
	}
	return withMeans(t, 2)
}

// targetTable has a row for each target.
func targetTable(name, title, tag string, columns ...string) stage.Table {
	return stage.Table{Name: name, Title: title + ", by " + tag, Columns: append([]string{tag, "cases"}, columns...)}
}

// withMeans adds the means of the columns from one on, of what exists. A target that has
// several rows counts once, with the mean of these, as in the numbers of a split.
func withMeans(t stage.Table, from int) stage.Table {
	row := []any{"mean"}
	for c := 1; c < len(t.Columns); c++ {
		if c < from {
			row = append(row, "")
			continue
		}
		of := map[any][]float64{}
		for _, cells := range t.Rows {
			if v := cells[c].(float64); !math.IsNaN(v) {
				of[cells[0]] = append(of[cells[0]], v)
			}
		}
		var means []float64
		for _, cells := range t.Rows { // in their order, so that the sum is always the same
			if values := of[cells[0]]; len(values) > 0 {
				means = append(means, meanOf(values))
				delete(of, cells[0])
			}
		}
		row = append(row, meanOf(means))
	}
	t.Rows = append(t.Rows, row)
	return t
}

// meanOf is NaN of nothing.
func meanOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
