package train

import (
	"math"

	"vertebra/stages/stage"
)

// ClassCount is what balancing makes of the training cases of one class.
type ClassCount struct {
	Class  string  `json:"class"`
	Cases  int     `json:"cases"`
	Drawn  int     `json:"drawn"`  // in an epoch
	Weight float64 `json:"weight"` // of each in the loss, from Balance.From on
	Share  float64 `json:"share"`  // of the loss, were all cases' losses equal
}

// Counts are what balancing makes of each class: cases before it, drawn cases and
// weights after.
func (b Balance) Counts(classes []string, cases []stage.Case) []ClassCount {
	drawn := NewSampler(b, trainingOf(cases), func(i int) int { return cases[i].Label }, classes, 0).sizes()
	counts := make([]int, len(classes))
	for _, i := range trainingOf(cases) {
		counts[cases[i].Label]++
	}
	weights, total := b.weightsOf(classes, counts, math.MaxInt), 0.0
	for k, n := range drawn {
		total += float64(n) * weight(weights, k)
	}
	out := make([]ClassCount, len(classes))
	for k, class := range classes {
		w := weight(weights, k)
		out[k] = ClassCount{class, counts[k], drawn[k], w, float64(drawn[k]) * w / max(total, math.SmallestNonzeroFloat64)}
	}
	return out
}

// Table shows the counts in a report.
func (b Balance) Table(classes []string, cases []stage.Case) stage.Table {
	t := stage.Table{Name: "balance", Title: "Classes of the training split, before and after balancing", Section: "data",
		Columns: []string{"class", "training cases", "drawn in an epoch", "class weight", "share of the loss at equal losses"}}
	for _, c := range b.Counts(classes, cases) {
		t.Rows = append(t.Rows, []any{c.Class, c.Cases, c.Drawn, c.Weight, c.Share})
	}
	return t
}
