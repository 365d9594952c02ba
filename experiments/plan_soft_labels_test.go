package experiments

import (
	"strings"
	"testing"

	"vertebra/stages/train"
)

// TestSoftLabelsThatLean: where nets that weighed classes made the file, weighing them again is
// warned of.
func TestSoftLabelsThatLean(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said    []float64
		weighed bool
		want    string
	}{
		"weighed twice":   {[]float64{60, 25, 15}, true, "it gives 15.0 % to severe, which 5.0 % of its training cases are"},
		"weighed once":    {[]float64{60, 25, 15}, false, ""},
		"as the labels":   {[]float64{73, 20.5, 6.5}, true, ""},
		"a little of few": {[]float64{73, 20, 7}, true, ""},
	} {
		p := &SoftLabelPlan{Found: 100, Weight: 0.5, classes: []string{"mild", "moderate", "severe"}, weighed: c.weighed, soft: train.Softened{Said: c.said, Own: []float64{75, 20, 5}}}
		got := strings.Join(softLabelWarnings(p), "\n")
		if got != "" != (c.want != "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
