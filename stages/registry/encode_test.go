package registry

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	s := defaults()
	s.Ops = []One[op]{{"flip", flip{}}, {"gamma", gamma{1e-4}}}
	out, err := yaml.Marshal(Encode(s))
	if err != nil {
		t.Fatal(err)
	}
	want := `seed: 42
name: sample
root: ""
fast: false
ratio: 0.5
small: 0
split:
    validation: 0.2
    test: 0.1
first:
    gamma:
        limit: 0.2
last: null
ops:
    - flip
    - gamma:
        limit: 0.0001
ids: [a]
weights:
    x: 1.0
phases:
    - name: all
      epochs: 1
      rate: 0.5
      limit: 1m0s
`
	if got := string(out); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEncodeIsReadBack(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "42", "true", "null", "~", "1e-4", " x ", "a\nb\n", "\t", "a: b", "- a", "#", "'", "\"", "*x", "&x", "ä漢", "2024-01-01", "\u0085", "\ufeff", "|", "<<", "yes", "0x1p-2", "a\r"} {
		s := defaults()
		s.Name, s.IDs, s.Weights = name, []string{name}, map[string]float64{"k" + name: math.MaxFloat64, name: 5e-324}
		s.Ratio, s.Seed, s.First.Part = math.SmallestNonzeroFloat32, math.MaxUint64, gamma{0.1}
		s.Phases[0].Limit = 90*time.Minute + time.Nanosecond*1e9
		checkReadBack(t, s)
	}
}

// checkReadBack writes a sample as text and reads it over other defaults.
func checkReadBack(t *testing.T, s sample) {
	t.Helper()
	text, err := yaml.Marshal(Encode(s))
	if err != nil {
		t.Fatal(err)
	}
	got, problems := read("", string(text))
	if err := problems.Err(); err != nil {
		t.Errorf("%v in\n%s", err, text)
	} else if !reflect.DeepEqual(got, s) {
		t.Errorf("got  %+v\nwant %+v\nfrom\n%s", got, s, text)
	}
}

// FuzzDecode: no input makes the reader panic, and what it takes can be written
// out and read back.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"name: a\nseed: 1", "ops: [flip, {gamma: {limit: 0.5}}]", "first: &a gamma\nlast: *a", "a: &a [*a]",
		"phases: [{name: a, limit: 90s, rate: 1e-4}]", "weights: {a: 1, a: 2}", "<<: {name: x}", "---\n---\n", "? [a]\n: b",
		"split:\n  test: 1\n\tvalidation: 2", "name: |\n  a\n  b\n", "ratio: .nan", "\xff", "ids: [1, 'x', \"\\u0085\"]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, problems := read("", string(data))
		for _, p := range problems {
			if p.Text == "" || strings.ContainsAny(p.Error(), "\n\r\x1b") || !utf8.ValidString(p.Error()) {
				t.Errorf("odd problem %+v", p)
			}
		}
		if len(problems) == 0 {
			checkReadBack(t, s)
		}
	})
}
