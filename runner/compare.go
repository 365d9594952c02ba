package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"gopkg.in/yaml.v3"

	"vertebra/experiments"
	"vertebra/reports"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// compareCommand is runner compare.
type compareCommand struct {
	Runs      []string `arg:"" help:"Runs: ids or beginnings of ids. All are held against the first. Runs that differ in nothing but seed and name are one contender."`
	Split     string   `help:"Whose predictions are compared." enum:"validation,test" default:"test"`
	Metric    string   `help:"The number that decides, such as macro_f1; without it, what the first run monitored."`
	Resamples int      `help:"How often the studies or patients are drawn again." default:"2000"`
	Level     float64  `help:"Level of the intervals; 1 minus it is how often runs without a difference are told apart." default:"0.95"`
	JSON      bool     `help:"Write JSON, and no report."`
	Workers   int      `help:"Resamples measured at once." default:"${workers}"`
	places
}

// Run loads the runs, compares them, and writes words and a report.
func (c compareCommand) Run(ctx context.Context, w world) error {
	records, err := c.load(ctx)
	if err != nil {
		return err
	}
	contenders, err := contend(records)
	if err != nil {
		return err
	}
	if len(contenders) < 2 {
		return stage.Fault{Err: errors.New("these runs differ in nothing but the seed"), Hint: "name at least one run of another experiment"}
	}
	q := evaluate.Question{Split: stage.Split(c.Split), Primary: c.primary(records[0]), Contender: contenders, Metrics: evaluate.Default}
	var names []string
	for _, s := range records[0].Finals {
		names = append(names, s.Name)
	}
	q.Metrics.Metrics = evaluate.Giving(names)
	q.Metrics.Intervals.Resamples, q.Metrics.Intervals.Level = c.Resamples, c.Level
	found, err := evaluate.Compare(ctx, stage.Env{Seed: records[0].Seed, Workers: max(1, c.Workers)}, q)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(w.out).Encode(comparisonJSON(found))
	}
	if err := printComparison(w, found); err != nil {
		return err
	}
	path := filepath.Join(c.Reports, "compare-"+records[0].ID+"-"+records[len(records)-1].ID+".html")
	if err := reports.Write(ctx, comparisonRecord(found, records), path); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.out, "report", path)
	return err
}

func (c compareCommand) load(ctx context.Context) (records []*results.RunRecord, err error) {
	db, err := results.Open(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, key := range c.Runs {
		record, err := db.Load(ctx, key)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(records, func(r *results.RunRecord) bool { return r.ID == record.ID }) {
			return nil, stage.Fault{Err: fmt.Errorf("run %s is named twice", record.ID), Hint: "name each run once"}
		}
		records = append(records, record)
	}
	return records, nil
}

// primary is the number that decides.
func (c compareCommand) primary(first *results.RunRecord) string {
	if c.Metric != "" {
		return c.Metric
	}
	var e struct{ Train struct{ Monitor string } }
	if err := yaml.Unmarshal([]byte(first.Experiment), &e); err != nil || e.Train.Monitor == "" {
		return "loss"
	}
	_, name, _ := strings.Cut(e.Train.Monitor, ".")
	return name
}

// contend puts runs that differ in seed and name alone together.
func contend(records []*results.RunRecord) ([]evaluate.Contender, error) {
	var list []evaluate.Contender
	var firsts []*results.RunRecord
	for _, r := range records {
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
			list = append(list, evaluate.Contender{Name: r.ID})
		}
		list[at].Runs = append(list[at].Runs, contestant(r))
		if n := len(list[at].Runs); n > 1 {
			list[at].Name = fmt.Sprintf("%s (%d runs)", firsts[at].ID, n)
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
		if !slices.Contains([]string{"seed", "name", "purpose"}, change.Path) {
			return false, nil
		}
	}
	return true, nil
}

// contestant takes what was stored. Runs of older programs have no names of
// classes: then they are numbered.
func contestant(r *results.RunRecord) evaluate.Contestant {
	out := evaluate.Contestant{ID: r.ID, Fingerprint: r.Fact(audit.FingerprintFact), Predictions: r.Predictions}
	if err := json.Unmarshal([]byte(r.Fact(evaluate.ClassesFact)), &out.Classes); err != nil && len(r.Predictions) > 0 {
		for k := range r.Predictions[0].Probabilities {
			out.Classes = append(out.Classes, fmt.Sprint("class ", k))
		}
	}
	return out
}

func printComparison(w world, c evaluate.Comparison) error {
	fmt.Fprintf(w.out, "%s split: %d cases of %d %s that all runs predicted\n", c.Split, c.Cases, c.Groups, c.Draw)
	for _, remark := range c.Remarks {
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

// comparisonRecord lets reports draw a comparison by its shapes.
func comparisonRecord(c evaluate.Comparison, records []*results.RunRecord) *results.RunRecord {
	first := records[0]
	out := &results.RunRecord{RunSummary: first.RunSummary}
	out.ID, out.Name, out.Purpose, out.Finals = "compare-"+first.ID, "Comparison of runs", "", nil
	out.Experiment = first.Experiment
	var words []string
	for _, pair := range c.Pairs {
		words = append(words, pair.Words())
	}
	out.Purpose = strings.Join(words, "; ")
	for _, r := range c.Records() {
		if event, ok := r.(stage.Event); ok {
			out.Events = append(out.Events, results.Event{Event: event, At: first.Started})
			continue
		}
		out.Figures = append(out.Figures, r)
	}
	return out
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
