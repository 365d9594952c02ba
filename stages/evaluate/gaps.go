package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// gapMetrics are what subgroups are held against the rest by, where they are measured: a few,
// since each takes from what the others can say.
var gapMetrics = []string{"loss", "accuracy", "auroc"}

// GapsTable is the name of the table of subgroups that differ from the rest.
const GapsTable = "subgroup_gaps"

// shownGaps is how many rows of a table are shown.
const shownGaps = 15

// gap is a value of a tag: the cases that have it, and all others.
type gap struct {
	tag, value string
	cases      int
	groups     int
	here, rest side
}

// side is some of the cases of a split, in the clusters of all.
type side struct {
	sheet
	clusters statistics.Clusters
}

// gaps finds the subgroups for which numbers are surely others than for the rest: by a
// bootstrap in which whole groups are drawn again, of which some have cases on both sides,
// corrected for all comparisons together (Westfall and Young).
func (e evaluation) gaps(ctx context.Context, p Predictions) (Result, error) {
	i := e.cfg.Intervals.ofDifferences()
	plan := i.plan(e.env, fmt.Sprintf("bootstrap %s gaps", e.split), p)
	if !i.enough(plan) {
		return Result{}, nil
	}
	all := e.gapsOf(p, plan.Clusters)
	if len(all) == 0 {
		return Result{}, nil
	}
	statistic := differences(all)
	samples, err := i.draws(ctx, plan, statistic)
	if err != nil {
		return Result{}, err
	}
	return Result{Tables: []stage.Table{gapTable(i, all, samples)}}, nil
}

// gapsOf lists the values of all tags that tell cases apart, and have groups enough on either
// side. Of two values that are all there are, the one with fewer cases stands for both.
func (e evaluation) gapsOf(p Predictions, clusters statistics.Clusters) (out []gap) {
	for _, tag := range e.tags(p) {
		if tag == p.averageOver {
			continue // other questions, not other cases
		}
		at, of := map[string][]int32{}, p.valuesOf(tag)
		for i, item := range p.Items {
			at[of(item)] = append(at[of(item)], int32(i))
		}
		values := slices.SortedFunc(maps.Keys(at), func(a, b string) int { return cmp.Or(len(at[a])-len(at[b]), cmp.Compare(a, b)) })
		if len(values) == 2 {
			values = values[:1]
		}
		slices.Sort(values)
		for _, value := range values {
			if g, ok := e.gapOf(p, clusters, at[value]); ok {
				g.tag, g.value = tag, value
				out = append(out, g)
			}
		}
	}
	return out
}

func (e evaluation) gapOf(p Predictions, clusters statistics.Clusters, here []int32) (g gap, ok bool) {
	var rest []int32
	for i, k := int32(0), 0; int(i) < len(p.Items); i++ {
		if k < len(here) && here[k] == i {
			k++
		} else {
			rest = append(rest, i)
		}
	}
	g = gap{cases: len(here), here: e.side(p, clusters, here), rest: e.side(p, clusters, rest)}
	g.groups = occupied(g.here.clusters)
	names := func(s sheet) (out []string) {
		for _, scalar := range s.names() {
			out = append(out, scalar.Name)
		}
		return out
	}
	return g, g.groups >= leastGroups && occupied(g.rest.clusters) >= leastGroups && slices.Equal(names(g.here.sheet), names(g.rest.sheet))
}

// occupied counts the clusters that have items.
func occupied(c statistics.Clusters) (n int) {
	for _, size := range c.Sizes() {
		if size > 0 {
			n++
		}
	}
	return n
}

func (e evaluation) side(p Predictions, clusters statistics.Clusters, at []int32) side {
	items := make([]stage.Prediction, len(at))
	for k, i := range at {
		items[k] = p.Items[i]
	}
	asked := slices.DeleteFunc(slices.Clone(parts(e.cfg)), func(m registry.One[Metric]) bool { return !slices.Contains(gapMetrics, m.Name) })
	return side{newSheet(asked, p.of(items)), clusters.Pick(at)}
}

// differences gives for each gap and number what it is here less what it is in the rest.
func differences(all []gap) statistics.OfDrawn {
	type pair struct{ here, rest statistics.OfDrawn }
	pairs := make([]pair, len(all))
	for k, g := range all {
		pairs[k] = pair{g.here.clustered(g.here.clusters), g.rest.clustered(g.rest.clusters)}
	}
	return func(d statistics.Drawn) (out []float64) {
		for k, g := range all {
			rest := slices.Clone(pairs[k].rest(d.Of(g.rest.clusters)))
			for n, v := range pairs[k].here(d.Of(g.here.clusters)) {
				out = append(out, v-rest[n])
			}
		}
		return out
	}
}

// gapTable shows the differences that are least likely to be chance.
func gapTable(i Intervals, all []gap, samples []statistics.Sample) stage.Table {
	ps := make([]float64, len(samples))
	for k, s := range samples {
		ps[k] = s.PValue()
	}
	corrected := statistics.Joint(samples, ps)
	t := stage.Table{Name: GapsTable, Title: "Subgroups that differ from the rest",
		Columns: []string{"tag", "value", "cases", "groups", "number", "here", "elsewhere", "difference", "p", "p, corrected", "verdict"}}
	var rows []gapRow
	at := 0
	for _, g := range all {
		here, rest := g.here.values(nil), g.rest.values(nil)
		for n, scalar := range g.here.names() {
			low, high := samples[at].Interval(i.Level)
			rows = append(rows, gapRow{ps[at], []any{g.tag, g.value, g.cases, g.groups, scalar.Title, here[n], rest[n],
				stage.Estimate{Value: samples[at].Value, Low: low, High: high}, ps[at], corrected[at],
				verdict(scalar.Better, samples[at].Value, ps[at], corrected[at], i.Level)}})
			at++
		}
	}
	rows = slices.DeleteFunc(rows, func(r gapRow) bool { return math.IsNaN(r.p) })
	slices.SortStableFunc(rows, func(a, b gapRow) int { return cmp.Compare(a.p, b.p) })
	for _, r := range rows[:min(len(rows), shownGaps)] {
		t.Rows = append(t.Rows, r.cells)
	}
	t.Note = fmt.Sprintf("the %d of %d comparisons that are least likely to be chance; p is corrected for all of them, with what they have in common (Westfall and Young). A difference may lie in the cases, such as other shares of the classes, and not in the net", len(t.Rows), len(rows))
	return t
}

type gapRow struct {
	p     float64
	cells []any
}
