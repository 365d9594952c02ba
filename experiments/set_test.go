package experiments

import (
	"fmt"
	"reflect"
	"testing"

	"vertebra/stages/registry"
)

func TestSet(t *testing.T) {
	t.Parallel()
	const file = "name: a\nrule: {slow: {by: 9, every: 9}}\nsteps: [slow, {steady: {by: 2}}]\nphases: [{name: p}, {name: q, epochs: 3}]\nrates: {a: 1, layer4.1: 1}\nrules: {a.b: slow}\n"
	for _, test := range []struct {
		set  string
		got  func(sample) any
		want any
	}{
		{"seed=7", func(s sample) any { return s.Seed }, uint64(7)},
		{"name='a=b.c'", func(s sample) any { return s.Name }, "a=b.c"},
		{"name=\"\"", func(s sample) any { return s.Name }, ""},
		{"data.root=../d", func(s sample) any { return s.Data.Root }, registry.Path("../d")},
		{"data.drop=[1, 2]", func(s sample) any { return fmt.Sprint(s.Data.Drop) }, "[1 2]"},
		{"data.drop.0=5", func(s sample) any { return fmt.Sprint(s.Data.Drop) }, "[5]"},
		{"rule=slow", func(s sample) any { return s.Rule.Part }, slow{0.5, 2}},
		{"rule={slow: {by: 1}}", func(s sample) any { return s.Rule.Part }, slow{1, 2}},
		{"rule.slow.by=1", func(s sample) any { return s.Rule.Part }, slow{1, 9}},
		{"rule.slow={by: 1}", func(s sample) any { return s.Rule.Part }, slow{1, 2}},
		{"rule.steady.by=4", func(s sample) any { return s.Rule.Part }, steady{4}},
		{"steps.0.slow.by=4", func(s sample) any { return s.Steps[0].Part }, slow{4, 2}},
		{"steps.1=slow", func(s sample) any { return s.Steps[1].Part }, slow{0.5, 2}},
		{"steps.2=slow", func(s sample) any { return len(s.Steps) }, 3},
		{"steps=[]", func(s sample) any { return len(s.Steps) }, 0},
		{"phases.1.epochs=5", func(s sample) any { return s.Phases[1] }, samplePhase{Name: "q", Epochs: 5}},
		{"phases.0.rule.steady.by=5", func(s sample) any { return s.Phases[0].Rule.Part }, steady{5}},
		{"phases.q.epochs=5", func(s sample) any { return s.Phases[1] }, samplePhase{Name: "q", Epochs: 5}},
		{"steps.steady.steady.by=5", func(s sample) any { return s.Steps[1].Part }, steady{5}},
		{"steps.steady.by=5", func(s sample) any { return s.Steps[1].Part }, steady{5}},
		{"steps.slow.by=5", func(s sample) any { return s.Steps[0].Part }, slow{5, 2}},
		{"phases.0.rule=slow", func(s sample) any { return s.Phases[0].Rule.Part }, slow{0.5, 2}},
		{"phases.0.rule=null", func(s sample) any { return s.Phases[0].Rule == nil }, true},
		{"phases.0.rule= ~", func(s sample) any { return s.Phases[0].Rule == nil }, true},
		{"rates.layer4.1=2", func(s sample) any { return s.Rates["layer4.1"] }, 2.0},
		{"rates.c.d=2", func(s sample) any { return s.Rates["c.d"] + s.Rates["a"] }, 3.0},
		{"rules.x.y=slow", func(s sample) any { return s.Rules["x.y"].Part }, slow{0.5, 2}},
		{"rules.x.y={steady: {by: 3}}", func(s sample) any { return s.Rules["x.y"].Part }, steady{3}},
		{"rules.x.slow.z={steady: {by: 3}}", func(s sample) any { return s.Rules["x.slow.z"].Part }, steady{3}},
		{"rules.x.y.steady.by=4", func(s sample) any { return s.Rules["x.y"].Part }, steady{4}},
		{"rules.a.b.steady.by=4", func(s sample) any { return s.Rules["a.b"].Part }, steady{4}},
		{"rates.b=1e-4", func(s sample) any { return s.Rates["b"] + s.Rates["a"] }, 1.0001},
	} {
		s, err := loadSample(map[string]string{"x/a.yaml": file}, test.set)
		if err != nil {
			t.Errorf("%s: %v", test.set, err)
		} else if got := test.got(s); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, want %+v", test.set, got, test.want)
		}
	}
}

func TestSetMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ set, want string }{
		{"seed", "--set seed: want path=value; such as train.batch=32 or train.phases.0.epochs=3"},
		{"a..b=1", "--set a..b=1: want path=value; such as train.batch=32 or train.phases.0.epochs=3"},
		{"rates.\x8d=0", "--set rates.\uFFFD=0: the path is no UTF-8 text, or has a control character; such as train.batch=32 or train.phases.0.epochs=3"},
		{"seed=", `--set seed=: seed: there is no value; write seed='""' for an empty text`},
		{"seed=[", "--set seed=[: seed: is not valid YAML: did not find expected node content; look at the indentation, colons, quotes and brackets there and just above"},
		{"rates={a: 1, a: 2}", "--set rates={a: 1, a: 2}: rates.a: is given twice; remove one"},
		{"seed=1.5", "--set seed=1.5: seed: want a whole number, got 1.5"},
		{"sed=1", `--set sed=1: no setting "sed"; did you mean seed? (known: name, purpose, seed, data, rule, steps, phases, rates, rules)`},
		{"rule.slwo.by=1", `--set rule.slwo.by=1: rule: no rule "slwo"; did you mean slow? (known: slow, steady)`},
		{"rule.slow.bye=1", `--set rule.slow.bye=1: rule.slow: no setting "bye"; did you mean by? (known: by, every)`},
		{"phases.3.epochs=1", `--set phases.3.epochs=1: phases.3.epochs: no entry "3" in a list of 2; entries count from 0; 2 appends; known: p, q`},
		{"phases.first.epochs=1", `--set phases.first.epochs=1: phases.first.epochs: no entry "first" in a list of 2; entries count from 0; 2 appends; known: p, q`},
		{"steps.1.slow.by=1", `--set steps.1.slow.by=1: steps.1.slow.by: no entry "1" in a list of 0; the files do not give this list; set the whole of it`},
		{"rule.every=3", "--set rule.every=3: rule.every: every is a setting of slow, which the path does not name; write rule.slow.every"},
		{"phases.p.rule.by=3", "--set phases.p.rule.by=3: phases.p.rule.by: by is a setting of steady, which the path does not name; write phases.p.rule.steady.by"},
		{"seed=null", "--set seed=null: seed: is empty; want a whole number, or remove the line"},
		{"phases.0.name=''", "--set phases.0.name='': phases.0.name: is empty; name"},
	} {
		_, err := loadSample(map[string]string{"x/a.yaml": "phases: [{name: p, rule: steady}, {name: q}]\nrule: {slow: {by: 2}}"}, test.set)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.set, got, test.want)
		}
	}
}
