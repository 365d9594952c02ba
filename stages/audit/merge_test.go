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
		if err := f.merge(test.groups); err != nil {
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
		err := f.merge(test.groups)
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
