package evaluate

import (
	"flag"
	"fmt"
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
)

var update = flag.Bool("update", false, "write the generated files again")

// references say what each number was held against.
var references = map[string]string{
	"loss": "sklearn log_loss", "accuracy": "sklearn accuracy_score", "balanced_accuracy": "sklearn balanced_accuracy_score",
	"mcc": "sklearn matthews_corrcoef", "mean_absolute_error": "sklearn mean_absolute_error", "brier": "sklearn brier_score_loss",
	"precision": "sklearn precision_score", "recall": "sklearn recall_score", "f1": "sklearn f1_score", "specificity": "sklearn recall_score of the rest",
	"top_k": "sklearn top_k_accuracy_score", "kappa": "sklearn cohen_kappa_score", "auroc": "sklearn roc_auc_score", "average_precision": "sklearn average_precision_score",
	"calibration": "Guo et al. 2017, equation 3, in NumPy", "adaptive_calibration": "Nixon et al. 2019 in NumPy",
	"confusion": "sklearn confusion_matrix", "per_class": "sklearn precision_recall_fscore_support",
	"positive_class":  "sklearn precision_score, recall_score, f1_score, average_precision_score",
	"operating_point": "sklearn roc_curve", "net_benefit": "Vickers and Elkin 2006 in NumPy",
	"recalibration": "sklearn LogisticRegression, SciPy brentq",
	"rsna_log_loss": "the official metric, put together from sklearn log_loss",
}

// widest collects the largest deviation of each number over all cases.
type widest struct {
	t    *testing.T
	rows []parity.Row
}

func (w *widest) add(part, number string, got, want float64) {
	w.t.Helper()
	w.addOf(part, number, references[part], got, want)
}

func (w *widest) addOf(part, number, reference string, got, want float64) {
	w.t.Helper()
	apart := math.Abs(got - want)
	if math.IsNaN(got) && math.IsNaN(want) {
		apart = 0
	}
	at := slices.IndexFunc(w.rows, func(r parity.Row) bool { return r.Part == part && r.Case == number })
	if at < 0 {
		at = len(w.rows)
		w.rows = append(w.rows, parity.Row{Part: part, Case: number, Reference: reference, Limit: 1e-9})
	}
	if !(apart <= w.rows[at].Deviation) { // also where only one of them exists
		w.rows[at].Deviation = apart
	}
}

func (w *widest) addRows(part, number string, got, want [][]float64) {
	w.t.Helper()
	if len(got) != len(want) {
		w.t.Errorf("%s, %s: %d rows, want %d", part, number, len(got), len(want))
		return
	}
	for i := range got {
		if len(got[i]) != len(want[i]) {
			w.t.Errorf("%s, %s, row %d: %d numbers, want %d", part, number, i, len(got[i]), len(want[i]))
			return
		}
		for j := range got[i] {
			w.add(part, number, got[i][j], want[i][j])
		}
	}
}

// TestParityOfMetricsIsFresh writes docs/parity.md: every number of every metric
// over all cases of the reference, among them ties, absent classes, weights and a
// single case.
func TestParityOfMetricsIsFresh(t *testing.T) {
	ref := readReference(t)
	w := &widest{t: t}
	for _, name := range Metrics.Names() {
		if references[name] == "" {
			t.Errorf("%s is compared with nothing", name)
		}
		for _, c := range ref.General {
			p := c.predictions()
			for _, part := range referenced(name) {
				for _, s := range result(t, part, p).Scalars {
					w.add(name, s.Name, s.Value, orNaN(c.Want[s.Name]))
				}
			}
			w.figures(name, c, p)
		}
		for _, c := range ref.Targets {
			for _, part := range referenced(name) {
				for _, s := range result(t, part, c.predictions()).Scalars {
					w.add(name, "several targets", s.Value, orNaN(c.Want[s.Name]))
				}
			}
		}
	}
	for _, c := range ref.RSNA {
		for _, want := range c.Want {
			m := RSNALogLoss{AnySevereWeight: want.AnySevereWeight, Renormalise: want.Renormalise, Epsilon: epsilon}
			for _, s := range result(t, m, c.predictions()).Scalars {
				text := s.Name + ", rows as they are"
				if want.Renormalise {
					text = s.Name + ", rows scaled to sum 1"
				}
				w.add("rsna_log_loss", text, s.Value, orNaN(want.Scalars[s.Name]))
			}
		}
	}
	for _, name := range Metrics.Names() {
		if !slices.ContainsFunc(w.rows, func(r parity.Row) bool { return r.Part == name }) {
			t.Errorf("no number of %s was compared", name)
		}
	}
	parity.Hold(t, "../../docs/parity.md", "metrics", w.rows, *update)
}

// referenced are the settings of a metric that the reference was made with.
func referenced(name string) []Metric {
	if others, ok := asReferenced[name]; ok {
		return others
	}
	one, _ := Metrics.Default(name)
	return []Metric{one.Part}
}

// figures are what metrics show beside their numbers.
func (w *widest) figures(name string, c generalCase, p Predictions) {
	w.t.Helper()
	switch name {
	case "kappa":
		for _, weights := range []string{"quadratic", "linear", "none"} {
			w.add(name, weights+" weights", result(w.t, Kappa{weights}, p).Scalars[0].Value, orNaN(c.Want["kappa "+weights]))
		}
	case "confusion":
		r := result(w.t, Confusion{}, p)
		w.addRows(name, "counts", r.Matrices[0].Values, c.Confusion)
		w.addRows(name, "shares of each true class", r.Matrices[1].Values, c.Shares)
	case "per_class":
		for i, row := range result(w.t, PerClass{}, p).Tables[0].Rows {
			for k, number := range []string{"precision", "recall", "F1"} {
				w.add(name, number+" of each class", row[k+1].(float64), c.PerClass[i][k])
			}
			w.add(name, "specificity of each class", row[4].(float64), c.PerClass[i][4])
		}
	case "auroc":
		for i, row := range result(w.t, AUROC{}, p).Tables[0].Rows {
			w.add(name, "of each class", row[2].(float64), orNaN(c.AUROC[i]))
		}
	case "average_precision":
		for i, row := range result(w.t, AveragePrecision{}, p).Tables[0].Rows {
			w.add(name, "of each class", row[2].(float64), orNaN(c.Precision[i]))
		}
	case "calibration":
		lines := result(w.t, Calibration{15}, p).Curves[0].Lines[2:] // after the ideal and the predicted class
		for i, want := range c.Reliability {
			if want != nil {
				w.addRows(name, "reliability of each class (sklearn calibration_curve)", [][]float64{lines[i].X, lines[i].Y}, want)
			}
		}
	}
}

// TestWidest: a number that one side does not have is no agreement.
func TestWidest(t *testing.T) {
	t.Parallel()
	w := &widest{t: t}
	w.add("loss", "a", 1, 1.5)
	w.add("loss", "a", math.NaN(), math.NaN())
	w.add("loss", "b", math.NaN(), 1)
	if fmt.Sprint(w.rows[0].Deviation) != "0.5" || !math.IsNaN(w.rows[1].Deviation) {
		t.Errorf("got %+v", w.rows)
	}
}
