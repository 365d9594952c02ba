package reports

import (
	"encoding/json"
	"math"
	"slices"
)

// trialsView is what the script needs to choose trials by ranges of their settings, and to tell of
// one under the pointer: places on the axes of the parallel coordinates, and the words for them.
type trialsView struct {
	Top    float64     `json:"top"` // of all axes, in the drawing
	Bottom float64     `json:"bottom"`
	Axes   []axisView  `json:"axes"`   // the last is the objective's
	Trials []trialView `json:"trials"` // the best first, those without a value last
}

type axisView struct {
	Path    string  `json:"path"` // names alone may be those of several settings
	Name    string  `json:"name"`
	X       float64 `json:"x"`
	Choices bool    `json:"choices,omitempty"`
}

type trialView struct {
	Number  int        `json:"number"`
	State   string     `json:"state"`
	Best    bool       `json:"best,omitempty"`
	At      []*float64 `json:"at"`    // on each axis, from 0 to 1; null where the setting does not count
	Texts   []string   `json:"texts"` // the values there
	Besides string     `json:"besides,omitempty"`
}

// trials are all trials, as JSON.
func (p *parallelPlot) trials() (string, error) {
	v := trialsView{Top: p.top, Bottom: p.bottom}
	for i, setting := range p.Settings {
		v.Axes = append(v.Axes, axisView{setting.Path, lastWords(setting.Path), tenth(p.x(i)), setting.Choices})
	}
	v.Axes = append(v.Axes, axisView{Path: p.Record.Objective, Name: p.Record.Objective, X: tenth(p.x(len(p.Settings)))})
	drawn := map[int]bool{}
	for _, t := range p.ranked {
		drawn[t.Number] = true
	}
	rest := slices.DeleteFunc(slices.Clone(p.Trials), func(t SweepTrial) bool { return drawn[t.Number] })
	for _, t := range slices.Concat(p.ranked, rest) {
		v.Trials = append(v.Trials, p.trialView(t, drawn[t.Number]))
	}
	text, err := json.Marshal(v)
	return string(text), err
}

func (p *parallelPlot) trialView(t SweepTrial, drawn bool) trialView {
	v := trialView{Number: t.Number, State: p.Record.StateWords(t.state()), Best: t.Number == p.Best, Besides: besides(t)}
	for _, setting := range p.Settings {
		share, counts := t.Shares[setting.Path]
		v.At, v.Texts = append(v.At, placeOf(share, counts)), append(v.Texts, setting.Called(t.Rows[0].Settings[setting.Path]))
	}
	share := (p.bottom - p.value.at(t.Value)) / (p.bottom - p.top)
	v.At, v.Texts = append(v.At, placeOf(share, drawn)), append(v.Texts, valueText(t.Value))
	return v
}

// placeOf is a share of an axis, to what can be seen; nil for none.
func placeOf(share float64, there bool) *float64 {
	if !there || !finite(share) {
		return nil
	}
	return new(math.Round(share*1e4) / 1e4)
}

func tenth(v float64) float64 { return math.Round(10*v) / 10 }
