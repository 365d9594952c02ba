package evaluate

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

func TestBadPredictionsAreRefusedByName(t *testing.T) {
	t.Parallel()
	for what, p := range map[string]stage.Prediction{
		"2 probabilities for 3 classes":  {Probabilities: []float64{0.5, 0.5}},
		"0 probabilities for 3 classes":  {},
		"label 3, want 0 to 2":           {Label: 3, Probabilities: []float64{1, 0, 0}},
		"label -1":                       {Label: -1, Probabilities: []float64{1, 0, 0}},
		"probability NaN of class 0":     {Probabilities: []float64{math.NaN(), 1, 0}},
		"probability +Inf of class 1":    {Probabilities: []float64{0, math.Inf(1), 0}},
		"probability -0.1 of class 2":    {Probabilities: []float64{1, 0.1, -0.1}},
		"probability 1.5 of class 0":     {Probabilities: []float64{1.5, 0, 0}},
		"the probabilities add up to 0.": {Probabilities: []float64{0.5, 0.4, 0}},
	} {
		p.CaseID = "x"
		_, err := Measure(Config{}, classes)([]stage.Prediction{some(1)[0], p})
		if err == nil || !strings.Contains(err.Error(), "case x: "+what) {
			t.Errorf("got %v, want case x and %q", err, what)
		}
	}
}

func TestNoPredictions(t *testing.T) {
	t.Parallel()
	if _, err := Measure(Default, classes)(nil); err == nil || err.Error() != "there are no predictions" {
		t.Errorf("got %v", err)
	}
}

func TestCaseTwice(t *testing.T) {
	t.Parallel()
	items := append(some(5), some(2)...)
	_, err := Measure(Default, classes)(items)
	if err == nil || !strings.Contains(err.Error(), "case 00000: there are two predictions") {
		t.Errorf("got %v", err)
	}
}

// FuzzPrepare: what is let through makes no metric panic or give infinities.
func FuzzPrepare(f *testing.F) {
	number := func(v ...float64) (b []byte) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		}
		return b
	}
	f.Add(0, number(0.2, 0.3, 0.5))
	f.Add(2, number(1, 0, 0))
	f.Add(1, number(math.NaN(), 1, 0))
	f.Add(1, number(math.Copysign(0, -1), 5e-324, 1))
	f.Fuzz(func(t *testing.T, label int, raw []byte) {
		item := stage.Prediction{CaseID: "x", Label: label, Tags: map[string]string{"condition": "spinal"}}
		for ; len(raw) >= 8; raw = raw[8:] {
			item.Probabilities = append(item.Probabilities, math.Float64frombits(binary.LittleEndian.Uint64(raw)))
		}
		p, err := prepare(classes, append(some(3), item))
		if err != nil {
			return
		}
		for _, name := range Metrics.Names() {
			one, _ := Metrics.Default(name)
			for _, s := range result(t, one.Part, p).Scalars {
				if math.IsInf(s.Value, 0) {
					t.Errorf("%s = %v of %v", s.Name, s.Value, item)
				}
			}
		}
	})
}
