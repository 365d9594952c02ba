package main

import (
	"fmt"
	"slices"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// listening keeps what an audience is told.
type listening struct{ said, warned []string }

func (h *listening) say(format string, args ...any) {
	h.said = append(h.said, fmt.Sprintf(format, args...))
}
func (h *listening) warn(format string, args ...any) {
	h.warned = append(h.warned, fmt.Sprintf(format, args...))
}
func (h *listening) stages() stage.Recorder { return stage.Discard }

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
		p     predictor
		cases audit.Cases
		items []stage.Prediction
		want  []string
		fails bool
	}{
		"all":                 {predictor{}, cases, []stage.Prediction{item("a"), item("b"), item("c")}, []string{left}, false},
		"one lacks":           {predictor{}, cases, []stage.Prediction{item("a"), item("c")}, []string{left, "1 of 3 images could not be used and have no prediction"}, false},
		"the audit tells":     {predictor{}, audited, []stage.Prediction{item("a"), item("b"), item("c")}, nil, false},
		"none":                {predictor{}, audited, nil, []string{"3 of 3 images could not be used and have no prediction"}, true},
		"targets":             {predictor{samples: samples}, targets, []stage.Prediction{item("a_u"), item("b_t"), item("b_u")}, []string{left}, false},
		"a sample of targets": {predictor{samples: samples}, targets, []stage.Prediction{item("a_u")}, []string{left, "1 of 2 images could not be used and have no prediction"}, false},
	} {
		to := &listening{}
		err := c.p.tellMissing(to, c.cases, c.items)
		if !slices.Equal(to.warned, c.want) || (err != nil) != c.fails {
			t.Errorf("%s: got %q, %v, want %q", name, to.warned, err, c.want)
		}
	}
}

// TestTellUnknown: of how many samples a covariate is not known, and what it could be.
func TestTellUnknown(t *testing.T) {
	t.Parallel()
	p := predictor{covariates: stage.Covariates{{Name: "sex", Values: []string{"f", "m"}}, {Name: "age"}, {Name: "site", Values: []string{"n"}}}}
	case1 := func(sex, age string) stage.Case {
		return stage.Case{Tags: map[string]string{"sex": sex, "age": age, "site": "n"}}
	}
	to := &listening{}
	p.tellUnknown(to, audit.Cases{Cases: []stage.Case{case1("f", "40"), case1("x", ""), case1("", "old"), case1("m", "NaN")}})
	rest := "images is not known, or nothing that the net has seen; it is "
	if want := []string{"sex of 2 of 4 " + rest + "one of f, m, from a column of that name in a CSV file", "age of 3 of 4 " + rest + "a number, from a column of that name in a CSV file"}; !slices.Equal(to.warned, want) {
		t.Errorf("got %q, want %q", to.warned, want)
	}
}
