package evaluate

import (
	"context"
	"fmt"
	"math"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// setting is prediction sets with what they come from.
type setting struct {
	Conformal
	sets    Sets
	from    Predictions // of the validation split, calibrated where the run is; of all folds that test in turn what they test
	folds   []ofFold    // where folds test in turn: the validation cases of each
	on      stage.Split // that they are measured on
	reserve string      // what the promise does not hold against
}

// fitSets finds and stores the thresholds; nil when no sets are wanted or there is nothing to
// find thresholds on.
func fitSets(ctx context.Context, env stage.Env, cfg Config, classes []string, items []stage.Prediction, calibrator *FittedCalibrator) (*setting, error) {
	if cfg.Sets == nil {
		return nil, nil
	}
	given := fitting(items)
	if given.nothing() {
		return nil, env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "evaluate",
			Text: "sets: there are no predictions of the validation split to find thresholds on, so there are no prediction sets"})
	}
	p, err := cfg.prepare(classes, calibrator.calibrateAll(given.all))
	if err != nil {
		return nil, fmt.Errorf("%s split: %w", stage.Validation, err)
	}
	s := &setting{Conformal: *cfg.Sets, from: p, on: stage.Validation, reserve: reserve(foldsOf(items), calibrator)}
	if s.folds, err = given.calibrated(cfg, classes, calibrator); err != nil {
		return nil, err
	}
	if len(s.folds) > 0 {
		s.reserve = reserveInTurn
	}
	s.sets = s.fit(s.Conformal, env.Seed)
	if len(ofSplit(items, stage.Test)) > 0 {
		s.on = stage.Test
	}
	fact, err := s.sets.Fact()
	if err != nil {
		return nil, err
	}
	return s, env.Recorder.Record(ctx, append([]stage.Record{fact}, s.without()...)...)
}

// reserve says why coverage may miss the promise although new data resembles the old.
func reserve(f folds, calibrator *FittedCalibrator) string {
	const short = "coverage may fall a little short: the test split says"
	switch {
	case len(f) > 0:
		return "each threshold comes from nets that did not see the case, but sets from the mean of all nets, of which no theorem speaks: the test split says what coverage is"
	case calibrator != nil:
		return "validation also chose the weights that are kept, and calibration was found on it, so " + short
	}
	return "where validation also chose the weights that are kept, " + short
}

