package experiments

import (
	"fmt"
	"strings"
	"testing"
)

// TestDiffering: every run's own value stands in its place, also where a list has several
// entries that others lack.
func TestDiffering(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		experiments []string
		want        string
	}{
		{[]string{"{a: 1}", "{a: 1}"}, ""},
		{[]string{"{a: 1}", "{a: 2}", "{a: 1}"}, "a: 1 | 2 | 1"},
		{[]string{"{a: 1, c: 1}", "{b: 2, c: 1}", "{a: 1, c: 1}"}, "a: 1 |  | 1\nb:  | 2 | "},
		{[]string{"{l: []}", "{l: [x, y, z]}"}, "l:  | x, y, z"},
		{[]string{"{l: [x, y]}", "{l: [y, z, w]}", "{l: [x, y]}"}, "l: x | z, w | x"},
		{[]string{"{l: [x, y]}", "{l: [y, x]}"}, "l: x, y | y, x"},
		{[]string{"{l: [1, 2]}", "{l: [1, 3]}"}, "l: [1, 2] | [1, 3]"},
		{[]string{"{l: [x, {y: {p: 1}}]}", "{l: [x]}", "{l: [{y: {p: 2}}, {z: {q: 1}}]}"}, "l: x, {y: {p: 1}} | x | {y: {p: 2}}, {z: {q: 1}}\nl.y.y.p: 1 | 1 | 2"},
		{[]string{"{o: {adam: {rate: 1}}}", "{o: {sgd: {rate: 2}}}"}, "o: {adam: {rate: 1}} | {sgd: {rate: 2}}"},
	} {
		var texts [][]byte
		for _, e := range test.experiments {
			texts = append(texts, []byte(e))
		}
		settings, err := Differing(texts...)
		var got []string
		for _, s := range settings {
			got = append(got, fmt.Sprintf("%s: %s", s.Path, strings.Join(s.Values, " | ")))
		}
		if strings.Join(got, "\n") != test.want || err != nil {
			t.Errorf("%v: got %v\n%s\nwant\n%s", test.experiments, err, strings.Join(got, "\n"), test.want)
		}
	}
	if _, err := Differing([]byte("["), nil); err == nil {
		t.Error("what is no YAML was compared")
	}
}
