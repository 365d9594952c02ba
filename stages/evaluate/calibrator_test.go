package evaluate

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestSciPyAgreesOnCalibration: the parameters are those of SciPy's optimizer,
// and the loss is not above its.
func TestSciPyAgreesOnCalibration(t *testing.T) {
	t.Parallel()
	for _, c := range readReference(t).Calibrated {
		p := c.predictions()
		check := func(calibrator Calibrator, loss float64, want FittedCalibrator) {
			got, err := calibrator.Fit(p)
			if err != nil {
				t.Fatalf("%s, %s: %v", c.Name, want.Name, err)
			}
			close := func(a, b float64) bool { return math.Abs(a-b) < 1e-4 }
			if got.Name != want.Name || !slices.EqualFunc(got.Scale, want.Scale, close) || !slices.EqualFunc(got.Offset, want.Offset, close) {
				t.Errorf("%s: got %v, SciPy has %v", c.Name, got, want)
			}
			after := LogLoss{}.Values(Predictions{Classes: p.Classes, Items: got.calibrateAll(p.Items)})[0]
			if !(after <= loss+1e-9) || !(after < c.Before) {
				t.Errorf("%s, %s: loss %.12f, SciPy has %.12f; %.12f before", c.Name, want.Name, after, loss, c.Before)
			}
		}
		check(Temperature{}, c.Temperature.Loss, FittedCalibrator{Name: "temperature", Scale: c.Temperature.Scale})
		check(Vector{}, c.Vector.Loss, FittedCalibrator{Name: "vector", Scale: c.Vector.Scale, Offset: c.Vector.Offset})
	}
}

// TestEveryCalibrator survives what validation splits can be: one case, sure
// probabilities, all of one class. Calibrated probabilities sum to 1.
func TestEveryCalibrator(t *testing.T) {
	t.Parallel()
	for _, name := range Calibrators.Names() {
		one, _ := Calibrators.Default(name)
		for set, p := range sets() {
			calibrator, err := one.Part.Fit(p)
			if err != nil {
				continue // said, which is all that is asked where classes can be told apart without end
			}
			for _, item := range calibrator.calibrateAll(p.Items) {
				if err := checkOne(item, 3); err != nil {
					t.Errorf("%s, %s: %v", name, set, err)
				}
			}
		}
	}
}

func TestTemperatureChangesNoClass(t *testing.T) {
	t.Parallel()
	m := FittedCalibrator{Name: "temperature", Scale: []float64{0.3}}
	for _, item := range some(50) {
		if got := m.Probabilities(item.Probabilities); largest(got) != largest(item.Probabilities) {
			t.Errorf("%v became %v", item.Probabilities, got)
		}
	}
	// ln 0.8 and ln 0.2 halved: √0.8 : √0.2 = 2 : 1
	got := FittedCalibrator{Scale: []float64{0.5}}.Probabilities([]float64{0.8, 0.2})
	if !near(got[0], 2.0/3) || !near(got[1], 1.0/3) {
		t.Errorf("got %v, want 2/3 and 1/3", got)
	}
}

// TestTemperatureWithoutMistakes: a split on which all is right tells no temperature.
func TestTemperatureWithoutMistakes(t *testing.T) {
	t.Parallel()
	var items []stage.Prediction
	for i := range 20 {
		p := []float64{0.6, 0.4}
		if i%2 == 1 {
			p = []float64{0.4, 0.6}
		}
		items = append(items, stage.Prediction{CaseID: strconv.Itoa(100 + i), Label: i % 2, Probabilities: p})
	}
	got, err := Temperature{}.Fit(Predictions{Classes: []string{"no", "yes"}, Items: items})
	if err != nil || got.Scale[0] != coldest {
		t.Errorf("got %v, %v; want the lowest temperature", got, err)
	}
}

// TestTemperatureOfANetWorseThanChance: less sure, and not the other way round.
func TestTemperatureOfANetWorseThanChance(t *testing.T) {
	t.Parallel()
	var items []stage.Prediction
	for i := range 20 {
		wrong := [][]float64{{0.3, 0.7}, {0.6, 0.4}}[i%2]
		if i < 4 { // now and then it is right
			slices.Reverse(wrong)
		}
		items = append(items, stage.Prediction{CaseID: strconv.Itoa(i), Label: i % 2, Probabilities: wrong})
	}
	p, err := prepare([]string{"a", "b"}, items)
	if err != nil {
		t.Fatal(err)
	}
	calibrator, err := Temperature{}.Fit(p)
	if err != nil {
		t.Fatal(err)
	}
	got := calibrator.Probabilities([]float64{0.3, 0.7})
	if got[1] <= got[0] || got[1] > 0.501 {
		t.Errorf("0.3 and 0.7 became %v with %v", got, calibrator)
	}
}

