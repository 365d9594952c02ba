package reports

import (
	"vertebra/results"
	"vertebra/stages/diagnosis"
	"vertebra/stages/stage"
)

// findingView says in plain words what the numbers of a run mean.
type findingView struct {
	Name, Text, Try string
	Link            string // to the figure that shows it; "" where there is none
}

// findings are what the rules found; where is the id of the figure of a name.
func findings(rec *results.RunRecord, where map[string]string) (list []findingView) {
	for _, f := range diagnosis.Of(diagnosis.Run{Scalars: rec.Scalars, Matrices: results.Shape[stage.Matrix](rec), Tables: results.Shape[stage.Table](rec), Running: rec.Status == results.Running,
		Blended: rec.Fact(results.EnsembleFact) != "", External: rec.Fact(results.ValidationFact) != ""}) {
		v := findingView{Name: f.Name, Text: f.Text, Try: f.Try}
		if id := where[f.Figure]; id != "" {
			v.Link = "#" + id
		}
		list = append(list, v)
	}
	return list
}
