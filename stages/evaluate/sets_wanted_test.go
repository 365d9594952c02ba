package evaluate

import (
	"math"
	"testing"
)

// TestMakeSets: sets are of the coverage that is asked for, by the method that is there or the plainest.
func TestMakeSets(t *testing.T) {
	t.Parallel()
	own := Conformal{}.Defaults()
	own.Method, _ = ConformalMethods.Default("raps")
	for name, c := range map[string]struct {
		sets     *Conformal
		coverage float64
		method   string // "" for no sets
	}{
		"nobody asks": {nil, 0, ""}, "as they were": {&own, 0, "raps"}, "the plainest": {nil, 0.9, Conformal{}.Defaults().Method.Name}, "its own": {&own, 0.8, "raps"},
	} {
		cfg := Config{Sets: c.sets}
		if err := cfg.MakeSets(c.coverage); err != nil || (cfg.Sets == nil) != (c.method == "") {
			t.Errorf("%s: got %v, %v", name, cfg.Sets, err)
		} else if cfg.Sets != nil && (cfg.Sets.Method.Name != c.method || cfg.Sets.Method.Part == nil || c.coverage > 0 && cfg.Sets.Coverage != c.coverage) {
			t.Errorf("%s: got %s of %v", name, cfg.Sets.Method.Name, cfg.Sets.Coverage)
		}
	}
	for _, coverage := range []float64{-0.1, 0.49, 1, math.NaN()} {
		if err := new(Config).MakeSets(coverage); err == nil {
			t.Errorf("a coverage of %v is taken", coverage)
		}
	}
}
