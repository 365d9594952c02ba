package predict

import (
	"context"
	"slices"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// heard keeps the warnings that are recorded.
type heard []string

func (h *heard) Record(_ context.Context, records ...stage.Record) error {
	for _, r := range records {
		if e, is := r.(stage.Event); is && e.Level == "warning" && e.Stage == "" {
			*h = append(*h, e.Text)
		}
	}
	return nil
}

func (*heard) Progress(stage.Progress) {}

// TestTellMissing: what has no prediction is told, and why; the audit, where there is one, tells
// why by itself. Of a sample with several targets one prediction is enough.
func TestTellMissing(t *testing.T) {
	t.Parallel()
	cases := audit.Cases{Cases: []stage.Case{{ID: "a"}, {ID: "b"}, {ID: "c"}}, Dropped: []audit.Finding{{Rule: "unreadable image", IDs: []string{"x", "y"}, Reason: "it is broken"}}}
	item := func(id string) stage.Prediction { return stage.Prediction{CaseID: id} }
	left := "left out: unreadable image: 2, such as x (it is broken)"
	targets := cases
	targets.Targets = []string{"t", "u"}
	targets.Cases = []stage.Case{{ID: "a_t", Sample: "a"}, {ID: "a_u", Sample: "a"}, {ID: "b_t", Sample: "b"}, {ID: "b_u", Sample: "b"}}
	samples := map[string]string{"a_t": "a", "a_u": "a", "b_t": "b", "b_u": "b"}
	audited := cases
	audited.Looks = &audit.Looks{}
	for name, c := range map[string]struct {
		p     Predictor
		cases audit.Cases
		items []stage.Prediction
		want  []string
		fails bool
	}{
		"all":                 {Predictor{}, cases, []stage.Prediction{item("a"), item("b"), item("c")}, []string{left}, false},
		"one lacks":           {Predictor{}, cases, []stage.Prediction{item("a"), item("c")}, []string{left, "1 of 3 images could not be used and have no prediction"}, false},
		"the audit tells":     {Predictor{}, audited, []stage.Prediction{item("a"), item("b"), item("c")}, nil, false},
		"none":                {Predictor{}, audited, nil, []string{"3 of 3 images could not be used and have no prediction"}, true},
		"targets":             {Predictor{Samples: samples}, targets, []stage.Prediction{item("a_u"), item("b_t"), item("b_u")}, []string{left}, false},
		"a sample of targets": {Predictor{Samples: samples}, targets, []stage.Prediction{item("a_u")}, []string{left, "1 of 2 images could not be used and have no prediction"}, false},
	} {
		var to heard
		err := c.p.tellMissing(t.Context(), stage.Env{Recorder: &to}, c.cases, c.items)
		if !slices.Equal(to, c.want) || (err != nil) != c.fails {
			t.Errorf("%s: got %q, %v, want %q", name, to, err, c.want)
		}
	}
}

// TestUnknown: of how many samples a covariate is not known, and what it could be.
func TestUnknown(t *testing.T) {
	t.Parallel()
	known := stage.Covariates{{Name: "sex", Values: []string{"f", "m"}}, {Name: "age"}, {Name: "site", Values: []string{"n"}}}
	case1 := func(sex, age string) stage.Case {
		return stage.Case{Tags: map[string]string{"sex": sex, "age": age, "site": "n"}}
	}
	got := unknown(known, audit.Cases{Cases: []stage.Case{case1("f", "40"), case1("x", ""), case1("", "old"), case1("m", "NaN")}})
	rest := "images is not known, or nothing that the net has seen; it is "
	if want := []string{"sex of 2 of 4 " + rest + "one of f, m, from a column of that name in a CSV file", "age of 3 of 4 " + rest + "a number, from a column of that name in a CSV file"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
