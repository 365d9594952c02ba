package stage

import (
	"fmt"
	"reflect"
	"testing"
)

func TestCovariates(t *testing.T) {
	t.Parallel()
	c := Covariates{{Name: "sex", Values: []string{"f", "m"}}, {Name: "age"}}
	if got, want := c.Columns(), []string{"sex f", "sex m", "age", "age is known"}; !reflect.DeepEqual(got, want) {
		t.Errorf("columns %q, want %q", got, want)
	}
	if got, want := c.Numbers(), []bool{false, false, true, false}; !reflect.DeepEqual(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
	for _, one := range []struct {
		tags    map[string]string
		want    []float32
		unknown []string
	}{
		{map[string]string{"sex": "m", "age": " 54.5"}, []float32{0, 1, 54.5, 1}, nil},
		{map[string]string{"sex": "f", "age": "0"}, []float32{1, 0, 0, 1}, nil},
		{map[string]string{"sex": "x", "age": "NaN"}, []float32{0, 0, 0, 0}, []string{"sex", "age"}},
		{map[string]string{"sex": "f", "age": "1e300"}, []float32{1, 0, 0, 0}, []string{"age"}},
		{nil, []float32{0, 0, 0, 0}, []string{"sex", "age"}},
	} {
		if got := c.Row(one.tags); !reflect.DeepEqual(got, one.want) {
			t.Errorf("%v: %v, want %v", one.tags, got, one.want)
		}
		if got := c.Unknown(one.tags); !reflect.DeepEqual(got, one.unknown) {
			t.Errorf("%v: unknown are %q, want %q", one.tags, got, one.unknown)
		}
	}
}

// TestCovariateWords: what is no list has no words.
func TestCovariateWords(t *testing.T) {
	t.Parallel()
	for fact, want := range map[string]string{
		`[{"name":"sex","values":["f","m"]},{"name":"age"}]`: "[sex (f, m) age (a number)]", "": "[]", `{"name":"sex"}`: "[]",
	} {
		if got := fmt.Sprint(ParseCovariates(fact).Words()); got != want {
			t.Errorf("%s: got %s, want %s", fact, got, want)
		}
	}
}
