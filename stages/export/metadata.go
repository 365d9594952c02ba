package export

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"vertebra/stages/evaluate"
	"vertebra/stages/internal/torch"
)

// About says where a file comes from.
type About struct {
	Run         string // id
	Name        string // of the experiment
	Fingerprint string // of the data
	Program     string // that exports
	Libtorch    string // that trained
	Preprocess  any    // steps, as JSON writes them
	Folds       []int  // numbers of the nets' folds; none where there is one net
}

// input says what the graph wants.
type input struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Shape  []any    `json:"shape"`
	Range  [2]int   `json:"range"`
	Views  []string `json:"views,omitempty"`  // the channels are theirs, one after the other
	Slices int      `json:"slices,omitempty"` // of each view, in the place of colours
	Stored string   `json:"meaning"`
}

// covariates says what the graph wants besides images.
type covariates struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Shape   []any    `json:"shape"`
	Columns []string `json:"columns"`
	Meaning string   `json:"meaning"`
}

const covariatesMeaning = "of a category 1 in the column of its value and 0 in the others, of a number its value and 1 behind it; of what is not known 0 in all its columns"

// output says what it gives.
type output struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Shape   []any  `json:"shape"`
	Meaning string `json:"meaning"`
}

// threshold is the probability of the last of two classes above which it is the likelier.
type threshold struct {
	Target string  `json:"target,omitempty"`
	Class  string  `json:"class"`
	Above  float64 `json:"above"`
}

// metadata is what the file says of itself, by key; lists and maps are JSON.
func (e *exporter) metadata(format string) map[string]string {
	out := map[string]string{
		"format": format, "run": e.About.Run, "experiment": e.About.Name, "fingerprint": e.About.Fingerprint,
		"program": e.About.Program, "libtorch_of_training": e.About.Libtorch, "libtorch_of_export": torch.Version(),
		"classes":    text(e.Names.Classes),
		"preprocess": text(e.About.Preprocess),
		"input":      text(e.describeInput()),
		"outputs":    text(e.describeOutputs()),
		"decision":   "the class of the largest probability; of equal ones the first",
		"nets":       fmt.Sprint(e.nets()),
		"normalisation": text(e.each(func(m *member) any {
			return map[string][]float64{"mean": m.Model.Input.Mean, "std": m.Model.Input.Std}
		})),
	}
	if len(e.Names.Targets) > 0 {
		out["targets"] = text(e.Names.Targets)
	}
	if e.Names.Among != nil {
		out["classes_of_targets"] = text(e.Names.Questions().ByName())
	}
	if columns := e.Names.Covariates; len(columns) > 0 {
		out["covariates"] = text(covariates{covariatesName, "float32", []any{"batch", len(columns)}, columns, covariatesMeaning})
	}
	if len(e.About.Folds) > 0 {
		out["folds"] = text(e.About.Folds)
	}
	e.tellAnswers(out)
	maps.DeleteFunc(out, func(_, value string) bool { return value == "" })
	return out
}

// tellAnswers adds what becomes of the probabilities, and what is decided by them.
func (e *exporter) tellAnswers(out map[string]string) {
	if e.Calibrator != nil {
		out["calibration"], out["calibrated"] = text(e.Calibrator), fmt.Sprint(!e.Raw)
	}
	if e.Sets != nil {
		out["prediction_sets"], out["prediction_set_rule"] = text(e.Sets), e.setRule()
	}
	if views := e.each(func(m *member) any { return m.Train.TestTime.String() }); strings.Trim(text(views), `[",]`) != "" {
		out["test_time_augmentation"] = strings.Trim(text(views), `"`)
	}
	if len(e.members) > 1 {
		out["members"] = text(e.each(func(m *member) any { return m.Run }))
		out["blend"] = text(map[string]any{"by": e.Blend.By, "weights": e.Blend.Weights, "calibrations": e.each(func(m *member) any { return m.Calibrator })})
	}
	if list := e.thresholds(); list != nil {
		out["thresholds"] = text(list)
		out["decision"] = "the second class where its probability is above the threshold, else the first"
	} else if e.Raw && e.Calibrator != nil {
		out["decision"] = "the class of the largest probability after calibration, softmax(scale · ln p + offset)"
	}
}

