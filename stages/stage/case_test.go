package stage

import (
	"reflect"
	"testing"
)

func TestInFold(t *testing.T) {
	t.Parallel()
	cases := []Case{{Fold: 1, Split: Validation}, {Fold: 2, Split: Train}, {Fold: 3, Split: Train}, {Split: Test}}
	for fold, want := range map[int][]Split{
		0:        {Validation, Train, Train, Test},
		1:        {Validation, Train, Train, Test},
		3:        {Train, Train, Validation, Test},
		AllFolds: {Train, Train, Train, Test},
	} {
		var got []Split
		for _, c := range InFold(cases, fold) {
			got = append(got, c.Split)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("fold %d: got %v, want %v", fold, got, want)
		}
	}
	if cases[2].Split != Train {
		t.Error("the cases given were changed")
	}
}
