package main

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"vertebra/finished/predict"
	"vertebra/stages/outliers"
	"vertebra/stages/stage"
)

// format writes a row for each case: its id, its sample and target where the net answers
// several, a probability for each class, the likeliest class, the prediction set where the
// run makes some, how rare such an image is where the nets know, and the label where it is known.
func (c predictCommand) format(out io.Writer, p predict.Predictor, items []stage.Prediction) error {
	t := tables{p}
	switch {
	case c.JSON:
		return t.json(out, items)
	case c.Wide:
		return t.wide(out, items)
	}
	return writePredictions(out, t.table(len(items) > 0 && items[0].Label >= 0), items)
}

// tables lay predictions out.
type tables struct{ predict.Predictor }

// table has a row for each case. Stored predictions do not know their samples.
func (p tables) table(labelled bool) (t predictionTable) {
	t.head = []string{"case_id"}
	if p.Samples != nil && len(p.Asked.Targets) > 0 {
		t.head = append(t.head, "sample")
	}
	if len(p.Asked.Targets) > 0 {
		t.head = append(t.head, stage.TargetTag)
	}
	t.head = append(append(t.head, p.Asked.Classes...), "predicted")
	if p.Sets != nil {
		t.head = append(t.head, "set")
	}
	if p.Rarity != nil {
		t.head = append(t.head, outliers.Column)
	}
	if labelled {
		t.head = append(t.head, "label")
	}
	t.row = func(item stage.Prediction) []string {
		row := []string{item.CaseID}
		if p.Samples != nil && len(p.Asked.Targets) > 0 {
			row = append(row, p.Samples[item.CaseID])
		}
		if len(p.Asked.Targets) > 0 {
			row = append(row, item.Tags[stage.TargetTag])
		}
		for _, v := range item.Probabilities {
			row = append(row, digits(v))
		}
		row = append(row, p.Asked.Classes[likeliest(item.Probabilities)])
		if p.Sets != nil {
			row = append(row, strings.Join(p.set(item), setSeparator))
		}
		if p.Rarity != nil {
			row = append(row, digits(p.Rarity.Of(p.Name(item.CaseID))))
		}
		if labelled {
			row = append(row, p.Asked.Classes[item.Label])
		}
		return row
	}
	return t
}

// predictionTable is a table of predictions.
type predictionTable struct {
	head []string
	row  func(stage.Prediction) []string
}

func writePredictions(out io.Writer, t predictionTable, items []stage.Prediction) error {
	rows := csv.NewWriter(out)
	if err := rows.Write(t.head); err != nil {
		return err
	}
	for _, item := range items {
		if err := rows.Write(t.row(item)); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}

// setSeparator stands between the classes of a prediction set.
const setSeparator = "|"

// set names the classes of a case's prediction set.
func (p tables) set(item stage.Prediction) []string {
	names := []string{}
	for _, k := range p.Sets.Set(item) {
		names = append(names, p.Asked.Classes[k])
	}
	return names
}

// digits are as many as a float32 has.
func digits(v float64) string { return strconv.FormatFloat(v, 'g', 9, 64) }

// wide writes a row for each sample, with its targets side by side.
func (p tables) wide(out io.Writer, items []stage.Prediction) error {
	rows := csv.NewWriter(out)
	head, starts := p.wideHead()
	if err := rows.Write(head); err != nil {
		return err
	}
	var order []string
	of := map[string][]string{}
	for _, item := range items {
		sample, target := p.Samples[item.CaseID], slices.Index(p.Asked.Targets, item.Tags[stage.TargetTag])
		if of[sample] == nil {
			order, of[sample] = append(order, sample), make([]string, len(head)-1) // empty where nobody asked
		}
		cells := of[sample][starts[target]:]
		for i, k := range p.shown(target) {
			cells[i] = digits(item.Probabilities[k])
		}
		if p.Sets != nil {
			cells[len(p.shown(target))] = strings.Join(p.set(item), setSeparator)
		}
	}
	for _, sample := range order {
		if cells := of[sample]; p.Rarity != nil {
			cells[len(cells)-1] = digits(p.Rarity.Of(sample))
		}
		if err := rows.Write(append([]string{sample}, of[sample]...)); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}

// shown are the classes of a target that wide shows: of two the last, from which the other
// follows.
func (p tables) shown(target int) []int {
	of := p.Asked.Of(target)
	if len(of) == 2 {
		return of[1:]
	}
	return of
}

// wideHead names the columns, and says where those of each target begin behind the first.
func (p tables) wideHead() (head []string, starts []int) {
	head = []string{"sample"}
	for target, name := range p.Asked.Targets {
		starts = append(starts, len(head)-1)
		shown := p.shown(target)
		for _, k := range shown {
			column := name
			if len(shown) > 1 || p.Asked.Among != nil {
				column += "_" + p.Asked.Classes[k]
			}
			head = append(head, column)
		}
		if p.Sets != nil {
			head = append(head, name+"_set")
		}
	}
	if p.Rarity != nil {
		head = append(head, outliers.Column)
	}
	return head, starts
}

// predicted is a case in JSON.
type predicted struct {
	Case          string             `json:"case_id"`
	Sample        string             `json:"sample,omitempty"`
	Target        string             `json:"target,omitempty"` // of those that the net answers
	Probabilities map[string]float64 `json:"probabilities"`
	Predicted     string             `json:"predicted"`
	Set           *[]string          `json:"set,omitempty"`       // may be empty; nil where the run makes none
	OutlierP      *float64           `json:"outlier_p,omitempty"` // nil where nobody knows
	Label         string             `json:"label,omitempty"`
}

func (p tables) json(out io.Writer, items []stage.Prediction) error {
	return writeJSON(out, p.whole(items))
}

// writeJSON writes what is one object of predictions.
func writeJSON(out io.Writer, whole map[string]any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(whole)
}

// whole are all predictions as one object.
func (p tables) whole(items []stage.Prediction) map[string]any {
	list := make([]predicted, len(items))
	for i, item := range items {
		list[i] = predicted{Case: item.CaseID, Probabilities: map[string]float64{}, Predicted: p.Asked.Classes[likeliest(item.Probabilities)]}
		if len(p.Asked.Targets) > 0 {
			list[i].Sample, list[i].Target = p.Samples[item.CaseID], item.Tags[stage.TargetTag]
		}
		for k, v := range item.Probabilities {
			if item.Among == nil || slices.Contains(item.Among, k) {
				list[i].Probabilities[p.Asked.Classes[k]] = v
			}
		}
		if p.Sets != nil {
			set := p.set(item)
			list[i].Set = &set
		}
		if p.Rarity != nil {
			rare := p.Rarity.Of(p.Name(item.CaseID))
			list[i].OutlierP = &rare
		}
		if item.Label >= 0 {
			list[i].Label = p.Asked.Classes[item.Label]
		}
	}
	whole := map[string]any{"run": p.Run.ID(), "classes": p.Asked.Classes, "predictions": list}
	if p.Asked.Among != nil {
		whole["target_classes"] = p.Asked.ByName()
	}
	return whole
}

// likeliest is the class of the highest probability; of equal ones the first.
func likeliest(probabilities []float64) (best int) {
	for k, v := range probabilities {
		if v > probabilities[best] {
			best = k
		}
	}
	return best
}