func TestMendIsStored(t *testing.T) {
	t.Parallel()
	want := FittedCalibrator{Name: "vector", Scale: []float64{0.1 + 0.2, 2}, Offset: []float64{0, -1}}
	fact, err := want.Fact()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ReadCalibrator(fact.Value, 2); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, text := range []string{"", "{}", `{"scale":[]}`, `{"scale":[1,2],"offset":[1,2,3]}`, `{"scale":[1,2,3]}`, `{"scale":[1],"offset":[1]}`} {
		if _, err := ReadCalibrator(text, 2); err == nil || !strings.Contains(err.Error(), "stored calibration") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// TestRunCalibrates: fitted on validation alone, measured on both splits.
func TestRunCalibrates(t *testing.T) {
	t.Parallel()
	items := some(200)
	for i := range items {
		items[i].Split = []stage.Split{stage.Validation, stage.Test}[i%2]
	}
	record := func(items []stage.Prediction) (values map[string]float64, texts []string) {
		values = map[string]float64{}
		cfg := Config{Calibrate: &registry.One[Calibrator]{Name: "temperature", Part: Temperature{}}, Subgroups: []string{"level"}}
		err := Run(t.Context(), stage.Env{Recorder: collector(func(r stage.Record) {
			switch v := r.(type) {
			case stage.Scalar:
				values[v.Series+" "+v.Name] = v.Value
			case stage.Fact:
				texts = append(texts, v.Name+" "+v.Value)
			case stage.Event:
				texts = append(texts, v.Text)
			case stage.Curve:
				texts = append(texts, v.Title)
			}
		})}, cfg, classes, nil, items)
		if err != nil {
			t.Fatal(err)
		}
		return values, texts
	}
	values, texts := record(items)
	if before, after := values["validation loss"], values["validation calibrated loss"]; !(after < before) {
		t.Errorf("the loss of validation went from %v to %v", before, after)
	}
	if before, after := values["test loss"], values["test calibrated loss"]; after == 0 || !(after < before) {
		t.Errorf("the loss of test went from %v to %v", before, after) // labels are noise: less sure is better
	}
	if texts[0] != `classes ["normal_mild","moderate","severe"]` || !strings.HasPrefix(texts[1], `calibration {"name":"temperature","scale":[`) || !slices.Contains(texts, "Reliability after calibration, test") {
		t.Errorf("got %q", texts)
	}
	_, texts = record(ofSplit(items, stage.Test))
	if !strings.Contains(strings.Join(texts, "\n"), "no predictions of the validation split") {
		t.Errorf("got %q", texts)
	}
}

// collector is a Recorder that passes each record on.
type collector func(stage.Record)

func (c collector) Progress(stage.Progress) {}

func (c collector) Record(_ context.Context, records ...stage.Record) error {
	for _, r := range records {
		c(r)
	}
	return nil
}

// TestVectorKeepsWithin: what the validation split leaves open does not run away: a net that
// says nearly the same of every case, one without a mistake, and a class without a case.
func TestVectorKeepsWithin(t *testing.T) {
	t.Parallel()
	predicted := func(say func(i, label int) []float64, classes int) (p Predictions) {
		p.Classes = []string{"a", "b", "c"}
		for i := range 60 {
			label := i % classes
			p.Items = append(p.Items, stage.Prediction{CaseID: fmt.Sprintf("%02d", i), Label: label, Probabilities: say(i, label)})
		}
		return p
	}
	for name, p := range map[string]Predictions{
		"nearly constant": predicted(func(i, label int) []float64 {
			d := 1e-4 * float64(label+i%2)
			return []float64{0.4 - d, 0.35, 0.25 + d}
		}, 3),
		"no mistake": predicted(func(_, label int) []float64 {
			out := []float64{0.1, 0.1, 0.1}
			out[label] = 0.8
			return out
		}, 3),
		"no case of c": predicted(func(i, _ int) []float64 { return []float64{0.5, 0.2 + 0.01*float64(i%7), 0.3 - 0.01*float64(i%7)} }, 2),
	} {
		calibrator, err := Vector{}.Fit(p)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, v := range append(slices.Clone(calibrator.Scale), calibrator.Offset...) {
			if !(math.Abs(v) < 12) {
				t.Errorf("%s: scale %v, offset %v", name, calibrator.Scale, calibrator.Offset)
				break
			}
		}
	}
}
