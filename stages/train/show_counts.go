package train

import "vertebra/stages/stage"

// drawn counts the cases of each class, and those that an epoch draws.
func (s *show) drawn(all []stage.Case) []stage.Record {
	counts, draws := make([]float64, len(s.images.Classes)), make([]float64, len(s.images.Classes))
	ints := make([]int, len(counts))
	for _, i := range trainingOf(all) {
		counts[all[i].Label]++
		ints[all[i].Label]++
	}
	for _, i := range s.sampler(all, s.images.Classes, s.env.Seed).Epoch(1) {
		draws[all[i].Label]++
	}
	weights := s.Config.Balance.weightsOf(s.images.Classes, ints, 1)
	table := stage.Table{Name: "weights", Title: "What each class counts in the loss", Section: "sampling", Columns: []string{"class", "training cases", "drawn in an epoch", "class weight", "share of the loss at equal losses"}}
	total := 0.0
	for k, n := range draws {
		total += n * weight(weights, k)
	}
	for k, class := range s.images.Classes {
		w := weight(weights, k)
		table.Rows = append(table.Rows, []any{class, int(counts[k]), int(draws[k]), w, draws[k] * w / max(total, 1e-300)})
	}
	return []stage.Record{stage.Bars{
		Name: "drawn", Title: "Training cases, and what the first epoch draws of them", Section: "sampling", YLabel: "cases", Categories: s.images.Classes,
		Groups: []stage.BarGroup{{Label: "training cases", Values: counts}, {Label: "drawn in the first epoch", Values: draws}},
	}, table}
}

func weight(weights []float64, k int) float64 {
	if weights == nil {
		return 1
	}
	return weights[k]
}

// values are the histograms of the pixels that were shown.
func (s *show) values() stage.Curve {
	c := stage.Curve{Name: "values", Title: "Values of the pixels shown, before the input's mean and spread", Section: "pixels", XLabel: "value", YLabel: "% of the pixels"}
	for which, word := range []string{"as they are", "augmented"} {
		total := 0.0
		for _, n := range s.count[which] {
			total += n
		}
		line := stage.Line{Label: word}
		for i, n := range s.count[which] {
			line.X, line.Y = append(line.X, (float64(i)+0.5)/bins), append(line.Y, 100*n/max(1, total))
		}
		c.Lines = append(c.Lines, line)
	}
	if len(s.Recipe) == 0 {
		c.Lines = c.Lines[:1]
	}
	return c
}
