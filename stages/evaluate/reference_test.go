package evaluate

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"vertebra/stages/stage"
)

// reference is testdata/reference.json, made by testdata/make_reference.py. A
// nil number does not exist.
type reference struct {
	General []generalCase `json:"general"`
	RSNA    []rsnaCase    `json:"rsna"`
	Targets []targetsCase `json:"targets"`

	Thresholds []struct {
		Name                  string
		Labels, Thousandths   []int
		F1, Youden            float64
		Screening, Confirming float64
	} `json:"thresholds"`

	Calibrated []struct {
		generalCase
		Before      float64
		Temperature struct {
			Loss  float64
			Scale []float64
		}
		Vector struct {
			Loss          float64
			Scale, Offset []float64
		}
	} `json:"calibrated"`
}

type generalCase struct {
	Name        string              `json:"name"`
	Labels      []int               `json:"labels"`
	Thousandths [][]float64         `json:"thousandths"`
	Weights     []float64           `json:"weights"`
	Want        map[string]*float64 `json:"want"`
	AUROC       []*float64          `json:"auroc"`
	Precision   []*float64          `json:"average_precision"`
	PerClass    [][]float64         `json:"per_class"` // precision, recall, F1, support, specificity
	Confusion   [][]float64         `json:"confusion"`
	Shares      [][]float64         `json:"confusion_shares"`
	Reliability [][][]float64       `json:"reliability"` // by class: x, y
	ROC         [][][]float64       `json:"roc"`
	PR          [][][]float64       `json:"precision_recall"`
}

// targetsCase has several answers of each image: [image][target]; label −1 is missing.
type targetsCase struct {
	Name        string                `json:"name"`
	Labels      [][]int               `json:"labels"`
	Thousandths [][][]float64         `json:"thousandths"`
	Want        map[string]*float64   `json:"want"`
	Multilabel  map[string]float64    `json:"multilabel"` // by scikit-learn's multilabel averages
	Each        map[string][]*float64 `json:"each"`       // number of each target
}

type rsnaCase struct {
	Name string  `json:"name"`
	Rows [][]any `json:"rows"` // study, condition, label, three thousandths
	Want []struct {
		AnySevereWeight float64             `json:"any_severe_weight"`
		Renormalise     bool                `json:"renormalise"`
		Scalars         map[string]*float64 `json:"scalars"`
	} `json:"want"`
}

