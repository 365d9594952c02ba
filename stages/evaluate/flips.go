package evaluate

import (
	"cmp"
	"maps"
	"slices"

	"vertebra/stages/stage"
)

// Flips are the cases that B fixed and broke, against A. With several seeds a
// contender's class is the likeliest by the mean of their probabilities.
type Flips struct {
	Classes []string
	Cases   []Flip // only those that differ in being right
	All     FlipCount
	ByClass map[string]FlipCount
	ByTag   map[string]map[string]FlipCount // tag, then value
	A, B    [][]float64                     // confusion matrices: [true][predicted]
}

// Flip is a case that one of the two gets right.
type Flip struct {
	Case, Group string
	True        int
	A, B        int // what they take it for
	// InA and InB are their probabilities, the means over seeds.
	InA, InB []float64
	Tags     map[string]string
	Fixed    bool // B is right; else broken
}

// FlipCount counts cases.
type FlipCount struct{ Cases, BothRight, Fixed, Broken, BothWrong int }

func (c FlipCount) with(a, b bool) FlipCount {
	c.Cases++
	switch {
	case a && b:
		c.BothRight++
	case b:
		c.Fixed++
	case a:
		c.Broken++
	default:
		c.BothWrong++
	}
	return c
}

// flips goes through the same cases of all runs of both.
func flips(a, b []Predictions) Flips {
	k := len(a[0].Classes)
	f := Flips{Classes: a[0].Classes, ByClass: map[string]FlipCount{}, ByTag: map[string]map[string]FlipCount{}, A: square(k), B: square(k)}
	for i, item := range a[0].Items {
		ofA, ofB := mean(a, i), mean(b, i)
		inA, inB := largest(ofA), largest(ofB)
		f.A[item.Label][inA]++
		f.B[item.Label][inB]++
		rightA, rightB := inA == item.Label, inB == item.Label
		f.All = f.All.with(rightA, rightB)
		name := f.Classes[item.Label]
		f.ByClass[name] = f.ByClass[name].with(rightA, rightB)
		for tag, value := range item.Tags {
			if f.ByTag[tag] == nil {
				f.ByTag[tag] = map[string]FlipCount{}
			}
			f.ByTag[tag][value] = f.ByTag[tag][value].with(rightA, rightB)
		}
		if rightA != rightB {
			f.Cases = append(f.Cases, Flip{item.CaseID, item.Group, item.Label, inA, inB, ofA, ofB, item.Tags, rightB})
		}
	}
	maps.DeleteFunc(f.ByTag, func(tag string, values map[string]FlipCount) bool {
		return tag == inSeries || len(values) < 2 || len(values) > mostSubgroups && tag != a[0].averageOver
	})
	return f
}

func square(k int) [][]float64 {
	m := make([][]float64, k)
	for i := range m {
		m[i] = make([]float64, k)
	}
	return m
}

// mean gives the probabilities of item i, the mean over the runs.
func mean(runs []Predictions, i int) []float64 {
	out := slices.Clone(runs[0].Items[i].Probabilities)
	for _, p := range runs[1:] {
		for k, v := range p.Items[i].Probabilities {
			out[k] += v
		}
	}
	for k := range out {
		out[k] /= float64(len(runs))
	}
	return out
}

// Tables are the counts by class and by tag, and the list of flipped cases.
func (f Flips) Tables() []stage.Table {
	columns := func(first string) []string {
		return []string{first, "cases", "both right", "fixed", "broken", "both wrong", "fixed − broken"}
	}
	row := func(name string, c FlipCount) []any {
		return []any{name, c.Cases, c.BothRight, c.Fixed, c.Broken, c.BothWrong, c.Fixed - c.Broken}
	}
	byClass := stage.Table{Name: "flips", Title: "Cases fixed and broken, by class", Columns: columns("class")}
	for _, name := range f.Classes {
		byClass.Rows = append(byClass.Rows, row(name, f.ByClass[name]))
	}
	byClass.Rows = append(byClass.Rows, row("all", f.All))
	tables := []stage.Table{byClass}
	for _, tag := range slices.Sorted(maps.Keys(f.ByTag)) {
		t := stage.Table{Name: "flips_by_" + tag, Title: "Cases fixed and broken, by " + tag, Columns: columns(tag)}
		for _, value := range slices.Sorted(maps.Keys(f.ByTag[tag])) {
			t.Rows = append(t.Rows, row(cmp.Or(value, noTag), f.ByTag[tag][value]))
		}
		tables = append(tables, t)
	}
	list := stage.Table{Name: "flipped", Title: "Each case that was fixed or broken", Columns: []string{"case", "group", "what", "true", "before", "now"}}
	for _, c := range f.Cases {
		what := "broken"
		if c.Fixed {
			what = "fixed"
		}
		list.Rows = append(list.Rows, []any{c.Case, c.Group, what, f.Classes[c.True], f.Classes[c.A], f.Classes[c.B]})
	}
	return append(tables, list)
}
