package experiments

import (
	"fmt"

	"vertebra/stages/stage"
)

// Stored reads the resolved experiment that is kept with a run, as the program that made it
// meant it. Its paths are relative to the working directory.
func Stored(text string) (Experiment, error) {
	e, _, err := loadExperiment(onlyStored(inWordsOfNow(text)), storedPath, nil)
	if err != nil {
		return e, stage.Fault{Err: fmt.Errorf("the run's experiment: %w", err), Hint: "this program no longer knows what that run was; use the version that made it"}
	}
	return e, nil
}

// Present is a stored experiment as this program writes it down: settings that an older one
// did not know have their defaults, which is what it did but for olderMeanings. What cannot be read any more stays
// as it is.
func Present(text string) []byte {
	e, err := Stored(text)
	if err != nil {
		return []byte(text)
	}
	return Resolved(e)
}

// MeansOther says whether a stored experiment, read as a file, would be another today than it was,
// or none.
func MeansOther(text string) bool { return inWordsOfNow(text) != text }
