package evaluate

import "vertebra/stages/stage"

// baseline predicts every case from the training labels alone, without a look
// at its image: the share of each class among training cases of the same
// condition and level, each class weighted 1, 2, 4, … as the RSNA metric weighs
// severity. With three classes this is the "weighted priors per condition and
// level" baseline that every experiment must beat.
func baseline(classes []string, cases []stage.Case, p Predictions) Predictions {
	shares := map[[2]string][]float64{}
	all := make([]float64, len(classes))
	for _, c := range cases {
		if c.Split != stage.Train || c.Label < 0 || c.Label >= len(classes) {
			continue
		}
		key := [2]string{c.Tags["condition"], c.Tags["level"]}
		if shares[key] == nil {
			shares[key] = make([]float64, len(classes))
		}
		weight := float64(int(1) << min(c.Label, 30))
		shares[key][c.Label] += weight
		all[c.Label] += weight
	}
	out := Predictions{Classes: classes, Items: make([]stage.Prediction, len(p.Items))}
	for i, item := range p.Items {
		share := shares[[2]string{item.Tags["condition"], item.Tags["level"]}]
		if share == nil {
			share = all
		}
		item.Probabilities = normalised(share)
		out.Items[i] = item
	}
	return out
}

// normalised gives shares that add up to 1; all alike where there are none.
func normalised(v []float64) []float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	out := make([]float64, len(v))
	for i, x := range v {
		if out[i] = 1 / float64(len(v)); sum > 0 {
			out[i] = x / sum
		}
	}
	return out
}
