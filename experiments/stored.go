package experiments

import (
	"errors"
	"fmt"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Stored reads the resolved experiment that is kept with a run, as the program that made it
// meant it. Its paths are relative to the working directory.
func Stored(text string) (Experiment, error) {
	e, _, err := loadExperiment(onlyStored(inWordsOfNow(text)), storedPath, nil)
	if err != nil {
		return e, ofAnother("experiment", err)
	}
	return e, nil
}

// ofAnother says that what a run stored is not of this program: those are no mistakes of a file that
// somebody could mend.
func ofAnother(what string, err error) error {
	text := err.Error()
	if problems := (registry.Problems{}); errors.As(err, &problems) && len(problems) > 0 {
		text = problems[0].Text
		if at := problems[0].Path; at != "" {
			text = at + ": " + text
		}
		if more := len(problems) - 1; more > 0 {
			text += fmt.Sprintf(", and %d more", more)
		}
	}
	return stage.Fault{Err: fmt.Errorf("the run's %s is of another version of this program: %s", what, text), Hint: "use the version that made it, which is a newer one where this one is not the newest"}
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
