package preprocess

import (
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	if got, err := Describe(usual); err != nil || got.Shape != (Shape{1, 16, 16}) {
		t.Errorf("got %v, %v", got, err)
	}
	for want, cfg := range map[string]Config{
		"must be decode":            nil,
		"decoded once only":         append(slices.Clone(usual), registry.One[Step]{Name: "decode", Part: Decode{}}),
		"different sizes":           steps(crop, bySeries),
		"would leave with":          steps(crop, Resize{Pixels: 3}),
		"an earlier step made them": steps(byCrop, bySeries, Resize{Pixels: 3}),
	} {
		if _, err := Describe(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
