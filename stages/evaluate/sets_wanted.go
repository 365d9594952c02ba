package evaluate

import (
	"fmt"

	"vertebra/stages/stage"
)

// MakeSets asks for prediction sets of a coverage, by the method that is there or else the plainest;
// with 0 nothing changes.
func (cfg *Config) MakeSets(coverage float64) error {
	switch {
	case coverage == 0:
		return nil
	case !(coverage >= 0.5 && coverage < 1):
		return stage.Fault{Err: fmt.Errorf("--sets %v: no such coverage", coverage), Hint: "give the share of sets that shall hold the true class, from 0.5 to below 1"}
	case cfg.Sets == nil:
		sets := Conformal{}.Defaults()
		sets.Method, _ = ConformalMethods.Default(sets.Method.Name)
		cfg.Sets = &sets
	}
	cfg.Sets.Coverage = coverage
	return nil
}
