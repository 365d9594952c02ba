package registry

import (
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

type stretch interface{ Length() float64 }

var stretches = New[stretch]("stretch")

type ends struct {
	Ends   [2]float64     `help:"where it begins and ends" short:"true" required:"true"`
	Points int            `help:"how many" min:"0"`
	When   map[string]Any `help:"when"`
}

func (e ends) Length() float64 { return e.Ends[1] - e.Ends[0] }

func init() { stretches.Add("ends", "from end to end", ends{Points: 2}, "ends: [1, 2]") }

type shorts struct {
	One  One[stretch]   `help:"one"`
	Many []One[stretch] `help:"many"`
}

func decodeShorts(text string) (shorts, Problems) {
	var s shorts
	n, problems := Parse("f", []byte(text))
	if n != nil {
		problems = append(problems, Decode(n, "f", &s)...)
	}
	return s, problems
}

// The short way and the long one are the same part, and what is written out is
// read back.
func TestShortWay(t *testing.T) {
	t.Parallel()
	want, problems := decodeShorts("one: {ends: {ends: [1, 2], points: 5, when: {a: [x, {y: null}]}}}")
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	for _, text := range []string{"one: {ends: [1, 2], points: 5, when: {a: [x, {y: null}]}}", "one: {points: 5, ends: [1, 2], when: {a: [x, {y: null}]}}"} {
		if got, problems := decodeShorts(text); problems.Err() != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", text, problems, got, want)
		}
	}
	again := shorts{}
	if problems := Decode(Encode(want), "f", &again); problems.Err() != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("%v: got %+v, want %+v", problems, again, want)
	}
}

func TestShortMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"one: {ends: [1]}":                "f:1:13: one.ends.ends: want a list of 2 values, got a list of 1 value",
		"one: {ends: [1, 2], points: -1}": "f:1:29: one.ends.points: want at least 0, got -1",
		"one: {ends: [1, 2], pints: 1}":   "want one stretch, got 2: ends, pints",
		"one: ends":                       "one.ends: ends is missing",
		"one: {ends: 3}":                  "want a list of 2 values, got 3",
	} {
		_, problems := decodeShorts(text)
		if !strings.Contains(problems.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, problems, want)
		}
	}
}

// A value of any form is kept on one line and given back as it was.
func TestAny(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1", "1e-4", "word", "\"5\"", "null", "{focal: {gamma: 2}}", "[1, [a, b], {c: null}]", "\"two\\nlines\""} {
		var into struct {
			Value Any `help:"any"`
		}
		n, problems := Parse("f", []byte("value: "+text))
		problems = append(problems, Decode(n, "f", &into)...)
		if problems.Err() != nil || string(into.Value) != text {
			t.Errorf("got %q, want %q: %v", into.Value, text, problems)
		}
		var a, b any
		back, err := into.Value.Node()
		if err == nil {
			err = back.Decode(&a)
		}
		if yaml.Unmarshal([]byte(text), &b) != nil || err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%s: got %v, want %v: %v", text, a, b, err)
		}
	}
}

// Names with dots are found by the longest that fits.
func TestFindDottedNames(t *testing.T) {
	t.Parallel()
	n, _ := Parse("f", []byte("space: {a.b: {c: 1}, a: {b: 2}}"))
	if got := Find(n, "space.a.b.c"); got == nil || got.Value != "1" {
		t.Errorf("got %v, want 1", got)
	}
}
