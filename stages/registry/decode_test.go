package registry

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// read parses and decodes over the defaults of the sample.
func read(file, text string) (sample, Problems) {
	s := defaults()
	n, problems := Parse(file, []byte(text))
	if n != nil {
		problems = append(problems, Decode(n, file, &s)...)
	}
	return s, problems.Sorted()
}

func TestDecode(t *testing.T) {
	t.Parallel()
	got, problems := read("dir/a.yaml", `
seed: 18446744073709551615
name: 42
root: ../data
fast: true
ratio: 1e-4
small: -128
split: {validation: 0, test: 1}
first: window
last: {gamma: {limit: 0}}
ops:
  - flip
  - resize: {pixels: 0x10}
  - several: {ops: [flip, gamma]}
ids: [3008676218, x, 1.10]
weights: {severe: 4, 1: 2}
phases:
  - {name: head, rate: 1}
  - {name: top, limit: 90s, epochs: 3}
`)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	one := 1.0
	want := sample{
		common: common{18446744073709551615}, Name: "42", Root: "data", Fast: true, Ratio: 1e-4, Small: -128,
		Split: split{0, 1}, First: One[op]{"window", window{[2]float64{1, 99}}}, Last: &One[op]{"gamma", gamma{0}},
		Ops: []One[op]{{"flip", flip{}}, {"resize", resize{16, "linear"}},
			{"several", several{[]One[op]{{"flip", flip{}}, {"gamma", gamma{0.2}}}}}},
		IDs: []string{"3008676218", "x", "1.10"}, Weights: map[string]float64{"severe": 4, "1": 2},
		Phases: []phase{{"head", 10, &one, time.Hour}, {"top", 3, nil, 90 * time.Second}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodeKeepsDefaults(t *testing.T) {
	t.Parallel()
	got, problems := read("", "first:\nsplit:\nphases: []\nlast: null\n")
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.First.Part, want.Phases = gamma{0.2}, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// The result must not share anything with the defaults it began from.
func TestDecodeDetaches(t *testing.T) {
	t.Parallel()
	from := defaults()
	into := from
	n, _ := Parse("", []byte("name: x"))
	if err := Decode(n, "", &into).Err(); err != nil {
		t.Fatal(err)
	}
	into.IDs[0], into.Weights["x"], *into.Phases[0].Rate = "changed", 9, 9
	want := defaults()
	if from.IDs[0] != "a" || from.Weights["x"] != 1 || *from.Phases[0].Rate != 0.5 {
		t.Errorf("got %+v, want %+v", from, want)
	}
	a, _ := ops.Default("gamma")
	if a.Part.(gamma).Limit != 0.2 {
		t.Errorf("got %v", a)
	}
	if _, ok := ops.Default("none"); ok {
		t.Error("there is no part none")
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"unknown setting", "nam: x", `f:1:1: no setting "nam"; did you mean name? (known: seed, name, root, fast, ratio, small, split, first, last, ops, ids, weights, phases)`},
		{"unknown part", "first: gama", `f:1:8: first: no augmentation "gama"; did you mean gamma? (known: flip, gamma, resize, several, window)`},
		{"unknown part in a list", "ops:\n  - flip\n  - {nothing: {}}", `f:3:6: ops.1: no augmentation "nothing"; known: flip, gamma, resize, several, window`},
		{"unknown setting of a part", "ops: [{gamma: {limt: 1}}]", `f:1:16: ops.0.gamma: no setting "limt"; did you mean limit?`},
		{"settings of a part without", "ops: [{flip: {p: 1}}]", `f:1:15: ops.0.flip: no setting "p"`},
		{"fraction", "small: 1.5", "f:1:8: small: want a whole number, got 1.5"},
		{"exponent", "small: 1e2", "f:1:8: small: want a whole number, got 1e2; write 100"},
		{"quoted number", "small: '1'", `f:1:8: small: want a whole number, got "1"; remove the quotes`},
		{"octal", "small: 010", "f:1:8: small: the number 010 begins with 0; write it without the zero"},
		{"overflow", "small: 128", "f:1:8: small: want a whole number from -128 to 127, got 128"},
		{"negative", "seed: -1", "f:1:7: seed: want a whole number from 0 to 18446744073709551615, got -1"},
		{"not a number", "ratio: .nan", "f:1:8: ratio: want a finite number, got .nan"},
		{"infinite", "ratio: -.inf", "f:1:8: ratio: want a finite number, got -.inf"},
		{"too large", "weights: {a: 1e999}", "f:1:14: weights.a: the number 1e999 is too large"},
		{"too large for float32", "ratio: 1e39", "f:1:8: ratio: the number 1e39 is too large"},
		{"decimal comma in braces", "ops: [{gamma: {limit: 0,5}}]", `f:1:25: ops.0.gamma: no setting "5"; write the decimal point as a point`},
		{"decimal comma", "ratio: 0,5", `f:1:8: ratio: want a number, got "0,5"; write the decimal point as a point`},
		{"word for a flag", "fast: yes", `f:1:7: fast: want true or false, got "yes"; write true`},
		{"flag for a text", "name: true", `f:1:7: name: want text, got true; write "true" in quotes if the word is meant`},
		{"list for a text", "name: [a]", "f:1:7: name: want text, got a list of 1 value"},
		{"empty text", "name:", "f:1:1: name: is empty; want text, or remove the line"},
		{"text for a list", "ids: a", `f:1:6: ids: want a list, got "a"; write [a]`},
		{"text for settings", "split: x", `f:1:8: split: want settings, got "x"; the settings are: validation, test`},
		{"value for settings of a part", "ops: [{resize: 5}]", "f:1:16: ops.0.resize: want settings, got 5; the settings are: pixels, mode"},
		{"limit", "ops: [{gamma: {limit: -1}}]", "f:1:23: ops.0.gamma.limit: want at least 0, got -1"},
		{"open limit", "first: {gamma: {limit: 1}}", "f:1:24: first.gamma.limit: want less than 1, got 1"},
		{"limit with unit", "first: {resize: {pixels: 5000}}", "f:1:26: first.resize.pixels: want at most 4096 px, got 5000"},
		{"limit in a map", "weights: {a: -2}", "f:1:14: weights.a: want at least 0, got -2"},
		{"limit of an optional", "phases: [{name: a, rate: 0}]", "f:1:26: phases.0.rate: want more than 0, got 0"},
		{"choice", "first: {resize: {pixels: 5, mode: liner}}", `f:1:35: first.resize.mode: "liner" is not a known word; did you mean linear? (known: nearest, linear, cubic)`},
		{"required", "first: resize", "f:1:8: first.resize: pixels is missing; side of the result"},
		{"required in a map", "first:\n  resize:\n    mode: cubic", "f:2:3: first.resize: pixels is missing; side of the result"},
		{"required in a list", "phases: [{}]", "f:1:10: phases.0: name is missing; name of the phase"},
		{"required but empty", "phases: [{name: ''}]", "f:1:17: phases.0.name: is empty; name of the phase"},
		{"empty part in a list", "ops: [null]", "f:1:7: ops.0: want one augmentation, got nothing; known: flip, gamma, resize, several, window"},
		{"list for a part", "first: []", "f:1:8: first: want one augmentation, got a list of 0 values; known: flip, gamma, resize, several, window"},
		{"two parts", "ops: [{flip: {}, gamma: {}}]", "f:1:7: ops.0: want one augmentation, got 2: flip, gamma; in a list, begin each with a dash of its own"},
		{"part not indented", "ops:\n  - resize:\n    pixels: 5", "f:2:5: ops.0: want one augmentation, got 2: resize, pixels; indent the settings of resize below it"},
		{"rule over a list", "first: {window: {percentiles: [9, 1]}}", "f:1:9: first.window: the first percentile must be below the second"},
		{"length", "first: {window: {percentiles: [9]}}", "f:1:31: first.window.percentiles: want a list of 2 values, got a list of 1 value"},
		{"rule of a list type", "ops: [flip, flip, flip, flip]", "f:1:6: ops: more than three steps"},
		{"rule over settings", "split:\n  validation: 0.5\n  test: 0.6", "f:3:9: split.test: the shares sum to more than 1; lower one of them"},
		{"rule over settings half said", "split:\n  validation: 1", "f:1:1: split.test: the shares sum to more than 1; lower one of them"},
		{"duration without unit", "phases: [{name: a, limit: 90}]", "f:1:27: phases.0.limit: want a time such as 90s or 2h, got 90; add the unit: 90s, 90m or 90h"},
		{"duration limit", "phases: [{name: a, limit: 1ms}]", "f:1:27: phases.0.limit: want at least 1s, got 1ms"},
		{"home", "root: ~/data", "f:1:7: root: a path cannot begin with ~; write the whole path, or one relative to this file"},
		{"given twice", "name: a\nname: b", "f:2:1: name: is given twice; it was given on line 1 already"},
		{"given twice in a map", "weights: {a: 1, a: 2}", "f:1:17: weights.a: is given twice; it was given on line 1 already"},
		{"merge key", "split: &s {test: 0}\nfirst: {window: {<<: *s}}", "f:2:18: first.window: merge keys (<<) are not allowed; use extends, or repeat the settings"},
		{"tag", "name: !!int 3", "f:1:7: name: has the tag !!int; remove the tag"},
		{"loop", "ids: &x [*x]", "f:1:9: " + "ids" + strings.Repeat(".0", 38) + "….: is nested"},
		{"bare list", "- a", "f:1:1: want settings, got a list of 1 value; the settings are: seed, name, root, fast, ratio, small, split, first, last, ops, ids, weights, phases"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, problems := read("f", test.text)
			if test.name == "loop" {
				if len(problems) != 1 || !strings.Contains(problems[0].Text, "holds itself") {
					t.Errorf("got %v", problems)
				}
				return
			}
			if got := problems.Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, problems := read("f", "nam: x\nsmall: 1.5\nsmall: 2\nops: [gama, {gamma: {limit: 5}}]\n")
	var got []int
	for _, p := range problems {
		got = append(got, p.Line*100+p.Column)
	}
	if want := []int{101, 208, 301, 407, 429}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v:\n%v", got, want, problems)
	}
}

func TestAliases(t *testing.T) {
	t.Parallel()
	got, problems := read("f", "ops: [&g {gamma: {limit: 0.5}}, *g, flip]\nfirst: *g\n")
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	want := One[op]{"gamma", gamma{0.5}}
	if got.Ops[1] != want || got.First != want {
		t.Errorf("got %v and %v, want %v", got.Ops, got.First, want)
	}
	var raw yaml.Node // aliases not yet replaced
	if err := yaml.Unmarshal([]byte("first: &g {gamma: {limit: 0.5}}\nlast: *g"), &raw); err != nil {
		t.Fatal(err)
	}
	s := defaults()
	if err := Decode(&raw, "f", &s).Err(); err != nil || *s.Last != want {
		t.Errorf("got %v, %v", s.Last, err)
	}
}

func TestMissingPart(t *testing.T) {
	t.Parallel()
	s := defaults()
	s.First = One[op]{}
	n, _ := Parse("f", []byte("name: a"))
	got := Decode(n, "f", &s).Error()
	if want := "f:1:1: first is missing; known: flip, gamma, resize, several, window"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDecodeFrom(t *testing.T) {
	t.Parallel()
	a, _ := Parse("a/a.yaml", []byte("root: x\nsmall: 1.5"))
	b, _ := Parse("b/b.yaml", []byte("fast: 3"))
	tree := &yaml.Node{Kind: yaml.MappingNode, Content: append(a.Content, b.Content...)}
	from := map[*yaml.Node]Where{b.Content[1]: FromFile("b/b.yaml")}
	s := defaults()
	problems := DecodeFrom(tree, func(n *yaml.Node) Origin {
		if w := from[n]; w != nil {
			return w(n)
		}
		return FromFile("a/a.yaml")(n)
	}, &s)
	want := "a/a.yaml:2:8: small: want a whole number, got 1.5\nb/b.yaml:1:7: fast: want true or false, got 3"
	if problems.Error() != want || s.Root != "a/x" {
		t.Errorf("got %v and %s", problems, s.Root)
	}
}
