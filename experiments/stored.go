package experiments

import (
	"fmt"

	"vertebra/stages/stage"
)

// Stored reads the resolved experiment that is kept with a run. Its paths are
// relative to the working directory.
func Stored(text string) (Experiment, error) {
	e, _, err := loadExperiment(onlyStored(text), storedPath, nil)
	if err != nil {
		return e, stage.Fault{Err: fmt.Errorf("the run's experiment: %w", err), Hint: "this program no longer knows what that run was; use the version that made it"}
	}
	return e, nil
}
