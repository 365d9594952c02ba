package experiments

import (
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// The sample stands for an experiment where only reading is tested.

type rule interface{ Rate() float64 }

var rules = registry.New[rule]("rule")

type slow struct {
	By    float64 `help:"how slow" min:"0"`
	Every int     `help:"how often" min:"1"`
}

func (s slow) Rate() float64 { return s.By }

type steady struct {
	By float64 `help:"how steady"`
}

func (s steady) Rate() float64 { return s.By }

func init() {
	rules.Add("slow", "a slow rule", slow{0.5, 2})
	rules.Add("steady", "a steady rule", steady{1})
}

type samplePhase struct {
	Name   string              `help:"name" required:"true"`
	Epochs int                 `help:"passes" min:"1"`
	Rule   *registry.One[rule] `help:"the rule of this phase"`
}

func (samplePhase) Defaults() samplePhase { return samplePhase{Epochs: 1} }

type sampleData struct {
	Root registry.Path `help:"folder"`
	Drop []string      `help:"ids"`
}

type sample struct {
	Name    string               `help:"name"`
	Purpose string               `help:"purpose"`
	Seed    uint64               `help:"seed"`
	Data    sampleData           `help:"data"`
	Rule    registry.One[rule]   `help:"the rule"`
	Steps   []registry.One[rule] `help:"steps"`
	Phases  []samplePhase        `help:"phases"`
	Rates   map[string]float64   `help:"rates"`
}

func sampleDefaults() sample {
	return sample{Seed: 42, Rule: registry.One[rule]{Name: "slow"}}
}

// inMemory serves files from a map.
func inMemory(files map[string]string) readFile {
	return func(path string) ([]byte, error) {
		text, ok := files[path]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
}

// loadSample reads x/a.yaml.
func loadSample(files map[string]string, sets ...string) (sample, error) {
	s := sampleDefaults()
	_, err := load(inMemory(files), "x/a.yaml", sets, &s)
	return s, err
}

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

func TestSet(t *testing.T) {
	t.Parallel()
	const file = "name: a\nrule: {slow: {by: 9, every: 9}}\nsteps: [slow, {steady: {by: 2}}]\nphases: [{name: p}, {name: q, epochs: 3}]\nrates: {a: 1}\n"
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
		{"seed=", `--set seed=: seed: there is no value; write seed='""' for an empty text`},
		{"seed=[", "--set seed=[: seed: is not valid YAML: did not find expected node content; look at the indentation, colons, quotes and brackets there and just above"},
		{"seed=1.5", "--set seed=1.5: seed: want a whole number, got 1.5"},
		{"sed=1", `--set sed=1: no setting "sed"; did you mean seed? (known: name, purpose, seed, data, rule, steps, phases, rates)`},
		{"rule.slwo.by=1", `--set rule.slwo.by=1: rule: no rule "slwo"; did you mean slow? (known: slow, steady)`},
		{"rule.slow.bye=1", `--set rule.slow.bye=1: rule.slow: no setting "bye"; did you mean by? (known: by, every)`},
		{"phases.3.epochs=1", `--set phases.3.epochs=1: phases.3.epochs: no entry "3" in a list of 2; entries count from 0; 2 appends`},
		{"phases.first.epochs=1", `--set phases.first.epochs=1: phases.first.epochs: no entry "first" in a list of 2; entries count from 0; 2 appends`},
		{"steps.1.slow.by=1", `--set steps.1.slow.by=1: steps.1.slow.by: no entry "1" in a list of 0; the files do not give this list; set the whole of it`},
		{"phases.0.name=''", "--set phases.0.name='': phases.0.name: is empty; name"},
	} {
		_, err := loadSample(map[string]string{"x/a.yaml": "phases: [{name: p}, {name: q}]"}, test.set)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.set, got, test.want)
		}
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
			"x/c.yaml:1:10: extends: goes in a circle: x/b.yaml -> x/c.yaml -> x/b.yaml"},
		{"missing", map[string]string{"x/a.yaml": "extends: no.yaml"}, "x/a.yaml:1:10: extends: cannot read x/no.yaml: file does not exist; the path is relative to x"},
		{"list", map[string]string{"x/a.yaml": "extends: [b.yaml]"}, "x/a.yaml:1:10: extends: want the path of one file; it is relative to x"},
		{"many", many, "x/14.yaml:1:10: extends: more than 16 files extend each other"},
		{"misspelt", map[string]string{"x/a.yaml": "extend: b.yaml"}, `x/a.yaml:1:1: no setting "extend"; did you mean extends?`},
		{"mistake in a base", map[string]string{"x/a.yaml": "extends: b.yaml\nrule: {slow: {by: 1}}\ndata:\n  drop: x", "x/b.yaml": "seed: 1.5\nseed: 2\nrule: {slow: {every: 0}}"},
			"x/a.yaml:4:9: data.drop: want a list, got \"x\"; write [x]\n" +
				"x/b.yaml:1:7: seed: want a whole number, got 1.5\n" +
				"x/b.yaml:2:1: seed: is given twice; it was given on line 1 already\n" +
				"x/b.yaml:3:22: rule.slow.every: want at least 1, got 0"},
		{"no map", map[string]string{"x/a.yaml": "[a]"}, "x/a.yaml:1:1: an experiment is a map of settings; begin with name: and purpose:"},
		{"no map below", map[string]string{"x/a.yaml": "extends: b.yaml", "x/b.yaml": "hello"}, "x/b.yaml:1:1: an experiment is a map of settings; begin with name: and purpose:"},
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

func TestResolvedIsReadBack(t *testing.T) {
	t.Parallel()
	want, err := loadSample(map[string]string{"x/a.yaml": "name: a\ndata: {root: d}\nphases: [{name: p, rule: steady}]\nrates: {a: 1}"})
	if err != nil {
		t.Fatal(err)
	}
	text := resolved(want)
	got := sample{}
	n, problems := registry.Parse("", text)
	problems = append(problems, registry.Decode(n, "", &got)...)
	if problems.Err() != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", problems, got, want)
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(text, &tree); err != nil || len(tree.Content[0].Content) != 16 {
		t.Errorf("%v: every setting should be written out:\n%s", err, text)
	}
}

// FuzzLoad: no files and no --set make the reader panic, and what it takes can
// be written out and read back.
func FuzzLoad(f *testing.F) {
	f.Add("extends: b.yaml\nrule: {slow: {by: 3}}", "rule: {steady: {by: 3}}\nseed: 1", "rule.slow.every=3")
	f.Add("extends: b.yaml\nsteps: [slow]\ndata:", "extends: a.yaml", "steps.0.slow.by=3")
	f.Add("rule: &a {slow: &b {by: 1}}\nsteps: [*a, slow: *b]", "x", "phases=[{name: a}]")
	f.Add("extends: b.yaml\nrates: {a: 1}", "rates: &a {a: *a}", "rates.a=[")
	f.Fuzz(func(t *testing.T, a, b, assignment string) {
		s, err := loadSample(map[string]string{"x/a.yaml": a, "x/b.yaml": b}, assignment)
		if err != nil {
			if err.Error() == "" {
				t.Error("an empty message")
			}
			return
		}
		again := sample{}
		n, problems := registry.Parse("", resolved(s))
		if n == nil || len(append(problems, registry.Decode(n, "", &again)...)) > 0 || !reflect.DeepEqual(again, s) {
			t.Errorf("got %+v, want %+v", again, s)
		}
	})
}
