package compare

import (
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestFacts: what two runs ran on, where both say it and it differs; long facts are not shown.
func TestFacts(t *testing.T) {
	t.Parallel()
	fact := func(name, value string) stage.Fact { return stage.Fact{Name: name, Value: value} }
	got := Facts([]stage.Fact{fact("device", "cpu"), fact("libtorch", "1.13"), fact(results.ParentFact, "x"), fact("gone", "1")},
		[]stage.Fact{fact("libtorch", "2.1"), fact("device", "cpu"), fact(results.ParentFact, "y"), fact("new", "1")})
	if len(got) != 1 || got[0].Path != "libtorch" || got[0].Words != "1.13 → 2.1" {
		t.Errorf("got %+v", got)
	}
}
