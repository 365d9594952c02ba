package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/sync/errgroup"

	"vertebra/experiments"
	"vertebra/reports"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// compareCommand is runner compare.
type compareCommand struct {
	Runs []string `arg:"" help:"Runs: ids or beginnings of ids, or conditions as runner runs takes them, such as status=done model=resnet50. All are held against the first (of those that conditions find, the oldest). Runs that differ in nothing but seed and name are one contender."`
	comparing
	HTML string `name:"html" help:"Write the page to this file; without it, into the folder of reports." type:"path" placeholder:"FILE"`
	JSON bool   `help:"Write JSON, and no page unless --html says where."`
	places
}

// comparing is how runs are compared.
type comparing struct {
	Split     string  `help:"Whose predictions are compared." enum:"validation,test" default:"test"`
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
	if err := reports.WriteComparison(ctx, page, path); err != nil || c.JSON {
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
	noise   []evaluate.Remark    // what seeds alone do
}

// compare answers the question about runs that keys name or find.
func (c comparing) compare(ctx context.Context, db *results.DB, keys []string) (found compared, err error) {
	if found.records, err = findRuns(ctx, db, keys); err != nil {
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
	found.noise, err = quoteNoise(ctx, db, found.records[0].Fact("data fingerprint"), found.Comparison)
	return found, err
}

// ask compares runs that are to be comparable.
func (c comparing) ask(ctx context.Context, found *compared, fit []*results.RunRecord) error {
	contenders, err := contendTwo(fit)
	if err != nil {
		return err
	}
	first := fit[0]
	q := evaluate.Question{Split: stage.Split(c.Split), Primary: c.primary(first), Contender: contenders, Metrics: evaluate.Default}
	var names []string
	for _, s := range first.Finals {
		names = append(names, s.Name)
	}
	q.Metrics.Metrics = evaluate.Giving(names)
	q.Metrics.Intervals.Resamples, q.Metrics.Intervals.Level = c.Resamples, c.Level
	found.Comparison, err = evaluate.Compare(ctx, stage.Env{Seed: first.Seed, Workers: max(1, c.Workers)}, q)
	return err
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
		if err := evaluate.Comparable(stage.Split(c.Split), contestant(first), contestant(r)); err != nil {
			left = append(left, evaluate.Remark{Text: fmt.Sprintf("%s has no verdict: %v", r.ID, reason(err)), Serious: true})
			continue
		}
		fit = append(fit, r)
	}
	return fit, left
}

// reason is an error without its hint, on one line.
func reason(err error) error {
	var fault stage.Fault
	if errors.As(err, &fault) {
		return fault.Err
	}
	return err
}

// findRuns loads runs by id, then those that meet all conditions among the keys,
// the oldest first.
func findRuns(ctx context.Context, db *results.DB, keys []string) ([]*results.RunRecord, error) {
	var where []results.Condition
	var named []string
	for _, key := range keys {
		if !strings.ContainsAny(key, "=<>~") {
			named = append(named, key)
			continue
		}
		condition, err := results.ParseCondition(key)
		if err != nil {
			return nil, err
		}
		where = append(where, condition)
	}
	if where != nil {
		list, err := db.Runs(ctx, results.Filter{Where: where, HideArchived: true})
		if err != nil {
			return nil, err
		}
		for _, r := range slices.Backward(list) {
			named = append(named, r.ID)
		}
	}
	records, err := loadRuns(ctx, db, named)
	if err != nil {
		return nil, err
	}
	asked := len(keys) - len(where)
	if records, err = onceEach(records, asked); err != nil {
		return nil, err
	}
	if len(records) < 2 {
		return nil, stage.Fault{Err: fmt.Errorf("there is nothing to compare: %q name %d run", strings.Join(keys, " "), len(records)), Hint: "name two runs or more, or conditions that two or more meet"}
	}
	return records, nil
}

// loadRuns loads several at once: most of the time goes into reading texts.
func loadRuns(ctx context.Context, db *results.DB, keys []string) ([]*results.RunRecord, error) {
	records := make([]*results.RunRecord, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, key := range keys {
		group.Go(func() (err error) {
			records[i], err = db.Load(ctx, key)
			return err
		})
	}
	return records, group.Wait()
}

// onceEach refuses a run that was named twice, and drops those that conditions
// found once more: the first asked were named.
func onceEach(records []*results.RunRecord, asked int) (out []*results.RunRecord, err error) {
	for i, r := range records {
		seen := slices.ContainsFunc(out, func(o *results.RunRecord) bool { return o.ID == r.ID })
		switch {
		case seen && i < asked:
			return nil, stage.Fault{Err: fmt.Errorf("run %s is named twice", r.ID), Hint: "name each run once"}
		case !seen:
			out = append(out, r)
		}
	}
	return out, nil
}

// primary is the number that decides.
func (c comparing) primary(first *results.RunRecord) string {
	if c.Metric != "" {
		return c.Metric
	}
	_, name := results.Monitored(first.Experiment)
	return name
}

// contend puts runs that differ in seed and name alone together.
func contend(records []*results.RunRecord, names []string) ([]evaluate.Contender, error) {
	var list []evaluate.Contender
	var firsts []*results.RunRecord
	for k, r := range records {
		at := -1
		for i, first := range firsts {
			same, err := sameButSeed(first, r)
			if err != nil {
				return nil, err
			}
			if same {
				at = i
			}
		}
		if at < 0 {
			at = len(list)
			firsts = append(firsts, r)
			list = append(list, evaluate.Contender{Name: names[k]})
		}
		list[at].Runs = append(list[at].Runs, contestant(r))
		if n := len(list[at].Runs); n > 1 {
			first, _, _ := strings.Cut(list[at].Name, " (") // no id has a space
			list[at].Name = fmt.Sprintf("%s (%d runs)", first, n)
		}
	}
	return list, nil
}

func sameButSeed(a, b *results.RunRecord) (bool, error) {
	changes, err := experiments.Diff([]byte(a.Experiment), []byte(b.Experiment))
	if err != nil {
		return false, fmt.Errorf("experiments of %s and %s: %w", a.ID, b.ID, err)
	}
	for _, change := range changes {
		if !slices.Contains(unlike, change.Path) {
			return false, nil
		}
	}
	return true, nil
}

// unlike are the settings in which repetitions of an experiment differ.
var unlike = []string{"seed", "name", "purpose"}

// contestant takes what was stored. Runs of older programs have no names of
// classes: then they are numbered.
func contestant(r *results.RunRecord) evaluate.Contestant {
	out := evaluate.Contestant{ID: r.ID, Fingerprint: r.Fact("data fingerprint"), Predictions: r.Predictions}
	if err := json.Unmarshal([]byte(r.Fact(evaluate.ClassesFact)), &out.Classes); err != nil && len(r.Predictions) > 0 {
		for k := range r.Predictions[0].Probabilities {
			out.Classes = append(out.Classes, fmt.Sprint("class ", k))
		}
	}
	return out
}

// remarks are all that a reader must know.
func (c compared) remarks() []evaluate.Remark {
	return slices.Concat(c.left, c.Remarks, c.noise)
}

func printComparison(w world, c compared) error {
	fmt.Fprintf(w.out, "%s split: %d cases of %d %s that all runs predicted\n", c.Split, c.Cases, c.Groups, c.Draw)
	for _, remark := range c.remarks() {
		mark := "note"
		if remark.Serious {
			mark = "CAUTION"
		}
		fmt.Fprintf(w.out, "%s: %s\n", mark, remark.Text)
	}
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	for _, pair := range c.Pairs {
		fmt.Fprintf(t, "\n%s\n\nMETRIC\t%s\t%s\tDIFFERENCE\tINTERVAL\tP, CORRECTED\tVERDICT\n", pair.Words(), "BEFORE", "NOW")
		for _, d := range pair.All {
			fmt.Fprintf(t, "%s\t%.4g\t%.4g\t%+.4g\t%.4g to %.4g\t%.2g\t%s\n", d.Scalar.Name, d.A, d.B, d.Value, d.Low, d.High, d.Corrected, d.Verdict)
		}
		f := pair.Flips.All
		fmt.Fprintf(t, "\nof %d cases: %d fixed, %d broken, %d right in both, %d wrong in both\n", f.Cases, f.Fixed, f.Broken, f.BothRight, f.BothWrong)
	}
	return t.Flush()
}

// pairJSON is a verdict for programs. A number that does not exist is null.
type pairJSON struct {
	Run        string   `json:"run"`
	Against    string   `json:"against"`
	Metric     string   `json:"metric"`
	Difference *float64 `json:"difference"`
	Low        *float64 `json:"low"`
	High       *float64 `json:"high"`
	P          *float64 `json:"p_corrected"`
	Verdict    string   `json:"verdict"`
	Words      string   `json:"words"`
	Fixed      int      `json:"fixed"`
	Broken     int      `json:"broken"`
}

func comparisonJSON(c evaluate.Comparison) []pairJSON {
	number := func(v float64) *float64 {
		if v != v {
			return nil
		}
		return &v
	}
	out := []pairJSON{}
	for _, p := range c.Pairs {
		d := p.Primary
		out = append(out, pairJSON{p.B, p.A, d.Scalar.Name, number(d.Value), number(d.Low), number(d.High), number(d.Corrected),
			d.Verdict, p.Words(), p.Flips.All.Fixed, p.Flips.All.Broken})
	}
	return out
}
