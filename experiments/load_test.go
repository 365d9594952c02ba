package experiments

import (
	"reflect"
	"testing"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

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
	if err := yaml.Unmarshal(text, &tree); err != nil || len(tree.Content[0].Content) != 2*reflect.TypeFor[sample]().NumField() {
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
