package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// reading is what one reader said of the cases that he saw, beside what the nets say of these.
type reading struct {
	name     string
	answers  []int // classes, in the order of both sheets
	net, own sheet
	clusters statistics.Clusters
}

// readings finds what people said, in tags that hold names of classes, and tells what is wrong
// with it.
func (e evaluation) readings(p Predictions, clusters statistics.Clusters) (all []reading, notes []string) {
	for _, tag := range e.cfg.Readers {
		var at []int32
		var answers []int
		unknown, cases := "", 0
		for i, item := range p.Items {
			value := item.Tags[tag]
			switch class := slices.Index(p.Classes, value); {
			case class >= 0:
				at, answers = append(at, int32(i)), append(answers, class)
			case value != "":
				unknown, cases = value, cases+1
			}
		}
		if cases > 0 {
			notes = append(notes, fmt.Sprintf("readers: %d cells of %s are no class, such as %q, and count as not read", cases, tag, unknown))
		}
		if len(at) == 0 {
			notes = append(notes, fmt.Sprintf("readers: %s says nothing of these cases", tag))
			continue
		}
		all = append(all, newReading(tag, p, clusters, at, answers))
	}
	return all, notes
}

func newReading(name string, p Predictions, clusters statistics.Clusters, at []int32, answers []int) reading {
	nets, own := make([]stage.Prediction, len(at)), make([]stage.Prediction, len(at))
	for k, i := range at {
		nets[k], own[k] = p.Items[i], p.Items[i]
		own[k].Probabilities = make([]float64, len(p.Classes))
		own[k].Probabilities[answers[k]] = 1
	}
	metrics := []registry.One[Metric]{{Name: "accuracy", Part: Accuracy{}}, {Name: "balanced_accuracy", Part: BalancedAccuracy{}}}
	theirs := metrics
	if len(p.Classes) == 2 {
		metrics, theirs = append(slices.Clone(metrics), registry.One[Metric]{Part: atReader{answers}}), append(slices.Clone(metrics), registry.One[Metric]{Part: readerPoint{}})
	} else {
		kappa := registry.One[Metric]{Part: Kappa{Weights: "quadratic"}}
		metrics, theirs = append(slices.Clone(metrics), kappa), append(slices.Clone(metrics), kappa)
	}
	return reading{name, answers, sheet{p.of(nets), metrics}, sheet{p.of(own), theirs}, clusters.Pick(at)}
}

// readers holds each reader against the nets, over the cases that he saw: a reader study (Gallas et
// al. 2012, "Evaluating imaging and computer-aided detection and diagnosis devices at the FDA").
// Cases are drawn again, readers are not: what is found holds for these readers. Of three and more
// readers the mean is told once more with the spread between them, which holds for readers like them.
func (e evaluation) readers(ctx context.Context, p Predictions) ([]stage.Record, error) {
	if len(e.cfg.Readers) == 0 {
		return nil, nil
	}
	if p.members() != nil {
		return Result{Notes: []string{"readers: the nets answer several questions, and nobody says which of them people answered"}}.records(e.split), nil
	}
	i := e.cfg.Intervals.ofDifferences()
	plan := i.plan(e.env, fmt.Sprintf("bootstrap %s readers", e.split), p)
	all, notes := e.readings(p, plan.Clusters)
	r := Result{Notes: notes}
	if len(all) == 0 {
		return r.records(e.split), nil
	}
	samples, err := e.readerSamples(ctx, i, plan, all)
	if err != nil {
		return nil, err
	}
	r.Notes = append(r.Notes, i.scarce(all, samples)...)
	table := readerTable(i, all, samples)
	e.marginColumns(&table, all[0].own.names(), samples)
	r.Tables = []stage.Table{table}
	r.Matrices = []stage.Matrix{readerKappas(p, all)}
	if len(p.Classes) == 2 {
		r.Curves = []stage.Curve{readerCurve(p, all)}
	}
	return r.records(e.split), nil
}

