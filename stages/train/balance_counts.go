package train

import (
	"math"

	"vertebra/stages/stage"
)

// ClassCount is what balancing makes of the training cases of one class.
type ClassCount struct {
	Target string  `json:"target,omitempty"` // of these; "" where the net answers one thing
	Class  string  `json:"class"`
	Cases  int     `json:"cases"`
	Drawn  int     `json:"drawn"`  // in an epoch
	Weight float64 `json:"weight"` // of each in the loss, from Balance.From on
	Share  float64 `json:"share"`  // of the loss, were all cases' losses equal
}

// Named is the class, with its target.
func (c ClassCount) Named() string {
	if c.Target == "" {
		return c.Class
	}
	return c.Target + ": " + c.Class
}

// Counts are what balancing makes of each class, of each target: cases before it, drawn
// cases and weights after.
func (b Balance) Counts(asked stage.Questions, cases []stage.Case) []ClassCount {
	return b.counts(asked, cases, math.MaxInt)
}

func (b Balance) counts(asked stage.Questions, cases []stage.Case, epoch int) (out []ClassCount) {
	times := b.times(asked, cases)
	counts, drawn := make([][]int, asked.Count()), make([][]float64, asked.Count())
	for q := range counts {
		counts[q], drawn[q] = make([]int, len(asked.Classes)), make([]float64, len(asked.Classes))
	}
	for i, c := range cases {
		if c.Split == stage.Train {
			counts[c.Target][c.Label]++
			drawn[c.Target][c.Label] += times[i]
		}
	}
	total := 0.0
	for q, of := range counts {
		weights := b.weightsOf(asked.Classes, of, epoch)
		for _, k := range asked.Of(q) {
			one := ClassCount{Class: asked.Classes[k], Cases: of[k], Drawn: int(math.Round(drawn[q][k])), Weight: weight(weights, k) * b.ofTarget(asked, q)}
			if len(asked.Targets) > 0 {
				one.Target = asked.Targets[q]
			}
			one.Share = drawn[q][k] * one.Weight
			total += one.Share
			out = append(out, one)
		}
	}
	for i := range out {
		out[i].Share /= max(total, math.SmallestNonzeroFloat64)
	}
	return out
}

// times says how often an epoch draws each training case, in the mean.
func (b Balance) times(asked stage.Questions, cases []stage.Case) []float64 {
	sampler, out := caseSampler(b, cases, asked, 0), make([]float64, len(cases))
	sizes, counts := sampler.sizes(), b.countsAs(cases, asked)
	for _, sample := range samplesOf(cases, stage.Train) {
		k := counts(sample)
		for _, i := range sample {
			out[i] = float64(sizes[k]) / float64(len(sampler.members[k]))
		}
	}
	return out
}

// Drawn is how many images an epoch shows.
func (b Balance) Drawn(asked stage.Questions, cases []stage.Case) (n int) {
	for _, size := range caseSampler(b, cases, asked, 0).sizes() {
		n += size
	}
	return n
}

func weight(weights []float64, k int) float64 {
	if weights == nil {
		return 1
	}
	return weights[k]
}

// Table shows the counts in a report.
func (b Balance) Table(asked stage.Questions, cases []stage.Case) stage.Table {
	t := stage.Table{Name: "balance", Title: "Classes of the training split, before and after balancing", Section: "data"}
	return countsTable(t, b.Counts(asked, cases))
}

func countsTable(t stage.Table, counts []ClassCount) stage.Table {
	t.Columns = []string{"class", "training cases", "drawn in an epoch", "class weight", "share of the loss at equal losses"}
	if len(counts) > 0 && counts[0].Target != "" {
		t.Columns = append([]string{"target"}, t.Columns...)
	}
	for _, c := range counts {
		row := []any{c.Class, c.Cases, c.Drawn, c.Weight, c.Share}
		if c.Target != "" {
			row = append([]any{c.Target}, row...)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
