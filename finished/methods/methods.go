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

// About is what the text is about.
type About struct {
	Run *results.RunRecord
	// Members are the runs that an ensemble asks, in its order; none of another run.
	Members []*results.RunRecord
	// Searches are where settings come from, by the run that has them; the others were chosen by people.
	Searches map[string]Search
	// External are the finished validations of the run on other data, the oldest first.
	External []*results.RunRecord
}

// Write writes the text as Markdown, without paths, names of cases, studies or people. A run that is not
// finished, or has trained no nets, is an error.
func (a About) Write() ([]byte, error) {
	if err := a.tellable(); err != nil {
		return nil, err
	}
	t, err := a.text()
	if err != nil {
		return nil, err
	}
	t.head()
	if len(a.Members) > 0 {
		err = t.blended(a.Members)
	} else {
		err = t.training()
	}
	t.found()
	return []byte(t.String()), err
}

// text begins one; an ensemble is measured on the cases of its first member.
func (a About) text() (*text, error) {
	t := &text{run: a.Run, external: a.External, searches: a.Searches}
	stored := a.Run
	if len(a.Members) > 0 {
		stored = a.Members[0]
	}
	var err error
	if t.of, err = experiments.Stored(stored.Experiment); err == nil && len(a.Members) > 0 {
		t.of.Evaluate, err = experiments.Measured(a.Run.Experiment)
	}
	return t, err
}

// tellable refuses what there is no such text about.
func (a About) tellable() error {
	run := a.Run
	if tested := run.Fact(results.ValidationFact); tested != "" {
		return stage.Fault{Err: errors.New("it is a validation, which trained no nets"), Hint: "name the run that it tested, " + tested + ": the text about that has the validation's numbers, too"}
	}
	if run.Fact(results.EnsembleFact) != "" && len(a.Members) == 0 {
		return stage.Fault{Err: errors.New("it asks the nets of other runs, and those are not there"), Hint: "name the runs that it asks, which runner show names"}
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
	searches map[string]Search
}

// training is how one run came to its nets.
func (t *text) training() error {
	t.data()
	t.splits()
	return t.nets()
}

// nets is what becomes of images, how a net learns from them, and how that was chosen.
func (t *text) nets() error {
	t.images()
	t.augmentation()
	t.model()
	t.learning()
	return t.chosen()
}

// found is what was measured, and what only authors can add.
func (t *text) found() {
	t.measures()
	t.numbers()
	t.elsewhere()
	t.software()
	t.authors()
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