// readerSamples are, for each reader and then for their mean, the net's numbers less the reader's;
// nil where there are too few groups.
func (e evaluation) readerSamples(ctx context.Context, i Intervals, plan statistics.Plan, all []reading) ([]statistics.Sample, error) {
	if !i.enough(plan) {
		return nil, nil
	}
	type pair struct{ net, own statistics.OfDrawn }
	pairs := make([]pair, len(all))
	for k, r := range all {
		pairs[k] = pair{r.net.clustered(r.clusters), r.own.clustered(r.clusters)}
	}
	samples, err := i.draws(ctx, plan, func(d statistics.Drawn) (out []float64) {
		for k, r := range all {
			own := slices.Clone(pairs[k].own(d.Of(r.clusters)))
			for n, v := range pairs[k].net(d.Of(r.clusters)) {
				out = append(out, v-own[n])
			}
		}
		if len(all) > 1 {
			out = append(out, means(out, len(all))...)
		}
		return out
	})
	if err != nil {
		return nil, err
	}
	of := groupsRead(all)
	for at := range samples {
		if n := of[at*len(of)/len(samples)]; n < leastGroups {
			samples[at].Replicates = nil
		} else {
			samples[at].Clusters = n
		}
	}
	return append(samples, likeThese(all, samples, plan.Seed)...), nil
}

// fewestReaders are the fewest whose spread says something of others.
const fewestReaders = 3

// likeThese are the last of the samples, those of the readers' mean, where other readers might have read
// the cases; none of few readers.
func likeThese(all []reading, samples []statistics.Sample, seed uint64) (out []statistics.Sample) {
	if len(all) < fewestReaders {
		return nil
	}
	numbers := len(samples) / (len(all) + 1)
	for n, mean := range samples[len(all)*numbers:] {
		var own []float64
		for _, r := range all {
			own = append(own, r.own.values(nil)[n])
		}
		out = append(out, mean.Widely(own, seed+uint64(n)))
	}
	return out
}

// groupsRead counts the groups that each reader has cases of, and for the mean of several the
// fewest of any: no more than these say how sure a difference is.
func groupsRead(all []reading) (n []int) {
	for _, r := range all {
		n = append(n, occupied(r.clusters))
	}
	if len(n) > 1 {
		n = append(n, slices.Min(n))
	}
	return n
}

// scarce names readers whose cases are of too few groups for an interval, where others have one.
func (i Intervals) scarce(all []reading, samples []statistics.Sample) (notes []string) {
	if samples == nil {
		return nil
	}
	for _, r := range all {
		if n := occupied(r.clusters); n < leastGroups {
			notes = append(notes, fmt.Sprintf("readers: %s read cases of too few %s (%d) to say how sure the differences are, nor is that of the mean", r.name, i.Draw, n))
		}
	}
	return notes
}

// means are, of rows that follow each other, the means of the columns.
func means(values []float64, rows int) []float64 {
	columns := len(values) / rows
	out := make([]float64, columns)
	for at, v := range values {
		out[at%columns] += v / float64(rows)
	}
	return out
}

// readerTable has a row for each reader and number, and those of their mean.
func readerTable(i Intervals, all []reading, samples []statistics.Sample) stage.Table {
	t := stage.Table{Name: "readers", Title: "The net beside readers",
		Columns: []string{"reader", "cases", "number", "the reader", "the net", "difference", "p", "p, corrected", "verdict"},
		Note:    "the difference is the net less the reader, over the cases that he read; cases are drawn again and readers are not, so it says nothing of other readers"}
	var ps []float64
	for _, s := range samples {
		ps = append(ps, s.PValue())
	}
	corrected := statistics.Joint(samples, ps)
	var theirs, nets []float64
	add := func(name string, cases int, own, net []float64) {
		for n, scalar := range all[0].own.names() {
			row := []any{name, cases, scalar.Title, own[n], net[n], net[n] - own[n], "", "", ""}
			if at := len(t.Rows); samples != nil {
				if low, high := samples[at].Interval(i.Level); !math.IsNaN(low) {
					row[5] = stage.Estimate{Value: samples[at].Value, Low: low, High: high}
				}
				copy(row[6:], []any{ps[at], corrected[at], verdict(scalar.Better, samples[at].Value, ps[at], corrected[at], i.Level)})
			}
			t.Rows = append(t.Rows, row)
		}
	}
	most := 0
	for _, r := range all {
		own, net := r.own.values(nil), r.net.values(nil)
		add(r.name, len(r.answers), own, net)
		theirs, nets, most = append(theirs, own...), append(nets, net...), max(most, len(r.answers))
	}
	if len(all) > 1 {
		add(fmt.Sprintf("mean of the %d readers", len(all)), most, means(theirs, len(all)), means(nets, len(all)))
	}
	if len(all) >= fewestReaders {
		add(fmt.Sprintf("readers like these %d", len(all)), most, means(theirs, len(all)), means(nets, len(all)))
		t.Note = "the difference is the net less the reader, over the cases that he read. Cases are drawn again and readers are not, but for readers like these: there the spread between readers counts too, and the difference is from the mean of the many that these are some of"
	}
	if len(all[0].own.p.Classes) == 2 {
		t.Note += ". Sensitivity and specificity of the net are read off its ROC curve where the other one is the reader's"
	}
	return t
}

