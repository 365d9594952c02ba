package experiments

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"vertebra/stages/registry"
)

func TestExtends(t *testing.T) {
	t.Parallel()
	got, err := loadSample(map[string]string{
		"x/a.yaml":      "name: a\nextends: base/b.yaml\nrule: {slow: {by: 3}}\nsteps: [steady]\nrates: {b: 20, c: 30}\n",
		"x/base/b.yaml": "name: b\npurpose: b\nextends: ../c.yaml\ndata: {root: b}\nrule: {slow: {every: 7}}\n",
		"x/c.yaml":      "seed: 7\ndata: {root: c, drop: ['1', '2']}\nrule: {steady: {by: 9}}\nsteps: [slow, slow]\nrates: {a: 1, b: 2}\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := sample{
		Name: "a", Seed: 7, Data: sampleData{"x/base/b", []string{"1", "2"}},
		Rule: registry.One[rule]{Name: "slow", Part: slow{3, 7}}, Steps: []registry.One[rule]{{Name: "steady", Part: steady{1}}},
		Rates: map[string]float64{"a": 1, "b": 20, "c": 30},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestExtendsParts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		base, over string
		want       rule
	}{
		{"{slow: {by: 9, every: 9}}", "{slow: {by: 3}}", slow{3, 9}},
		{"{slow: {by: 9, every: 9}}", "slow", slow{0.5, 2}},
		{"{slow: {by: 9, every: 9}}", "{slow: {}}", slow{9, 9}},
		{"{slow: {by: 9, every: 9}}", "{steady: {by: 3}}", steady{3}},
		{"{slow: {by: 9, every: 9}}", "steady", steady{1}},
		{"slow", "{slow: {by: 3}}", slow{3, 2}},
		{"{steady: {by: 9}}", "null", slow{0.5, 2}},
	} {
		got, err := loadSample(map[string]string{"x/a.yaml": "extends: b.yaml\nrule: " + test.over, "x/b.yaml": "rule: " + test.base})
		if err != nil || got.Rule.Part != test.want {
			t.Errorf("%s over %s: got %+v, %v, want %+v", test.over, test.base, got.Rule.Part, err, test.want)
		}
	}
}

// Aliases share nodes; a merge or a --set must not change what others see.
func TestAliasesStayApart(t *testing.T) {
	t.Parallel()
	got, err := loadSample(map[string]string{
		"x/a.yaml": "rule: &r {slow: {by: 3}}\nsteps: [*r, *r]\nphases:\n - &p {name: p, rule: *r}\n - *p\n",
	}, "steps.0.slow.by=4", "phases.0.epochs=5")
	if err != nil {
		t.Fatal(err)
	}
	if got.Rule.Part != (slow{3, 2}) || got.Steps[0].Part != (slow{4, 2}) || got.Steps[1].Part != (slow{3, 2}) {
		t.Errorf("got %+v and %+v", got.Rule, got.Steps)
	}
	if got.Phases[0].Epochs != 5 || got.Phases[1].Epochs != 1 {
		t.Errorf("got %+v", got.Phases)
	}
}

func TestExtendsMistakes(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range 20 {
		many[fmt.Sprintf("x/%d.yaml", i)] = fmt.Sprintf("extends: %d.yaml", i+1)
	}
	many["x/a.yaml"] = "extends: 0.yaml"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"itself", map[string]string{"x/a.yaml": "extends: ../x/a.yaml"}, "x/a.yaml:1:10: extends: goes in a circle: x/a.yaml -> x/a.yaml"},
		{"circle", map[string]string{"x/a.yaml": "extends: b.yaml", "x/b.yaml": "seed: 1\nextends: c.yaml", "x/c.yaml": "extends: b.yaml"},
			"x/c.yaml:1:10: extends: goes in a circle: x/b.yaml -> x/c.yaml -> x/b.yaml (inherited by x/a.yaml through x/b.yaml)"},
		{"missing", map[string]string{"x/a.yaml": "extends: no.yaml"}, "x/a.yaml:1:10: extends: cannot read x/no.yaml: file does not exist; the path is relative to x"},
		{"list", map[string]string{"x/a.yaml": "extends: [b.yaml]"}, "x/a.yaml:1:10: extends: want the path of one file; it is relative to x"},
		{"many", many, "x/14.yaml:1:10: extends: more than 16 files extend each other (inherited by x/a.yaml through 14 files)"},
		{"misspelt", map[string]string{"x/a.yaml": "extend: b.yaml"}, `x/a.yaml:1:1: no setting "extend"; did you mean extends?`},
		{"mistake in a base", map[string]string{"x/a.yaml": "extends: b.yaml\nrule: {slow: {by: 1}}\ndata:\n  drop: x", "x/b.yaml": "seed: 1.5\nseed: 2\nrule: {slow: {every: 0}}"},
			"x/a.yaml:4:9: data.drop: want a list, got \"x\"; write [x]\n" +
				"x/b.yaml:1:7: seed: want a whole number, got 1.5 (inherited by x/a.yaml)\n" +
				"x/b.yaml:2:1: seed: is given twice; it was given on line 1 already (inherited by x/a.yaml)\n" +
				"x/b.yaml:3:22: rule.slow.every: want at least 1, got 0 (inherited by x/a.yaml)"},
		{"no map", map[string]string{"x/a.yaml": "[a]"}, "x/a.yaml:1:1: an experiment is a map of settings; begin with name: and purpose:"},
		{"no map below", map[string]string{"x/a.yaml": "extends: b.yaml", "x/b.yaml": "hello"}, "x/b.yaml:1:1: an experiment is a map of settings; begin with name: and purpose: (inherited by x/a.yaml)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := loadSample(test.files)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	if _, err := loadSample(nil); err == nil || !strings.Contains(err.Error(), "read experiment x/a.yaml: file does not exist") {
		t.Errorf("got %v", err)
	}
}
