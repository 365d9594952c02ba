package evaluate

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// biased are answers to a frequent and a rare question. What is stated is too much for
// the rare one by the same factor of the odds by which it is too little for the other.
func biased(n int) (items []stage.Prediction) {
	for i := range n {
		for t, name := range []string{"frequent", "rare"} {
			r := stage.Rand(3, "biased", i, t)
			stated := 0.1 + 0.8*r.Float64()
			odds := stated / (1 - stated) * []float64{3, 1.0 / 3}[t]
			label := 0
			if r.Float64() < odds/(1+odds) {
				label = 1
			}
			items = append(items, stage.Prediction{CaseID: fmt.Sprint(i, name), Group: fmt.Sprint(i), Split: stage.Validation, Label: label,
				Probabilities: []float64{1 - stated, stated}, Tags: map[string]string{stage.TargetTag: name}})
		}
	}
	return items
}

// TestEachTargetIsCalibrated: the errors of two findings cancel when they are taken
// together, and are both found one by one; so what is stored for later predictions is
// of each.
func TestEachTargetIsCalibrated(t *testing.T) {
	t.Parallel()
	items := biased(2000)
	p := averaged(t, answers, items)
	m, without, err := fitTargets(Vector{}, p)
	if err != nil || without.own != nil || len(m.Of) != 2 || m.Tag != stage.TargetTag {
		t.Fatalf("got %+v, %v, %v", m, without, err)
	}
	for name, want := range map[string]float64{"frequent": 0.75, "rare": 0.25} { // odds of 3 to 1 and 1 to 3
		if got := m.Of[name].Probabilities([]float64{0.5, 0.5})[1]; !(math.Abs(got-want) <= 0.05) {
			t.Errorf("%s: a stated half is %v, want about %v", name, got, want)
		}
	}
	fact, err := m.Fact()
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadCalibrator(fact.Value, 2)
	if err != nil || !reflect.DeepEqual(read, m) {
		t.Errorf("stored %+v, read %+v, %v", m, read, err)
	}
	loss := func(m FittedCalibrator) float64 { return p.of(m.calibrateAll(p.Items)).values(LogLoss{})[0] }
	pooled := m
	pooled.Of = nil
	if before, together, each := loss(FittedCalibrator{Scale: []float64{1}}), loss(pooled), loss(read); each > together-0.05 || together > before {
		t.Errorf("the loss is %v before, %v calibrated together, %v calibrated one by one", before, together, each)
	}
	// a question of a later net that the calibration does not know
	stranger := stage.Prediction{Probabilities: []float64{0.3, 0.7}, Tags: map[string]string{stage.TargetTag: "new"}}
	if got, want := read.Calibrate(stranger).Probabilities, pooled.Probabilities([]float64{0.3, 0.7}); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestRareTargetIsCalibratedWithAll: a finding with a handful of cases gets what all
// have in common, and the reader is told.
func TestRareTargetIsCalibratedWithAll(t *testing.T) {
	t.Parallel()
	vector, _ := Calibrators.Default("vector")
	cfg := Config{AverageOver: stage.TargetTag, Calibrate: &vector, Metrics: []registry.One[Metric]{{Name: "loss"}}}
	items := biased(200)
	left := 0
	for i := range items {
		if items[i].Tags[stage.TargetTag] == "rare" && items[i].Label == 1 {
			if left++; left >= leastOfClass {
				items[i].Label = 0
			}
		}
	}
	all := strings.Join(ran(t, stage.Env{}, cfg, answers, items), "\n")
	for _, want := range []string{
		"calibrate: rare: fewer than 10 validation cases of a class, or no fit; calibrated as every target together", `\"tag\":\"target\",\"of\":{\"frequent\":`,
		`Series:"validation calibrated"`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the records do not hold %s", want)
		}
	}
}

// TestOldFactIsRead: what earlier programs stored has no targets.
func TestOldFactIsRead(t *testing.T) {
	t.Parallel()
	m, err := ReadCalibrator(`{"name":"temperature","scale":[0.5],"offset":null}`, 2)
	item := stage.Prediction{Probabilities: []float64{0.8, 0.2}, Tags: map[string]string{stage.TargetTag: "a"}}
	if got := m.Calibrate(item).Probabilities; err != nil || !near(got[0], 2.0/3) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := ReadCalibrator(`{"name":"vector","scale":[1],"tag":"target","of":{"a":{"scale":[]}}}`, 2); err == nil || !strings.Contains(err.Error(), "calibration of a: 0 scales") {
		t.Errorf("got %v", err)
	}
}