// setRule says in words how a prediction set comes of the probabilities.
func (e *exporter) setRule() string {
	rule := "every class whose score (prediction_sets.score) is at most its threshold: one threshold for all classes or one for each, of a target those of prediction_sets.of; null lets a class in always"
	if e.Names.Among != nil {
		rule += "; of a target among its classes alone, in the order of classes_of_targets"
	}
	if _, is := e.Sets.Method.Part.(evaluate.Contiguous); is {
		rule += "; and every class between two of the set"
	}
	if e.Raw && e.Calibrator != nil {
		rule += "; of the probabilities after calibration, softmax(scale · ln p + offset)"
	}
	return rule
}

// each is what is said of the member, or a list of what is said of all.
func (e *exporter) each(say func(*member) any) any {
	var out []any
	for _, m := range e.members {
		out = append(out, say(m))
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

func (e *exporter) describeInput() input {
	shape, several := e.Layout.Shape, e.Layout.Slices
	if several == 1 {
		several = 0
	}
	return input{
		Name: inputName, Type: "float32", Shape: []any{"batch", shape.Channels, shape.Height, shape.Width}, Range: [2]int{0, 1},
		Views: e.Names.Views, Slices: several,
		Stored: "images as the steps of preprocess leave them, channels, then rows, then columns; mean and std are applied in the graph",
	}
}

func (e *exporter) describeOutputs() []output {
	shape := func(each int) []any {
		if len(e.Names.Targets) > 0 {
			return []any{"batch", len(e.Names.Targets), each}
		}
		return []any{"batch", each}
	}
	logits := output{logitsName, "float32", shape(e.members[0].Task.Each), "what the last layer says of the images as they are, the mean over the nets; not calibrated"}
	if of := e.members[0].Task.Own; of != nil {
		logits.Shape = []any{"batch", e.members[0].Task.All()}
		logits.Meaning += "; of the targets one after the other as many: " + strings.Trim(fmt.Sprint(of), "[]")
	}
	if len(e.members) > 1 {
		logits.Shape, logits.Meaning = shape(len(e.Names.Classes)), "logarithms of the blended probabilities; not calibrated after the blend"
	}
	meaning := "of each class, calibrated where the run is"
	if e.Names.Among != nil {
		meaning += "; 0 of classes that are none of the target's"
	}
	return []output{{probabilitiesName, "float32", shape(len(e.Names.Classes)), meaning}, logits}
}

// thresholds of two classes; nil of more, and where a calibration that is left out does not
// rise with the probability.
func (e *exporter) thresholds() (out []threshold) {
	if len(e.Names.Classes) != 2 {
		return nil
	}
	falls := func(m evaluate.FittedCalibrator) bool { return slices.Min(m.Scale) <= 0 }
	if e.Calibrator != nil && e.Raw && slices.ContainsFunc(e.calibration(e.Calibrator).ofTargets(), falls) {
		return nil
	}
	targets := e.Names.Targets
	if len(targets) == 0 {
		targets = []string{""}
	}
	for _, target := range targets {
		above := 0.5
		if e.Calibrator != nil && e.Raw {
			above = boundary(e.Calibrator.For(target))
		}
		out = append(out, threshold{target, e.Names.Classes[1], above})
	}
	return out
}

// boundary is the probability from which on the calibrated one of the second class is the
// higher: found by halving, as calibrated ones rise with the others.
func boundary(m evaluate.FittedCalibrator) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		middle := (low + high) / 2
		if p := m.Probabilities([]float64{1 - middle, middle}); p[1] > p[0] {
			high = middle
		} else {
			low = middle
		}
	}
	return math.Round(high*1e12) / 1e12
}

// text is JSON; what is written here always has a form.
func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
