package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("auroc", "chance that a case of a class is ranked above one of another, mean over classes", AUROC{})
}

// AUROC is scikit-learn's roc_auc_score of each class against the rest. The
// macro mean leaves out a class that does not occur or is the only one, and is
// NaN when there is just one.
type AUROC struct{}

// Scalars is the mean.
func (AUROC) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "macro_auroc", Title: "Macro AUROC", Better: stage.HigherBetter}}
}

// Measure averages over the classes, and draws each curve.
func (m AUROC) Measure(p Predictions) (Result, error) {
	curves := stage.Curve{Name: "roc", Title: "Receiver operating characteristic, each class against the rest",
		XLabel: "false positive rate", YLabel: "true positive rate"}
	table := stage.Table{Name: "auroc", Title: "Area under the ROC curve of each class", Columns: []string{"class", "cases", "AUROC"}}
	var notes []string
	sum, n := 0.0, 0.0
	for class, name := range p.Classes {
		r := rank(p, class)
		table.Rows = append(table.Rows, []any{name, int(r.positives()), r.area()})
		if math.IsNaN(r.area()) {
			notes = append(notes, fmt.Sprintf("%s has %d of %d cases and is left out of the mean", name, int(r.positives()), len(p.Items)))
			continue
		}
		sum += r.area()
		n++
		curves.Lines = append(curves.Lines, r.line(name))
	}
	out := give(m, sum/n)
	out.Tables, out.Notes = []stage.Table{table}, notes
	if n > 0 {
		out.Curves = []stage.Curve{curves}
	}
	return out, nil
}

// ranking counts the true and the false positives above each threshold, from
// the highest score down, beginning with none. Equal scores share a threshold.
type ranking struct{ tp, fp []float64 }

func rank(p Predictions, class int) ranking {
	type scored struct{ score, positive float64 }
	all := make([]scored, len(p.Items))
	for i, item := range p.Items {
		all[i].score = item.Probabilities[class]
		if item.Label == class {
			all[i].positive = 1
		}
	}
	slices.SortFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	r := ranking{[]float64{0}, []float64{0}}
	tp, fp := 0.0, 0.0
	for i, s := range all {
		tp += s.positive
		fp += 1 - s.positive
		if i+1 == len(all) || all[i+1].score != s.score {
			r.tp, r.fp = append(r.tp, tp), append(r.fp, fp)
		}
	}
	return r
}

func (r ranking) positives() float64 { return r.tp[len(r.tp)-1] }
func (r ranking) negatives() float64 { return r.fp[len(r.fp)-1] }

// area is the area of trapezoids below the curve, which is the Mann-Whitney
// statistic with mid-ranks for ties (Hanley and McNeil 1982). NaN without
// positives or without negatives.
func (r ranking) area() float64 {
	sum := 0.0
	for i := 1; i < len(r.tp); i++ {
		sum += (r.fp[i] - r.fp[i-1]) * (r.tp[i] + r.tp[i-1]) / 2
	}
	return sum / (r.positives() * r.negatives())
}

// curvePoints is how many points of a curve are kept; a plot shows no more.
const curvePoints = 200

// line is the curve without points on straight stretches, and thinned out.
func (r ranking) line(label string) stage.Line {
	var corners []int
	last := len(r.tp) - 1
	for i := range r.tp {
		if i == 0 || i == last || (r.tp[i+1]-r.tp[i])*(r.fp[i]-r.fp[i-1]) != (r.tp[i]-r.tp[i-1])*(r.fp[i+1]-r.fp[i]) {
			corners = append(corners, i)
		}
	}
	keep := min(len(corners), curvePoints)
	out := stage.Line{Label: label}
	for k := range keep {
		i := corners[k*(len(corners)-1)/(keep-1)]
		out.X = append(out.X, r.fp[i]/r.negatives())
		out.Y = append(out.Y, r.tp[i]/r.positives())
	}
	return out
}
