package predict

import (
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestDealt: of the cases of one split those are left that are in it; what has no name there, such as rows
// that samples are made of, goes with its group.
func TestDealt(t *testing.T) {
	t.Parallel()
	marked := []stage.Case{{ID: "a", Group: "p1", Split: stage.Test}, {ID: "b", Group: "p1", Split: stage.Train}, {ID: "c", Group: "p2", Split: stage.Train}}
	in, err := Request{Split: "test", Data: []string{"x.yaml"}}.dealt(marked)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, one := range in.only([]stage.Case{{ID: "a", Group: "p1"}, {ID: "b", Group: "p1"}, {ID: "c", Group: "p2"}, {ID: "row of a", Group: "p1"}, {ID: "row of c", Group: "p2"}, {ID: "d", Group: "p3"}}) {
		if got += one.ID + ", "; one.Split != stage.Test {
			t.Errorf("%s is in the split %s", one.ID, one.Split)
		}
	}
	if got != "a, row of a, " {
		t.Errorf("got %s", got)
	}
	if _, err := (Request{Split: "validation", Data: []string{"x.yaml"}}).dealt(marked); err == nil || !strings.Contains(err.Error(), "x.yaml has no cases in the validation split") {
		t.Errorf("got %v", err)
	}
}
