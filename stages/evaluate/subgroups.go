package evaluate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// noTag stands for cases without the tag.
const noTag = "(none)"

// mostSubgroups is how many values a tag may have that nobody asked for: more
// are likely to be names of cases.
const mostSubgroups = 20

// subgroups measures every number again for each value of each tag.
func (e evaluation) subgroups(ctx context.Context, p Predictions) (r Result, err error) {
	for _, tag := range e.tags(p) {
		groups := p.by(tag)
		if len(groups[noTag]) == len(p.Items) {
			r.Notes = append(r.Notes, "subgroups: no case has the tag "+tag)
			continue
		}
		table := stage.Table{Name: "by_" + tag, Title: "By " + tag, Columns: []string{tag, "cases", "groups"}}
		for _, s := range Names(e.cfg) {
			table.Columns = append(table.Columns, s.Title)
		}
		if tag == p.averageOver && len(groups) > 1 {
			table.Note = averageNote(e.cfg, "these rows")
		}
		for _, value := range inOrder(groups) {
			row, err := e.subgroup(ctx, tag+" "+value, p.of(groups[value]))
			if err != nil {
				return r, err
			}
			table.Rows = append(table.Rows, append([]any{value}, row...))
		}
		r.Tables = append(r.Tables, table)
	}
	return r, nil
}

// inSeries is a tag that says where in a series a case lies. Its values mean something
// else in each series, so nobody gets numbers by it unasked; folds have a table of
// their own.
const inSeries = "instance"

// tags are those asked for, or all that tell cases apart; before them the one that
// numbers are averaged over.
func (e evaluation) tags(p Predictions) []string {
	tags := e.cfg.Subgroups
	asked := len(tags) > 0
	if !asked {
		tags = slices.DeleteFunc(telling(p), func(tag string) bool { return slices.Contains(e.cfg.Readers, tag) })
	}
	over := p.averageOver
	if p.members() == nil {
		return tags
	}
	return append([]string{over}, slices.DeleteFunc(slices.Clone(tags), func(tag string) bool {
		return tag == over || !asked && alike(p, tag, over)
	})...)
}

// alike says whether two tags have the same cases together, as condition and target
// have where nothing else is asked of an image: one table of them is enough.
func alike(p Predictions, a, b string) bool {
	to, from := map[string]string{}, map[string]string{}
	for _, item := range p.Items {
		x, y := tagged(item, a), tagged(item, b)
		if before, known := to[x]; known && before != y {
			return false
		}
		if before, known := from[y]; known && before != x {
			return false
		}
		to[x], from[y] = y, x
	}
	return true
}

// averageNote says which numbers are the means over targets, and which are not.
func averageNote(cfg Config, of string) string {
	var pooled []string
	for _, m := range numeric(cfg) {
		_, is := m.Part.(Pooled)
		if _, one, _ := CutTarget(m.Name); is && one == "" {
			pooled = append(pooled, m.Part.Scalars()[0].Title)
		}
	}
	return "the numbers of the split are the means over " + of + "; of all cases together: " + strings.Join(pooled, ", ")
}

// telling are the tags with several values, but not as many as names of cases.
func telling(p Predictions) []string {
	values := map[string]map[string]bool{}
	for _, item := range p.Items {
		for tag, value := range item.Tags {
			if values[tag] == nil {
				values[tag] = map[string]bool{}
			}
			values[tag][value] = true
		}
	}
	maps.DeleteFunc(values, func(tag string, of map[string]bool) bool {
		return tag == inSeries || tag == stage.FoldTag || len(of) < 2 || len(of) > mostSubgroups
	})
	return slices.Sorted(maps.Keys(values))
}

// subgroup gives the cells of one row: cases, groups, and each number with its
// interval.
func (e evaluation) subgroup(ctx context.Context, name string, p Predictions) ([]any, error) {
	s := newSheet(parts(e.cfg), p)
	intervals, err := e.cfg.Intervals.intervals(ctx, e.env, fmt.Sprintf("bootstrap %s %s", e.split, name), s)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	measured := s.values(nil)
	for at, scalar := range s.names() {
		values[scalar.Name] = measured[at]
	}
	groups := e.cfg.Intervals.clusters(p).Len()
	row := []any{len(p.Items), groups}
	for _, scalar := range Names(e.cfg) {
		v, known := values[scalar.Name]
		switch i := intervals[scalar.Name]; {
		case !known:
			row = append(row, "")
		case i != nil:
			row = append(row, stage.Estimate{Value: v, Low: i.Low, High: i.High})
		default:
			row = append(row, v)
		}
	}
	return row, nil
}

// by groups the predictions by the value of a tag, or its range.
func (p Predictions) by(tag string) map[string][]stage.Prediction {
	groups, of := map[string][]stage.Prediction{}, p.valuesOf(tag)
	for _, item := range p.Items {
		value := of(item)
		groups[value] = append(groups[value], item)
	}
	return groups
}
