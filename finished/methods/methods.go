// Package methods writes what a finished run did and found as a paper's section on methods and
// results does: from what the run stored, and not from what somebody remembers.
package methods

import (
	"errors"
	"fmt"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// Write writes the text about a run as Markdown, without paths, names of cases, studies or people.
// external are the finished validations of the run on other data, the oldest first. A run that is not
// finished, or has trained no nets, is an error.
func Write(run *results.RunRecord, external []*results.RunRecord) ([]byte, error) {
	if err := tellable(run); err != nil {
		return nil, err
	}
	e, err := experiments.Stored(run.Experiment)
	if err != nil {
		return nil, err
	}
	t := &text{run: run, of: e, external: external}
	for _, write := range []func(){
		t.head, t.data, t.splits, t.images, t.augmentation, t.model, t.training, t.measures, t.numbers, t.elsewhere, t.software, t.authors,
	} {
		write()
	}
	return []byte(t.String()), nil
}

// tellable refuses what there is no such text about.
func tellable(run *results.RunRecord) error {
	if tested := run.Fact(results.ValidationFact); tested != "" {
		return stage.Fault{Err: errors.New("it is a validation, which trained no nets"), Hint: "name the run that it tested, " + tested + ": the text about that has the validation's numbers, too"}
	}
	if run.Fact(results.EnsembleFact) != "" {
		return stage.Fault{Err: errors.New("it blends other runs, or calibrates one, and trained no nets"), Hint: "name the runs that it asks, one by one: runner show names them"}
	}
	if run.Status != results.Done {
		return stage.Fault{Err: fmt.Errorf("it is %s", run.StatusWords()), Hint: "name a finished run"}
	}
	return nil
}

// text is what is written so far.
type text struct {
	strings.Builder
	run      *results.RunRecord
	of       experiments.Experiment
	external []*results.RunRecord
}

// say writes a paragraph, or a line of a list.
func (t *text) say(format string, args ...any) { fmt.Fprintf(&t.Builder, format+"\n", args...) }

// paragraph writes sentences; those that are empty are left out.
func (t *text) paragraph(sentences ...string) {
	var said []string
	for _, s := range sentences {
		if s != "" {
			said = append(said, s)
		}
	}
	if len(said) > 0 {
		t.say("%s\n", strings.Join(said, " "))
	}
}

func (t *text) head() {
	t.say("# Methods and results: %s\n", t.run.Name)
	if purpose := strings.Join(strings.Fields(t.run.Purpose), " "); purpose != "" {
		t.say("> %s\n", purpose)
	}
	t.say("Written by `runner methods` from what run %s stored. Settings and numbers are those that the run used and found; "+
		"the words are a program's, and want an author. What is off, empty or 0 is not named: `runner show %s` lists every setting.\n", t.run.ID, t.run.ID)
}