func readReference(t *testing.T) reference {
	t.Helper()
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func (c generalCase) predictions() Predictions {
	p := Predictions{Weights: c.Weights}
	for i := range c.Thousandths[0] {
		p.Classes = append(p.Classes, fmt.Sprint("class ", i))
	}
	for i, row := range c.Thousandths {
		p.Items = append(p.Items, stage.Prediction{CaseID: fmt.Sprintf("%03d", i), Label: c.Labels[i], Probabilities: thousandths(row)})
	}
	return p
}

func (c rsnaCase) predictions() Predictions {
	p := Predictions{Classes: classes}
	for i, row := range c.Rows {
		p.Items = append(p.Items, stage.Prediction{
			CaseID: fmt.Sprintf("%03d", i), Group: row[0].(string), Label: int(row[2].(float64)),
			Probabilities: thousandths([]float64{row[3].(float64), row[4].(float64), row[5].(float64)}),
			Tags:          map[string]string{"condition": row[1].(string)},
		})
	}
	return p
}

func (c targetsCase) predictions() Predictions {
	p := Predictions{averageOver: stage.TargetTag, items: newMemo(), sums: newMemo()}
	for class := range c.Thousandths[0][0] {
		p.Classes = append(p.Classes, fmt.Sprint("class ", class))
	}
	for i, labels := range c.Labels {
		for t, label := range labels {
			if label >= 0 {
				p.Items = append(p.Items, stage.Prediction{
					CaseID: fmt.Sprintf("%03d_%d", i, t), Group: fmt.Sprint(i), Label: label,
					Probabilities: thousandths(c.Thousandths[i][t]), Tags: map[string]string{stage.TargetTag: fmt.Sprint("target ", t)},
				})
			}
		}
	}
	return p
}

func thousandths(row []float64) []float64 {
	out := slices.Clone(row)
	for i := range out {
		out[i] /= 1000
	}
	return out
}

// near compares numbers of which NaN equals NaN.
func near(got, want float64) bool {
	return math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= 1e-9
}

func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// result measures one part.
func result(t *testing.T, m Metric, p Predictions) Result {
	t.Helper()
	r, err := measurePart(m, p)
	if err != nil {
		t.Fatalf("%T: %v", m, err)
	}
	return r
}

// asReferenced are the settings that the reference was made with, where these are
// not the defaults.
var asReferenced = map[string][]Metric{
	"precision": {Precision{both}}, "recall": {Recall{both}}, "f1": {F1{both}}, "specificity": {Specificity{both}},
	"top_k": {TopK{2}}, "calibration": {Calibration{15}}, "adaptive_calibration": {AdaptiveCalibration{5}},
	"kappa":         {}, // all its weights give a number of one name: TestScikitLearnAgreesOnKappa
	"rsna_log_loss": {}, // TestOfficialMetricAgrees
}

// TestScikitLearnAgrees holds every number of every metric against scikit-learn's.
func TestScikitLearnAgrees(t *testing.T) {
	t.Parallel()
	var parts []Metric
	for _, name := range Metrics.Names() {
		if others, ok := asReferenced[name]; ok {
			parts = append(parts, others...)
			continue
		}
		one, _ := Metrics.Default(name)
		parts = append(parts, one.Part)
	}
	for _, c := range readReference(t).General {
		p := c.predictions()
		for _, part := range parts {
			for _, s := range result(t, part, p).Scalars {
				want, there := c.Want[s.Name]
				if !there {
					t.Errorf("%s: the reference has no %s", c.Name, s.Name)
				} else if !near(s.Value, orNaN(want)) {
					t.Errorf("%s: %s = %.12f, scikit-learn has %.12f", c.Name, s.Name, s.Value, orNaN(want))
				}
			}
		}
	}
}

func TestScikitLearnAgreesOnKappa(t *testing.T) {
	t.Parallel()
	for _, c := range readReference(t).General {
		for _, weights := range []string{"quadratic", "linear", "none"} {
			want, there := c.Want["kappa "+weights]
			if got := result(t, Kappa{weights}, c.predictions()).Scalars[0].Value; !there || !near(got, orNaN(want)) {
				t.Errorf("%s, %s weights: %.12f, scikit-learn has %.12f", c.Name, weights, got, orNaN(want))
			}
		}
	}
}

func TestScikitLearnAgreesOnConfusion(t *testing.T) {
	t.Parallel()
	for _, c := range readReference(t).General {
		r := result(t, Confusion{}, c.predictions())
		nearRows(t, c.Name+", counts", r.Matrices[0].Values, c.Confusion)
		nearRows(t, c.Name+", shares", r.Matrices[1].Values, c.Shares)
	}
}

func TestScikitLearnAgreesOnEachClass(t *testing.T) {
	t.Parallel()
	for _, c := range readReference(t).General {
		p := c.predictions()
		var got [][]float64
		for _, row := range result(t, PerClass{}, p).Tables[0].Rows {
			got = append(got, []float64{row[1].(float64), row[2].(float64), row[3].(float64), float64(row[5].(int)), row[4].(float64)})
		}
		for i := range c.PerClass {
			c.PerClass[i][3] = math.Trunc(c.PerClass[i][3]) // the table counts cases
		}
		nearRows(t, c.Name+", each class", got, c.PerClass)
		for i, row := range result(t, AUROC{}, p).Tables[0].Rows {
			if got, want := row[2].(float64), orNaN(c.AUROC[i]); !near(got, want) {
				t.Errorf("%s: AUROC of %s = %v, scikit-learn has %v", c.Name, row[0], got, want)
			}
		}
		for i, row := range result(t, AveragePrecision{}, p).Tables[0].Rows {
			if got, want := row[2].(float64), orNaN(c.Precision[i]); !near(got, want) {
				t.Errorf("%s: average precision of %s = %v, scikit-learn has %v", c.Name, row[0], got, want)
			}
		}
	}
}

func TestScikitLearnAgreesOnReliability(t *testing.T) {
	t.Parallel()
	for _, c := range readReference(t).General {
		lines := result(t, Calibration{15}, c.predictions()).Curves[0].Lines[2:] // after the ideal and the predicted class
		for i, want := range c.Reliability {
			if want != nil {
				nearRows(t, c.Name+", "+lines[i].Label, [][]float64{lines[i].X, lines[i].Y}, want)
			}
		}
	}
}

// TestScikitLearnAgreesOnCurves: every corner of the curves is a point of
// scikit-learn's, and every point of scikit-learn's ROC curve, which drops those
// on straight stretches too, is a corner.
func TestScikitLearnAgreesOnCurves(t *testing.T) {
	t.Parallel()
	for _, c := range readReference(t).General {
		p := c.predictions()
		for class := range p.Classes {
			if c.ROC[class] == nil {
				continue
			}
			what := fmt.Sprint(c.Name, ", class ", class)
			all := Predictions{Classes: p.Classes, Items: p.Items}
			onCurve(t, what+", ROC", rank(all, class).roc(""), c.ROC[class])
			onCurve(t, what+", precision and recall", rank(all, class).precisionRecall(""), c.PR[class])
		}
	}
}

func onCurve(t *testing.T, what string, got stage.Line, want [][]float64) {
	t.Helper()
	for i := range got.X {
		found := false
		for j := range want[0] {
			found = found || near(got.X[i], want[0][j]) && near(got.Y[i], want[1][j])
		}
		if !found {
			t.Errorf("%s: (%v, %v) is no point of %v", what, got.X[i], got.Y[i], want)
		}
	}
	if last := len(want[0]) - 1; !near(got.X[len(got.X)-1], want[0][last]) || !near(got.Y[0], want[1][0]) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func nearRows(t *testing.T, what string, got, want [][]float64) {
	t.Helper()
	if !slices.EqualFunc(got, want, func(a, b []float64) bool { return slices.EqualFunc(a, b, near) }) {
		t.Errorf("%s:\ngot  %v\nwant %v", what, got, want)
	}
}

// TestOfficialMetricAgrees holds rsna_log_loss against the metric written in
// Python over scikit-learn.
func TestOfficialMetricAgrees(t *testing.T) {
	t.Parallel()
	for _, c := range readReference(t).RSNA {
		for _, want := range c.Want {
			m := RSNALogLoss{AnySevereWeight: want.AnySevereWeight, Renormalise: want.Renormalise, Epsilon: epsilon}
			for _, s := range result(t, m, c.predictions()).Scalars {
				if w := orNaN(want.Scalars[s.Name]); !near(s.Value, w) {
					t.Errorf("%s, %+v: %s = %.12f, want %.12f", c.Name, m, s.Name, s.Value, w)
				}
			}
		}
	}
}
