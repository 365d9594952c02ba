package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vertebra/stages/stage"
)

// asksForPredictions says whether a table is the sample of a submission, as competitions give
// one, and no data.
func asksForPredictions(path string) bool {
	name := strings.ToLower(filepath.Base(path))
	return strings.Contains(name, "submission") || strings.HasPrefix(name, "submit")
}

// tellOther says what a further table is good for.
func (c initCommand) tellOther(w world, path string) {
	if name := stage.ShellWord(w.called(path)); asksForPredictions(path) {
		fmt.Fprintf(w.out, "%s is what a competition wants: runner predict RUN TABLE --like %s -o submission.csv\n", w.called(path), name)
	} else {
		fmt.Fprintf(w.out, "%s may be read too: runner init %s FILE\n", w.called(path), name)
	}
}

// Unmarked says whether there is a part of RSNA in which nobody marked points.
func (s sketch) Unmarked() bool {
	root := string(s.RSNA.Root)
	for _, name := range []string{submissionOf, "test_series_descriptions.csv", "test_images"} {
		if _, err := os.Stat(filepath.Join(root, name)); root == "" || err != nil {
			return false
		}
	}
	return true
}

const submissionOf = "sample_submission.csv"

// tellRSNA says how the part without labels is predicted, where it is there.
func (c initCommand) tellRSNA(w world, s sketch) {
	if !s.Unmarked() {
		return
	}
	sample := filepath.Join(string(s.RSNA.Root), submissionOf)
	fmt.Fprintf(w.out, "its part without labels: runner predict RUN %s --set data.source.rsna.part=test --like %s -o submission.csv\n", stage.ShellWord(w.called(c.File)), stage.ShellWord(w.called(sample)))
}
