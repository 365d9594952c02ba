package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"vertebra/stages/stage"
)

// fold is what one fold of a cross-validation predicts of one split. Items have
// the split's plain name.
type fold struct {
	number int
	items  []stage.Prediction
}

// folds are those of all splits.
type folds map[stage.Split][]fold

func (f folds) of(split stage.Split) []fold { return f[split] }

// foldsOf sorts predictions by split and fold; those of no fold are left out.
func foldsOf(items []stage.Prediction) folds {
	found := map[stage.Split]map[int][]stage.Prediction{}
	for _, item := range items {
		number, err := strconv.Atoi(item.Tags[stage.FoldTag])
		if err != nil || number < 1 {
			continue
		}
		if of, fold, ok := stage.ParseFoldName(string(item.Split)); ok && fold == number {
			item.Split = stage.Split(of)
		}
		if found[item.Split] == nil {
			found[item.Split] = map[int][]stage.Prediction{}
		}
		found[item.Split][number] = append(found[item.Split][number], item)
	}
	out := folds{}
	for split, of := range found {
		for number, items := range of {
			out[split] = append(out[split], fold{number, items})
		}
		slices.SortFunc(out[split], func(a, b fold) int { return cmp.Compare(a.number, b.number) })
	}
	return out
}

// eachFold measures the folds one by one, and adds to r a table of them beside
// the whole.
func (e evaluation) eachFold(ctx context.Context, whole Predictions, r *Result) (out []stage.Record, err error) {
	if len(e.folds) == 0 {
		return nil, nil
	}
	var rows []foldRow
	for _, f := range e.folds {
		row, err := e.oneFold(ctx, whole.Classes, f, r)
		if err != nil {
			return nil, fmt.Errorf("fold %d: %w", f.number, err)
		}
		rows = append(rows, row)
		out = append(out, final(row.scalars, stage.FoldName(string(e.split), f.number))...)
	}
	name := "all, each by the net that did not see it"
	if !e.once() {
		name = "all, mean probabilities"
	}
	table := foldTable(Names(e.cfg), rows)
	table.Rows = append(table.Rows, e.foldRow(name, whole, r.Scalars).cells(Names(e.cfg)))
	r.Tables = append([]stage.Table{table}, r.Tables...) // before those of subgroups
	return out, nil
}

func (e evaluation) oneFold(ctx context.Context, classes []string, f fold, r *Result) (row foldRow, err error) {
	p, err := e.cfg.prepare(classes, f.items)
	if err != nil {
		return row, err
	}
	m, err := measure(numeric(e.cfg), p)
	if err != nil {
		return row, err
	}
	for _, note := range m.Notes {
		r.Notes = append(r.Notes, fmt.Sprintf("fold %d: %s", f.number, note))
	}
	err = e.intervals(ctx, fmt.Sprintf(" fold %d", f.number), m.Scalars, p)
	return e.foldRow(strconv.Itoa(f.number), p, m.Scalars), err
}

// foldRow is a row of the table of folds.
type foldRow struct {
	name          string
	cases, groups int
	scalars       []stage.Scalar
}

func (e evaluation) foldRow(name string, p Predictions, scalars []stage.Scalar) foldRow {
	return foldRow{name, len(p.Items), e.cfg.Intervals.clusters(p).Len(), scalars}
}

// foldTable has a row for each fold, and for their mean and sample standard deviation.
func foldTable(names []stage.Scalar, rows []foldRow) stage.Table {
	t := stage.Table{Name: "folds", Title: "Cross-validation", Columns: []string{"fold", "cases", "groups"}}
	mean, spread := []any{"mean of the folds", "", ""}, []any{"standard deviation", "", ""}
	for _, s := range names {
		t.Columns = append(t.Columns, titleOf(s))
		m, d := meanAndDeviation(rows, s.Name)
		mean, spread = append(mean, m), append(spread, d)
	}
	for _, row := range rows {
		t.Rows = append(t.Rows, row.cells(names))
	}
	t.Rows = append(t.Rows, mean, spread)
	return t
}

func titleOf(s stage.Scalar) string {
	if s.Title == "" {
		return s.Name
	}
	return s.Title
}

func (r foldRow) find(name string) (stage.Scalar, bool) {
	at := slices.IndexFunc(r.scalars, func(s stage.Scalar) bool { return s.Name == name })
	if at < 0 {
		return stage.Scalar{Value: math.NaN()}, false
	}
	return r.scalars[at], true
}

// cells gives the numbers of the names, each with its interval where it has one.
func (r foldRow) cells(names []stage.Scalar) []any {
	out := []any{r.name, r.cases, r.groups}
	for _, name := range names {
		s, known := r.find(name.Name)
		switch {
		case !known:
			out = append(out, "")
		case s.Interval != nil:
			out = append(out, stage.Estimate{Value: s.Value, Low: s.Interval.Low, High: s.Interval.High})
		default:
			out = append(out, s.Value)
		}
	}
	return out
}

// meanAndDeviation leaves out folds in which the number does not exist.
func meanAndDeviation(rows []foldRow, name string) (mean, deviation float64) {
	var values []float64
	for _, row := range rows {
		if s, _ := row.find(name); !math.IsNaN(s.Value) {
			values = append(values, s.Value)
			mean += s.Value
		}
	}
	mean /= float64(len(values))
	for _, v := range values {
		deviation += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(deviation / float64(len(values)-1))
}