// marginColumns says of each row whether the net is worse by as much as would matter.
func (e evaluation) marginColumns(t *stage.Table, names []stage.Scalar, samples []statistics.Sample) {
	width := e.cfg.ReaderMargin
	if width == 0 {
		return
	}
	t.Columns = append(t.Columns, "one-sided p", "by the margin")
	t.Note += fmt.Sprintf(". The net is non-inferior where it is not worse by the margin of %.4g (one-sided tests at %.4g, corrected), equivalent where it is not better by that either", width, (1-e.cfg.Intervals.Level)/2)
	var better []stage.Direction
	for i := range samples {
		better = append(better, names[i%len(names)].Better)
	}
	judged := margins(width, e.cfg.Intervals.Level, better, samples)
	for i := range t.Rows {
		cells := []any{"", ""}
		if i < len(judged) && judged[i].Verdict != "" {
			cells = []any{judged[i].P, judged[i].Verdict}
		}
		t.Rows[i] = append(t.Rows[i], cells...)
	}
}

// readerKappas is Cohen's kappa, with weights that grow with the square of the distance between
// classes, of the labels, the net and the readers with each other.
func readerKappas(p Predictions, all []reading) stage.Matrix {
	truth, net := map[string]int{}, map[string]int{}
	for _, item := range p.Items {
		truth[item.CaseID], net[item.CaseID] = item.Label, largest(item.Probabilities)
	}
	names, said := []string{"label", "the net"}, []map[string]int{truth, net}
	for _, r := range all {
		own := map[string]int{}
		for k, item := range r.own.p.Items {
			own[item.CaseID] = r.answers[k]
		}
		names, said = append(names, r.name), append(said, own)
	}
	m := stage.Matrix{Name: "reader_kappas", Title: "Agreement of labels, net and readers: kappa, quadratic weights",
		RowsTitle: "who", ColumnTitle: "who", Rows: names, Columns: names, Values: square(len(names))}
	for a := range names {
		for b := range names {
			m.Values[a][b] = agreed(p, said[a], said[b])
		}
	}
	return m
}

// agreed is the kappa of two lists, over the cases that are in both.
func agreed(p Predictions, a, b map[string]int) float64 {
	var items []stage.Prediction
	for _, item := range p.Items {
		of, said := a[item.CaseID]
		other, also := b[item.CaseID]
		if said && also {
			one := stage.Prediction{CaseID: item.CaseID, Label: of, Probabilities: make([]float64, len(p.Classes))}
			one.Probabilities[other] = 1
			items = append(items, one)
		}
	}
	if len(items) == 0 {
		return math.NaN()
	}
	return Kappa{Weights: "quadratic"}.Values(p.of(items))[0]
}

// readerCurve is the net's ROC curve of the last class, with a point for each reader.
func readerCurve(p Predictions, all []reading) stage.Curve {
	class := len(p.Classes) - 1
	c := stage.Curve{Name: "reader_roc", Title: "Readers on the ROC curve of " + p.Classes[class], XLabel: "false positive rate", YLabel: "true positive rate",
		Lines: []stage.Line{rank(p, class).roc("the net")}}
	for _, r := range all {
		if v := (readerPoint{}).Values(r.own.p); !math.IsNaN(v[0] + v[1]) {
			c.Lines = append(c.Lines, stage.Line{Label: r.name, X: []float64{1 - v[1]}, Y: []float64{v[0]}})
		}
	}
	return c
}
