package stage

import (
	"reflect"
	"testing"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	q := Questions{Classes: []string{"a", "b", "c"}, Targets: []string{"x", "y", "z", "w"}, Among: [][]int{{0, 1}, {2, 0}, {0, 1}, {0, 2}}}
	want := []Kind{{[]int{0, 2}, []int{0, 1}}, {[]int{1}, []int{2, 0}}, {[]int{3}, []int{0, 2}}}
	if got := q.Kinds(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if got := q.Names(1); !reflect.DeepEqual(got, []string{"c", "a"}) || q.Has(1, 1) || !q.Has(1, 2) {
		t.Errorf("got %v", got)
	}
	if got := (Questions{Classes: q.Classes}).Kinds(); !reflect.DeepEqual(got, []Kind{{[]int{0}, []int{0, 1, 2}}}) {
		t.Errorf("of one question: %v", got)
	}
	if got := q.ByName()["y"]; !reflect.DeepEqual(got, []string{"c", "a"}) {
		t.Errorf("got %v", got)
	}
}

func TestCheckQuestions(t *testing.T) {
	t.Parallel()
	q := Questions{Classes: []string{"a", "b", "c"}, Targets: []string{"x", "y"}}
	for _, bad := range [][][]int{{{0, 1}}, {{0, 1}, {0}}, {{0, 1}, {0, 3}}, {{0, 1}, {-1, 0}}, {{0, 1}, {2, 2}}, {{0, 1}, nil}} {
		if q.Among = bad; q.Check() == nil {
			t.Errorf("%v is taken", bad)
		}
	}
	for _, good := range [][][]int{nil, {{0, 1}, {2, 1}}} {
		if q.Among = good; q.Check() != nil {
			t.Errorf("%v: %v", good, q.Check())
		}
	}
	if q = (Questions{Classes: q.Classes, Targets: []string{"x", "y", "x"}}); q.Check() == nil {
		t.Error("two targets of one name are taken")
	}
	if q = (Questions{Classes: q.Classes, Among: [][]int{}}); q.Check() == nil {
		t.Error("classes of no targets are taken")
	}
}
