package diagnosis

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

// majorityBias wants the largest class to be said for more cases than it has, by a
// tenth of all, while every other class is recognised less often than it.
func majorityBias(r Run) *Finding {
	const more = 0.1
	for _, m := range r.Matrices {
		if m.Name != r.deciding("confusion") || len(m.Values) < 2 || len(m.Columns) != len(m.Values) {
			continue
		}
		cases, said, all := margins(m.Values)
		top := 0
		silent := false // neverPredicted says that
		for k := range cases {
			silent = silent || cases[k] > 0 && said[k] == 0
			if cases[k] > cases[top] {
				top = k
			}
		}
		if silent || all == 0 || said[top]-cases[top] <= more*all {
			continue
		}
		if name, recall, lowest := weakest(m, cases, top); lowest {
			return &Finding{"bias towards the largest class",
				fmt.Sprintf("%.0f %% of cases are taken for %s, though %.0f %% are; of %s only %.0f %% are recognised (%s).",
					100*said[top]/all, m.Columns[top], 100*cases[top]/all, name, 100*recall, m.Title),
				m.Name, "weigh or oversample rare classes: train.balance; or a loss for imbalance: focal, class_balanced"}
		}
	}
	return nil
}

// margins sums a confusion matrix by true class, by predicted class, and all.
func margins(values [][]float64) (cases, said []float64, all float64) {
	cases, said = make([]float64, len(values)), make([]float64, len(values))
	for i, row := range values {
		for k, v := range row {
			cases[i] += v
			said[k] += v
			all += v
		}
	}
	return cases, said, all
}

// weakest is the class that is recognised least; ok says that all are recognised
// less often than the top one.
func weakest(m stage.Matrix, cases []float64, top int) (name string, recall float64, ok bool) {
	of := func(k int) float64 { return m.Values[k][k] / cases[k] }
	recall = math.Inf(1)
	for k := range cases {
		if k == top || cases[k] == 0 {
			continue
		}
		if of(k) >= of(top) {
			return "", 0, false
		}
		if of(k) < recall {
			name, recall = m.Columns[k], of(k)
		}
	}
	return name, recall, name != ""
}

// inputsDiffer holds the pixels of each split against those of training: the net
// must be shown one kind of image.
func inputsDiffer(r Run) *Finding {
	const apart, wider = 0.25, 1.25
	for _, t := range r.Tables {
		if t.Name != "input_statistics" {
			continue
		}
		means, deviations := map[string]float64{}, map[string]float64{}
		for _, row := range t.Rows {
			if len(row) < 4 {
				continue
			}
			split, _ := row[0].(string)
			mean, isMean := row[2].(float64)
			deviation, isDeviation := row[3].(float64)
			if isMean && isDeviation {
				means[split], deviations[split] = mean, deviation
			}
		}
		of := deviations[string(stage.Train)]
		for _, split := range []string{string(stage.Validation), string(stage.Test)} {
			mean, known := means[split]
			if !known || !(of > 0) {
				continue
			}
			ratio := deviations[split] / of
			if math.Abs(mean-means[string(stage.Train)]) > apart*of || ratio > wider || ratio < 1/wider {
				return &Finding{"input differs between splits",
					fmt.Sprintf("Pixels of the %s split have the mean %.3f and the standard deviation %.3f, those of training %.3f and %.3f.",
						split, mean, deviations[split], means[string(stage.Train)], of),
					t.Name, "window by percentiles, check model.input (train_scale must be 1), and see what else tells the splits apart"}
			}
		}
	}
	return nil
}
