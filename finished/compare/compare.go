// Package compare holds finished runs against each other: it finds them, takes repetitions of an
// experiment together, has package evaluate compare their stored predictions case by case, and says what
// seeds alone do. What a page shows of it is made here, too.
package compare

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/finished/validate"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// Options say how runs are compared.
type Options struct {
	Split     string  // whose predictions: validation or test; "" for those of test, or of validation where test tells nothing apart
	Metric    string  // the number that decides; "" for what the first run monitored
	Margin    float64 // how much worse, by that number, would matter; 0 does not ask
	Resamples int     // how often the studies or patients are drawn again
	Level     float64 // of the intervals, such as 0.95
	Workers   int     // resamples measured at once
}

// Compared is what came of a comparison.
type Compared struct {
	evaluate.Comparison
	Records []*results.RunRecord // all, also those that cannot be compared
	left    []evaluate.Remark    // why some cannot
	instead []evaluate.Remark    // why these cases are compared
	noise   []evaluate.Remark    // what seeds alone do
}

// check wants numbers that mean something.
func (o Options) check() error {
	switch {
	case !(o.Level > 0 && o.Level < 1):
		return stage.Fault{Err: fmt.Errorf("--level %v is no level", o.Level), Hint: "give one between 0 and 1, such as 0.95"}
	case !(o.Margin >= 0) || math.IsInf(o.Margin, 1):
		return stage.Fault{Err: fmt.Errorf("--margin %v is no margin", o.Margin), Hint: "give how much worse would matter, in the unit of the number that decides, such as 0.02; 0 does not ask"}
	case o.Resamples < 1:
		return stage.Fault{Err: fmt.Errorf("--resamples %d draws nothing", o.Resamples), Hint: "give some hundreds or more"}
	case o.Workers < 1:
		return stage.Fault{Err: fmt.Errorf("--workers %d measure nothing", o.Workers), Hint: "give 1 or more"}
	}
	return nil
}

// Compare answers the question about runs that keys name or find, see Find. Where nobody says of which
// split, it is that which nothing was chosen by, and the other one where that can tell nothing.
func (o Options) Compare(ctx context.Context, db *results.DB, keys []string) (found Compared, err error) {
	if err := o.check(); err != nil {
		return found, err
	}
	if o.Split != "" {
		return o.compareSplit(ctx, db, keys)
	}
	o.Split = string(stage.Test)
	found, err = o.compareSplit(ctx, db, keys)
	if err == nil || ctx.Err() != nil {
		return found, err
	}
	o.Split = string(stage.Validation)
	other, failed := o.compareSplit(ctx, db, keys)
	if untested := len(found.Records) > 0 && !slices.ContainsFunc(found.Records, tested); untested {
		return other, failed
	}
	if failed != nil {
		return found, bothFail(err, failed)
	}
	text := fmt.Sprintf("compared over the validation cases, by which weights were chosen: of the test split %v", stage.WithoutHint(err))
	other.instead = []evaluate.Remark{{Text: text}}
	return other, nil
}

// bothFail says what is wrong with either split, where that is not the same.
func bothFail(test, validation error) error {
	a, b := stage.WithoutHint(test), stage.WithoutHint(validation)
	if a.Error() == b.Error() {
		return test
	}
	var f stage.Fault
	errors.As(validation, &f)
	return stage.Fault{Err: fmt.Errorf("over the test cases: %w; over the validation cases: %w", a, b), Hint: f.Hint}
}

// tested says whether a run predicted test cases.
func tested(r *results.RunRecord) bool {
	return slices.ContainsFunc(r.Predictions, func(p stage.Prediction) bool { return p.Split == stage.Test })
}

func (o Options) compareSplit(ctx context.Context, db *results.DB, keys []string) (found Compared, err error) {
	if found.Records, err = Find(ctx, db, keys, "compare"); err != nil {
		return found, err
	}
	if err := oneQuestion(found.Records); err != nil {
		return found, err
	}
	if _, err := contendTwo(found.Records); err != nil {
		return found, err
	}
	err = o.ask(ctx, &found, found.Records)
	if err != nil && len(found.Records) > 2 { // perhaps for the sake of one of them
		fit, left := o.fitting(found.Records)
		if len(left) > 0 && len(fit) > 1 {
			found.left = left
			err = o.ask(ctx, &found, fit)
		}
	}
	if err != nil {
		return found, err
	}
	found.noise, err = found.quoteNoise(ctx, db)
	return found, err
}

