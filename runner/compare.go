package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/finished/validate"
	"vertebra/reports"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// compareCommand is runner compare.
type compareCommand struct {
	Runs []string `arg:"" help:"Runs: names (the latest so called), ids, beginnings of ids, latest, latest-1 (the one before) and so on, or conditions as runner runs takes them, such as status=done model=resnet50. All are held against the first (of those that conditions find, the oldest). Runs that differ in nothing but seed and name are one contender, and so are validations of such runs, or of single folds, on the same data."`
	comparing
	HTML string `name:"html" help:"Write the page to this file; without it, into the folder of reports." type:"path" placeholder:"FILE"`
	JSON bool   `help:"Write JSON, and no page unless --html says where."`
	places
}

// comparing is how runs are compared.
type comparing struct {
	Split     string  `help:"Whose predictions are compared: validation or test; without it those of test, or of validation where test is too small to tell anything apart." enum:",validation,test" default:""`
	Metric    string  `help:"The number that decides, such as macro_f1; without it, what the first run monitored."`
	Resamples int     `help:"How often the studies or patients are drawn again." default:"2000"`
	Level     float64 `help:"Level of the intervals; 1 minus it is how often runs without a difference are told apart." default:"0.95"`
	Workers   int     `help:"Resamples measured at once." default:"${workers}"`
}

// Run loads the runs, compares them, and writes words and a page.
func (c compareCommand) Run(ctx context.Context, w world) (err error) {
	db, err := results.OpenExisting(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	found, err := c.compare(ctx, db, c.Runs)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(w.out).Encode(comparisonJSON(found.Comparison)); err != nil || c.HTML == "" {
			return err
		}
	} else if err := printComparison(w, found); err != nil {
		return err
	}
	page, err := found.page(ctx, db, c.Reports)
	if err != nil {
		return err
	}
	path := c.HTML
	if path == "" {
		path = filepath.Join(c.Reports, page.ID+".html")
	}
	if err := errors.Join(reports.WriteComparison(ctx, page, path), refreshIndex(ctx, db, c.Reports)); err != nil || c.JSON {
		return err
	}
	_, err = fmt.Fprintln(w.out, "report", path)
	return err
}

// compared is what came of a comparison.
type compared struct {
	evaluate.Comparison
	records []*results.RunRecord // all, also those that cannot be compared
	left    []evaluate.Remark    // why some cannot
	instead []evaluate.Remark    // why these cases are compared
	noise   []evaluate.Remark    // what seeds alone do
}

// check wants numbers that mean something.
func (c comparing) check() error {
	switch {
	case !(c.Level > 0 && c.Level < 1):
		return stage.Fault{Err: fmt.Errorf("--level %v is no level", c.Level), Hint: "give one between 0 and 1, such as 0.95"}
	case c.Resamples < 1:
		return stage.Fault{Err: fmt.Errorf("--resamples %d draws nothing", c.Resamples), Hint: "give some hundreds or more"}
	case c.Workers < 1:
		return stage.Fault{Err: fmt.Errorf("--workers %d measure nothing", c.Workers), Hint: "give 1 or more"}
	}
	return nil
}

// compare answers the question about runs that keys name or find. Where nobody says of which
// split, it is that which nothing was chosen by, and the other one where that can tell nothing.
func (c comparing) compare(ctx context.Context, db *results.DB, keys []string) (found compared, err error) {
	if err := c.check(); err != nil {
		return found, err
	}
	if c.Split != "" {
		return c.compareSplit(ctx, db, keys)
	}
	c.Split = string(stage.Test)
	found, err = c.compareSplit(ctx, db, keys)
	if err == nil || ctx.Err() != nil {
		return found, err
	}
	c.Split = string(stage.Validation)
	other, failed := c.compareSplit(ctx, db, keys)
	if untested := len(found.records) > 0 && !slices.ContainsFunc(found.records, tested); untested {
		return other, failed
	}
	if failed != nil {
		return found, err
	}
	text := fmt.Sprintf("compared over the validation cases, by which weights were chosen: of the test split %v", stage.WithoutHint(err))
	other.instead = []evaluate.Remark{{Text: text}}
	return other, nil
}

// tested says whether a run predicted test cases.
func tested(r *results.RunRecord) bool {
	return slices.ContainsFunc(r.Predictions, func(p stage.Prediction) bool { return p.Split == stage.Test })
}

func (c comparing) compareSplit(ctx context.Context, db *results.DB, keys []string) (found compared, err error) {
	if found.records, err = findRuns(ctx, db, keys, "compare"); err != nil {
		return found, err
	}
	if err := oneQuestion(found.records); err != nil {
		return found, err
	}
	if _, err := contendTwo(found.records); err != nil {
		return found, err
	}
	err = c.ask(ctx, &found, found.records)
	if err != nil && len(found.records) > 2 { // perhaps for the sake of one of them
		fit, left := c.fitting(found.records)
		if len(left) > 0 && len(fit) > 1 {
			found.left = left
			err = c.ask(ctx, &found, fit)
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
func (c comparing) ask(ctx context.Context, found *compared, fit []*results.RunRecord) error {
	contenders, err := contendTwo(fit)
	if err != nil {
		return err
	}
	first := fit[0]
	var names []string
	for _, s := range first.Finals {
		names = append(names, s.Name)
	}
	q := evaluate.Question{Split: stage.Split(c.Split), Primary: c.primary(first), Contender: contenders, Metrics: measuredAs(first, names)}
	q.Metrics.Intervals.Resamples, q.Metrics.Intervals.Level = c.Resamples, c.Level
	found.Comparison, err = evaluate.Compare(ctx, stage.Env{Seed: first.Seed, Workers: max(1, c.Workers)}, q)
	return err
}

// measuredAs is how the run measured the named numbers; the defaults where this program
// no longer knows its experiment.
func measuredAs(run *results.RunRecord, names []string) evaluate.Config {
	cfg := evaluate.Default
	if own, err := experiments.Measured(run.Experiment); err == nil {
		cfg.AverageOver, cfg.Metrics = own.AverageOver, own.Metrics
	}
	cfg.Metrics = cfg.Giving(names)
	return cfg.Watching(names...)
}

// contendTwo wants two contenders at least.
func contendTwo(records []*results.RunRecord) ([]evaluate.Contender, error) {
	list, err := contend(records, shortNames(records))
	if err == nil && len(list) < 2 {
		err = stage.Fault{Err: errors.New("these runs differ in nothing but the seed"), Hint: "name at least one run of another experiment"}
	}
	return list, err
}

// fitting are the runs that can be held against the first, and why the others
// cannot.
func (c comparing) fitting(records []*results.RunRecord) (fit []*results.RunRecord, left []evaluate.Remark) {
	first := records[0]
	fit = append(fit, first)
	for _, r := range records[1:] {
		if err := evaluate.Comparable(stage.Split(c.Split), finished.Contestant(first), finished.Contestant(r)); err != nil {
			left = append(left, evaluate.Remark{Text: fmt.Sprintf("%s has no verdict: %v", r.ID, stage.WithoutHint(err)), Serious: true})
			continue
		}
		fit = append(fit, r)
	}
	return fit, left
}

// primary is the number that decides.
func (c comparing) primary(first *results.RunRecord) string {
	if c.Metric != "" {
		return c.Metric
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

// remarks are all that a reader must know.
func (c compared) remarks() []evaluate.Remark {
	return slices.Concat(c.instead, c.left, c.Remarks, c.noise)
}
