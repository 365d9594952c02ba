package evaluate

import (
	"fmt"
	"slices"
	"testing"

	"vertebra/stages/stage"
)

// TestRanges: numbers of many values stand in ranges of round steps, in their order; few
// values, and words, stand for themselves.
func TestRanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value func(i int) string
		want  []string
	}{
		"ages":     {func(i int) string { return fmt.Sprint(23 + 3*i%67) }, []string{"20 to below 40", "40 to below 60", "60 to below 80", "80 to below 100"}},
		"weights":  {func(i int) string { return fmt.Sprintf("0.%03d", 100+i) }, []string{"0.1 to below 0.12", "0.12 to below 0.14", "0.14 to below 0.16"}},
		"negative": {func(i int) string { return fmt.Sprint(i - 25) }, []string{"-40 to below -20", "-20 to below 0", "0 to below 20", "20 to below 40"}},
		"grades":   {func(i int) string { return fmt.Sprint(8 + i%4) }, []string{"8", "9", "10", "11"}},
		"words":    {func(i int) string { return fmt.Sprint("site ", i%11) }, []string{"site 0", "site 1", "site 10", "site 2", "site 3", "site 4", "site 5", "site 6", "site 7", "site 8", "site 9"}},
		"some unknown": {func(i int) string {
			if i%5 == 0 {
				return ""
			}
			return fmt.Sprint(i)
		}, []string{"0 to below 20", "20 to below 40", "40 to below 60", noTag}},
		"an outlier": {func(i int) string { return fmt.Sprint(i + 1000*(i/49)) }, []string{"0 to below 20", "20 to below 40", "40 to below 60", "1040 to below 1060"}},
	} {
		var items []stage.Prediction
		for i := range 50 {
			items = append(items, stage.Prediction{CaseID: fmt.Sprintf("%02d", i), Probabilities: []float64{1, 0, 0}, Tags: map[string]string{"it": c.value(i)}})
		}
		p, err := prepare(classes, items)
		if err != nil {
			t.Fatal(err)
		}
		groups, n := p.by("it"), 0
		for _, of := range groups {
			n += len(of)
		}
		if got := inOrder(groups); !slices.Equal(got, c.want) || n != 50 {
			t.Errorf("%s: got %q of %d cases, want %q", name, got, n, c.want)
		}
		if name == "weights" && len(groups["0.12 to below 0.14"]) != 20 {
			t.Errorf("0.12 is not in the range that begins with it: %d cases are", len(groups["0.12 to below 0.14"]))
		}
	}
}