// oneQuestion refuses a validation beside the run that it tested: they have no case in common.
func oneQuestion(records []*results.RunRecord) error {
	for _, r := range records {
		tested := r.Fact(results.ValidationFact)
		if tested != "" && slices.ContainsFunc(records, func(other *results.RunRecord) bool { return other.ID == tested }) {
			return stage.Fault{Err: fmt.Errorf("run %s is %s on other data, of which no case is the same", r.ID, tested), Hint: "its report holds its numbers against those of the run; compare takes two validations on the same data"}
		}
	}
	return nil
}

// ask compares runs that are to be comparable.
func (o Options) ask(ctx context.Context, found *Compared, fit []*results.RunRecord) error {
	contenders, err := contendTwo(fit)
	if err != nil {
		return err
	}
	first := fit[0]
	var names []string
	for _, s := range first.Finals {
		names = append(names, s.Name)
	}
	q := evaluate.Question{Split: stage.Split(o.Split), Primary: o.primary(first), Margin: o.Margin, Contender: contenders, Metrics: MeasuredAs(first, names)}
	q.Metrics.Intervals.Resamples, q.Metrics.Intervals.Level = o.Resamples, o.Level
	found.Comparison, err = evaluate.Compare(ctx, stage.Env{Seed: first.Seed, Workers: max(1, o.Workers)}, q)
	return err
}

// MeasuredAs is how the run measured the named numbers; the defaults where this program
// no longer knows its experiment.
func MeasuredAs(run *results.RunRecord, names []string) evaluate.Config {
	cfg := evaluate.Default
	if own, err := experiments.Measured(run.Experiment); err == nil {
		cfg.AverageOver, cfg.Metrics = own.AverageOver, own.Metrics
	}
	cfg.Metrics = cfg.Giving(names)
	return cfg.Watching(names...)
}

// contendTwo wants two contenders at least.
func contendTwo(records []*results.RunRecord) ([]evaluate.Contender, error) {
	list, err := contend(records, ShortNames(records))
	if err == nil && len(list) < 2 {
		err = stage.Fault{Err: errors.New("these runs differ in nothing but the seed"), Hint: "name at least one run of another experiment"}
	}
	return list, err
}

// fitting are the runs that can be held against the first, and why the others
// cannot.
func (o Options) fitting(records []*results.RunRecord) (fit []*results.RunRecord, left []evaluate.Remark) {
	first := records[0]
	fit = append(fit, first)
	for _, r := range records[1:] {
		if err := evaluate.Comparable(stage.Split(o.Split), finished.Contestant(first), finished.Contestant(r)); err != nil {
			left = append(left, evaluate.Remark{Text: fmt.Sprintf("%s has no verdict: %v", r.ID, stage.WithoutHint(err)), Serious: true})
			continue
		}
		fit = append(fit, r)
	}
	return fit, left
}

// primary is the number that decides.
func (o Options) primary(first *results.RunRecord) string {
	if o.Metric != "" {
		return o.Metric
	}
	_, name := results.Monitored(first.Experiment)
	return name
}

// contend puts runs that differ in seed and name alone together, and validations of such runs.
func contend(records []*results.RunRecord, names []string) ([]evaluate.Contender, error) {
	var list []evaluate.Contender
	at := map[string]int{} // of each experiment
	for k, r := range records {
		what, err := repeated(r)
		if err != nil {
			return nil, fmt.Errorf("experiment of %s: %w", r.ID, err)
		}
		place, known := at[what]
		if !known {
			place = len(list)
			at[what] = place
			list = append(list, evaluate.Contender{Name: names[k]})
		}
		list[place].Runs = append(list[place].Runs, finished.Contestant(r))
		if n := len(list[place].Runs); n > 1 {
			first, _, _ := strings.Cut(list[place].Name, " (") // no id has a space
			list[place].Name = fmt.Sprintf("%s (%d runs)", first, n)
		}
	}
	return list, nil
}

// repeated names what a run repeats: its experiment, without what repetitions differ in. Of a
// validation whose nets are known to come of an experiment that is that one.
func repeated(r *results.RunRecord) (string, error) {
	var also []string
	if r.Fact(validate.KinFact) != "" {
		also = whoseNets
	}
	hash, err := experiments.Family(string(experiments.Present(r.Experiment)), also...)
	return hash + r.Fact(validate.KinFact), err
}

// whoseNets are the settings in which validations differ besides where the nets are other
// repetitions of an experiment.
var whoseNets = []string{"validation.run", "validation.package"}

// AllRemarks are all that a reader must know.
func (c Compared) AllRemarks() []evaluate.Remark {
	return slices.Concat(c.instead, c.left, c.Remarks, c.noise)
}
