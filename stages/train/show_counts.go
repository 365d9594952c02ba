package train

import "vertebra/stages/stage"

// drawn counts the cases of each class, and those that the first epoch draws.
func (s *show) drawn(all []stage.Case) []stage.Record {
	counts := s.Config.Balance.counts(s.images.Questions(), all, 1)
	bars := stage.Bars{
		Name: "drawn", Title: "Training cases, and what the first epoch draws of them", Section: "sampling", YLabel: "cases",
		Groups: []stage.BarGroup{{Label: "training cases"}, {Label: "drawn in the first epoch"}},
	}
	for _, c := range counts {
		bars.Categories = append(bars.Categories, c.Named())
		bars.Groups[0].Values = append(bars.Groups[0].Values, float64(c.Cases))
		bars.Groups[1].Values = append(bars.Groups[1].Values, float64(c.Drawn))
	}
	return []stage.Record{bars, countsTable(stage.Table{Name: "weights", Title: "What each class counts in the loss", Section: "sampling"}, counts)}
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
