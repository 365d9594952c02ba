package audit

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

func labelled(classes []string) Found {
	f := Found{Classes: classes}
	for label := range classes {
		f.Cases = append(f.Cases, stage.Case{Label: label})
	}
	return f
}

func TestMerge(t *testing.T) {
	t.Parallel()
	four := []string{"none", "mild", "moderate", "severe"}
	for _, test := range []struct {
		groups  map[string][]string
		classes []string
		labels  []int
	}{
		{nil, four, []int{0, 1, 2, 3}},
		{map[string][]string{"narrow": {"severe", "moderate"}}, []string{"none", "mild", "narrow"}, []int{0, 1, 2, 2}},
		{map[string][]string{"low": {"none", "mild"}, "high": {"moderate", "severe"}}, []string{"low", "high"}, []int{0, 0, 1, 1}},
		{map[string][]string{"severe": {"severe", "none"}}, []string{"severe", "mild", "moderate"}, []int{0, 1, 2, 0}},
		{map[string][]string{"healthy": {"none"}}, []string{"healthy", "mild", "moderate", "severe"}, []int{0, 1, 2, 3}},
	} {
		f := labelled(four)
		if err := f.merge(test.groups, nil); err != nil {
			t.Errorf("%v: %v", test.groups, err)
		}
		var labels []int
		for _, c := range f.Cases {
			labels = append(labels, c.Label)
		}
		if !reflect.DeepEqual(f.Classes, test.classes) || !reflect.DeepEqual(labels, test.labels) {
			t.Errorf("%v: classes %q, labels %v, want %q and %v", test.groups, f.Classes, labels, test.classes, test.labels)
		}
	}
}

// TestMergeOfKnown: of data that nets are asked about classes may be missing, merged already, and in
// another order; what nets do not know stays as it is.
func TestMergeOfKnown(t *testing.T) {
	t.Parallel()
	known, groups := []string{"none", "narrow"}, map[string][]string{"narrow": {"moderate", "severe"}}
	for _, test := range []struct{ classes, want []string }{
		{[]string{"moderate", "none", "severe"}, known}, {[]string{"severe", "none"}, known}, {[]string{"narrow", "none"}, known},
		{[]string{"none"}, known}, {[]string{"narrow", "severe"}, known}, {[]string{"none", "wide"}, []string{"none", "wide"}},
	} {
		f := labelled(test.classes)
		if err := f.merge(groups, known); err != nil {
			t.Errorf("%v: %v", test.classes, err)
		}
		f.as(known)
		if !reflect.DeepEqual(f.Classes, test.want) {
			t.Errorf("%v: classes %v, want %v", test.classes, f.Classes, test.want)
		}
		for i, c := range f.Cases {
			was := test.classes[i]
			if was == "moderate" || was == "severe" {
				was = "narrow"
			}
			if got := f.Classes[c.Label]; got != was {
				t.Errorf("%v: case %d is %s, want %s", test.classes, i, got, was)
			}
		}
	}
	f := labelled([]string{"none", "severe"})
	if err := f.merge(map[string][]string{"wide": {"sever"}}, known); err == nil {
		t.Error("took a class that there is not, for one that nets do not know")
	}
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	for path, test := range map[string]struct {
		groups map[string][]string
		want   string
	}{
		"data.merge.narrow.1": {map[string][]string{"narrow": {"mild", "sever"}}, `there is no class "sever"`},
		"data.merge.severe":   {map[string][]string{"severe": {"none", "mild"}}, "there is a class severe already"},
		"data.merge":          {map[string][]string{"any": {"none", "mild", "severe"}}, "all classes become any"},
	} {
		f := labelled([]string{"none", "mild", "severe"})
		err := f.merge(test.groups, nil)
		var wrong stage.Wrong
		if !errors.As(err, &wrong) || wrong.Path != path || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v at %q, want %q at %q", test.groups, err, wrong.Path, test.want, path)
		}
	}
	twice := Config{Merge: map[string][]string{"a": {"mild"}, "b": {"none", "mild"}}}
	if got := twice.Problems(); len(got) != 1 || got[0].Path != "merge.b" || got[0].Text != "class mild becomes a already" {
		t.Errorf("got %+v", got)
	}
}
