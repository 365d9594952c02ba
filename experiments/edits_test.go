package experiments

import (
	"fmt"
	"testing"
)

const editBase = `
rule: {slow: {by: 9, every: 9}}
steps: [slow, {steady: {by: 2}}, slow]
data: {root: d, drop: [7, 8]}
phases: [{name: p}, {name: q, epochs: 3, rule: steady}]
rates: {a: 1, b: 2}
rules: {x.y: slow}
`

func TestEdits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		file string
		got  func(sample) any
		want string
	}{
		{"remove: [steps.steady]", func(s sample) any { return s.Steps }, "[slow slow]"},
		{"remove: [steps.0, steps.2]", func(s sample) any { return s.Steps }, "[steady]"},
		{"remove: [phases.q.rule]", func(s sample) any { return s.Phases[1].Rule == nil }, "true"},
		{"remove: [rates.a, data.drop.8, rates.b]", func(s sample) any { return fmt.Sprint(s.Rates, s.Data.Drop) }, "map[] [7]"},
		{"remove: [rules.x.y]", func(s sample) any { return len(s.Rules) }, "0"},
		{"remove: [rules.x]", nil, "x/a.yaml:2:10: remove: \"rules.x\" is not inherited; known: x.y"},
		{"set: {rules.x.y: steady}", func(s sample) any { return s.Rules["x.y"].Part }, "{1}"},
		{"remove: [steps.steady.by]", func(s sample) any { return s.Steps }, "[slow steady slow]"},
		{"set: {steps.steady.by: 7}", func(s sample) any { return s.Steps[1].Part }, "{7}"},
		{"remove: [rule]", func(s sample) any { return s.Rule.Part }, "{0.5 2}"},
		{"remove: [rule]\nrule: {slow: {by: 1}}", func(s sample) any { return s.Rule.Part }, "{1 2}"},
		{"append: {steps: [steady]}", func(s sample) any { return s.Steps }, "[slow steady slow steady]"},
		{"append: {data.drop: [9]}\nremove: [data.drop.7]", func(s sample) any { return s.Data.Drop }, "[8 9]"},
		{"append: {rates: [1]}\nset: {}", nil, "x/a.yaml:2:10: append.rates: is no list; write set to replace a value"},
		{"set: {phases.q.epochs: 4, rates.c: 5}", func(s sample) any { return fmt.Sprint(s.Phases[1].Epochs, s.Rates) }, "4 map[a:1 b:2 c:5]"},
		{"set: {steps.1: slow, rule.slow.by: 1}", func(s sample) any { return fmt.Sprint(s.Steps, s.Rule.Part) }, "[slow slow slow] {1 9}"},
	} {
		s, err := loadSample(map[string]string{"x/a.yaml": "extends: b.yaml\n" + test.file, "x/b.yaml": editBase})
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(test.got(s))
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.file, got, test.want)
		}
	}
}

// What no file gives has its default, and that can be appended to.
func TestAppendToDefault(t *testing.T) {
	t.Parallel()
	e, _, err := loadExperiment(inMemory(map[string]string{
		"a.yaml": "extends: b.yaml\nname: a\nappend: {evaluate.metrics: [kappa]}",
		"b.yaml": "data: {source: {rsna: {root: d}}}\ntrain: {phases: [{name: p, train: [all]}]}",
	}), "a.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := append(Default().Evaluate.Metrics[:len(Default().Evaluate.Metrics):len(Default().Evaluate.Metrics)], e.Evaluate.Metrics[len(e.Evaluate.Metrics)-1])
	if fmt.Sprint(e.Evaluate.Metrics) != fmt.Sprint(want) || want[len(want)-1].Name != "kappa" {
		t.Errorf("got %v", e.Evaluate.Metrics)
	}
}

// Edits of several levels are made one after the other.
func TestEditsOfSeveralLevels(t *testing.T) {
	t.Parallel()
	s, err := loadSample(map[string]string{
		"x/a.yaml":   "extends: b.yaml\nremove: [steps.slow]\nset: {data.root: here}",
		"x/b.yaml":   "extends: d/c.yaml\nappend: {steps: [steady]}\nremove: [steps.steady]\nset: {data.root: there}",
		"x/d/c.yaml": "steps: [slow, {steady: {by: 4}}]\n",
	})
	if err != nil || fmt.Sprint(s.Steps) != "[steady]" || s.Steps[0].Part != (steady{1}) || s.Data.Root != "x/here" {
		t.Errorf("got %+v, %v", s, err)
	}
}
