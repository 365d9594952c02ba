package experiments

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ a, b, want string }{
		{"{a: 1}", "{a: 1}", ""},
		{"{a: 1}", "{a: 2}", "a  1 → 2"},
		{"{a: {b: x}}", "{a: {b: null}}", "a.b  x → none"},
		{"{a: 1, c: 1}", "{b: 1, c: 1}", "a  is gone (it was 1)\nb  is new: 1"},
		{"{l: [1, 2]}", "{l: [1, 3]}", "l  [1, 2] → [1, 3]"},
		{"{l: [x, y, z]}", "{l: [y, z, w]}", "l  x is removed\nl  w is added"},
		{"{l: [x, y]}", "{l: [y, x]}", "l  x moved from place 0 to 1"},
		{"{l: [x, {y: {p: 1}}]}", "{l: [{z: {q: 1}}, x, {y: {p: 2}}]}", "l      z is added: {q: 1}\nl.y.y.p  1 → 2"},
		{"{l: [{y: {p: 1}}, {y: {p: 2}}]}", "{l: [{y: {p: 1}}, {y: {p: 3}}]}", "l.1.y.p  2 → 3"},
		{"{l: [{name: a, n: 1}]}", "{l: [{name: a, n: 2}, {name: b}]}", "l.a.n  1 → 2\nl      b is added: {name: b}"},
		{"{o: {adam: {rate: 1}}}", "{o: {sgd: {rate: 2}}}", "o  adam → sgd: {rate: 2}"},
		{"{o: relu}", "{o: {sgd: {rate: 2}}}", "o  relu → {sgd: {rate: 2}}"},
		{"{l: []}", "{l: [x]}", "l  x is added"},
	} {
		changes, err := Diff([]byte(test.a), []byte(test.b))
		if err != nil {
			t.Errorf("%s to %s: %v", test.a, test.b, err)
		}
		got, want := strings.Fields(Written(changes)), strings.Fields(test.want)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s to %s: got\n%s\nwant\n%s", test.a, test.b, Written(changes), test.want)
		}
	}
	if _, err := Diff([]byte("["), nil); err == nil {
		t.Error("what is no YAML was compared")
	}
}

// The experiments that are compared are whole ones; each change is found, and
// no other.
func TestDiffOfExperiments(t *testing.T) {
	t.Parallel()
	before, _, err := Load("testdata/bad/base/whole.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	after, _, err := Load("testdata/bad/base/whole.yaml", []string{"train.phases.all.epochs=7", "augment=[flip]", "seed=1"})
	if err != nil {
		t.Fatal(err)
	}
	changes, err := Diff(Resolved(before), Resolved(after))
	var paths []string
	for _, c := range changes {
		paths = append(paths, c.Path)
	}
	if want := "[seed augment train.phases.all.epochs]"; fmt.Sprint(paths) != want || err != nil {
		t.Errorf("got %v, want %v", changes, want)
	}
}

// Every leaf of what is resolved has an origin, once.
func TestExplain(t *testing.T) {
	t.Parallel()
	x, _, err := Explain("testdata/good/whole.yaml", []string{"train.batch=3"})
	if err != nil {
		t.Fatal(err)
	}
	origins := map[string]string{}
	for _, v := range x.Values {
		if origins[v.Path] != "" {
			t.Errorf("%s comes twice", v.Path)
		}
		origins[v.Path] = v.Origin()
	}
	if got := origins["train.batch"]; got != "--set" {
		t.Errorf("train.batch: got %q", got)
	}
	if got := origins["name"]; !strings.HasPrefix(got, "testdata/good/whole.yaml:") {
		t.Errorf("name: got %q", got)
	}
	if got := origins["train.compute.deterministic"]; got != "default" {
		t.Errorf("train.compute.deterministic: got %q", got)
	}
	e, _, err := loadExperiment(inMemory(map[string]string{"a.yaml": string(x.YAML())}), "a.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	want, _, _ := Load("testdata/good/whole.yaml", []string{"train.batch=3"})
	if !reflect.DeepEqual(e, want) {
		t.Errorf("what is shown is not what is meant:\n%s", x.YAML())
	}
}