// promise says what the thresholds are for.
func (s *setting) promise() string {
	of, alike := "of a new case", "cases being like those of validation and none depending on another"
	if s.Exchangeable == "groups" {
		of, alike = "of a case of a new group (study or patient)", "groups being like those of validation"
	}
	if s.conditional() {
		of += " of any class"
	}
	if len(s.sets.Of) > 0 {
		of += ", for each " + s.sets.Tag + ","
	}
	return fmt.Sprintf("the set %s is to hold the true class with a probability of %.4g %% or more, %s; that is the mean over validation splits of this size, among which small ones differ much. %s",
		of, 100*s.Coverage, alike, capital(s.reserve))
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// setRecords measures the sets of a split's predictions, calibrated where the run is.
func (e evaluation) setRecords(ctx context.Context, p Predictions) ([]stage.Record, error) {
	s := e.sets
	found, err := e.measureSets(ctx, "", p, setNumbers{s.sets, p.Classes})
	if err != nil {
		return nil, err
	}
	r := Result{}
	for _, scalar := range setScalars() {
		r.Scalars = append(r.Scalars, found[scalar.Name])
	}
	all, several := found, p.targets() != nil
	if several {
		if all, err = e.measureSets(ctx, "", p, pooledSets{setNumbers{s.sets, p.Classes}}); err != nil {
			return nil, err
		}
	}
	r.Tables, r.Curves = []stage.Table{e.setsByClass(p, all), setsBySize(p, all)}, s.trade(p)
	if several {
		t, err := e.setsByTarget(ctx, p)
		if err != nil {
			return nil, err
		}
		r = r.together(p.averageOver)
		r.Tables = append([]stage.Table{t}, r.Tables...)
	}
	of, err := e.setsOfSubgroups(ctx, p)
	if err != nil {
		return nil, err
	}
	r.Tables = append(r.Tables, of...)
	if s.on == stage.Validation {
		r.Notes = []string{"sets: there is no test split, so sets are measured on the cases that their thresholds come from: that they hold the true class as often as asked says nothing, their sizes and the classes do"}
	}
	if s.elsewhere() {
		return r.records(e.split), nil
	}
	return append(r.records(e.split), s.table()), nil
}

// elsewhere says that thresholds come from cases that are not at hand.
func (s *setting) elsewhere() bool { return len(s.from.Items) == 0 }

// measureSets gives all numbers by name, with intervals.
func (e evaluation) measureSets(ctx context.Context, series string, p Predictions, m Metric) (map[string]stage.Scalar, error) {
	sheet := sheet{p, []registry.One[Metric]{{Name: "sets", Part: m}}}
	found, err := e.cfg.Intervals.intervals(ctx, e.env, fmt.Sprintf("bootstrap %s%s", e.split, series), sheet)
	if err != nil {
		return nil, err
	}
	out, values := map[string]stage.Scalar{}, sheet.values(nil)
	for i, s := range sheet.names() {
		s.Value, s.Interval = values[i], found[s.Name]
		out[s.Name] = s
	}
	return out, nil
}

// cell is a number with its interval, where it has one.
func cell(s stage.Scalar) any {
	if s.Interval == nil || math.IsNaN(s.Interval.Low) {
		return s.Value
	}
	return stage.Estimate{Value: s.Value, Low: s.Interval.Low, High: s.Interval.High}
}

// setsByClass has the coverage of the cases of each true class, and of all, beside what was asked.
func (e evaluation) setsByClass(p Predictions, found map[string]stage.Scalar) stage.Table {
	t := stage.Table{Name: "sets_by_class", Title: "Prediction sets of each true class", Columns: []string{"class", "cases", "asked for", "sets with it", "mean size"}}
	asked := any("")
	if e.sets.conditional() {
		asked = e.sets.Coverage
	}
	for class, c := range p.perClass() {
		held := e.share(found[ofClass(setCoverage, class)], p, func(item stage.Prediction) bool { return item.Label == class })
		t.Rows = append(t.Rows, []any{p.Classes[class], int(c.support), asked, held, cell(found[ofClass(setSize, class)])})
	}
	held := e.share(found[setCoverage], p, func(stage.Prediction) bool { return true })
	t.Rows = append(t.Rows, []any{"all", len(p.Items), e.sets.Coverage, held, cell(found[setSize])})
	return t
}

// share is the share of some cases that something holds of, with its interval. Of all of them,
// or of none, resamples know nothing; the interval is then that of Clopper and Pearson (1934)
// for as many groups, which holds for the mean of numbers between 0 and 1 too.
func (e evaluation) share(s stage.Scalar, p Predictions, counts func(stage.Prediction) bool) any {
	i := e.cfg.Intervals
	if s.Interval != nil || s.Value != 0 && s.Value != 1 || !i.enough(i.plan(e.env, "", p)) {
		return cell(s)
	}
	var of Predictions
	for _, item := range p.Items {
		if counts(item) {
			of.Items = append(of.Items, item)
		}
	}
	far := i.unseen(i.clusters(of).Len())
	return stage.Estimate{Value: s.Value, Low: s.Value * (1 - far), High: s.Value + (1-s.Value)*far}
}

// setsBySize shows whether small sets, which look sure, hold the true class as often as large
// ones (size-stratified coverage of Angelopoulos et al. 2021).
func setsBySize(p Predictions, found map[string]stage.Scalar) stage.Table {
	t := stage.Table{Name: "sets_by_size", Title: "Prediction sets by size", Columns: []string{"classes in the set", "cases", "share", "sets with the true class"}}
	for size := range len(p.Classes) + 1 {
		share := found[ofSize("share", size)]
		if share.Value == 0 {
			continue
		}
		t.Rows = append(t.Rows, []any{size, int(math.Round(share.Value * float64(len(p.Items)))), cell(share), cell(found[ofSize(setCoverage, size)])})
	}
	return t
}

func (e evaluation) setsByTarget(ctx context.Context, p Predictions) (stage.Table, error) {
	t := targetTable("sets_by_target", "Prediction sets", p.averageOver, "sets with the true class", "mean size", "of one class", "empty")
	for _, of := range p.targets() {
		found, err := e.measureSets(ctx, " sets of "+of.Name, of.Predictions, setNumbers{e.sets.sets, p.Classes})
		if err != nil {
			return t, err
		}
		row := []any{of.Name, len(of.Items)}
		for _, s := range setScalars() {
			row = append(row, cell(found[s.Name]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// setsOfSubgroups shows whether sets hold the true class everywhere as often: with a row for
// each value of each tag that numbers are measured by; none where there is no tag.
func (e evaluation) setsOfSubgroups(ctx context.Context, p Predictions) ([]stage.Table, error) {
	t := stage.Table{Name: "sets_by_tag", Title: "Prediction sets of subgroups", Columns: []string{"tag", "value", "cases", "sets with the true class", "mean size"}}
	for _, tag := range e.tags(p) {
		groups := p.by(tag)
		if p.members() != nil && tag == p.averageOver || len(groups[noTag]) == len(p.Items) {
			continue
		}
		for _, value := range inOrder(groups) {
			of := p.of(groups[value])
			found, err := e.measureSets(ctx, fmt.Sprintf(" sets of %s %s", tag, value), of, setNumbers{e.sets.sets, p.Classes})
			if err != nil {
				return nil, err
			}
			t.Rows = append(t.Rows, []any{tag, value, len(of.Items), cell(found[setCoverage]), cell(found[setSize])})
		}
	}
	if t.Rows == nil {
		return nil, nil
	}
	return []stage.Table{t}, nil
}

// trade shows what other coverages would give: how often the sets would hold the true class,
// and how large they would be.
func (s *setting) trade(p Predictions) []stage.Curve {
	if s.elsewhere() {
		return nil
	}
	held := stage.Curve{Name: "sets_held", Title: "Prediction sets: coverage asked for and measured", XLabel: "coverage asked for", YLabel: "share of sets with the true class",
		Lines: []stage.Line{{Label: "ideal", X: []float64{0, 1}, Y: []float64{0, 1}}, {Label: "all cases"}}}
	size := stage.Curve{Name: "sets_size", Title: "Prediction sets: what coverage costs", XLabel: "coverage asked for", YLabel: "mean size", Lines: []stage.Line{{Label: "mean size"}}}
	if len(p.Classes) < mostLines {
		for _, name := range p.Classes {
			held.Lines = append(held.Lines, stage.Line{Label: name})
		}
	}
	for at := 20; at < 40; at++ {
		other := s.Conformal
		other.Coverage = float64(at) / 40
		v := setNumbers{s.fit(other, s.sets.Seed), p.Classes}.Values(p.of(p.Items))
		add := func(l *stage.Line, y float64) {
			if !math.IsNaN(y) {
				l.X, l.Y = append(l.X, other.Coverage), append(l.Y, y)
			}
		}
		add(&held.Lines[1], v[0])
		add(&size.Lines[0], v[1])
		for i := range held.Lines[2:] {
			add(&held.Lines[2+i], v[len(setScalars())+2*i])
		}
	}
	return []stage.Curve{held, size}
}
