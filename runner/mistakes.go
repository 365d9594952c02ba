package main

import (
	"fmt"

	"vertebra/stages/registry"
)

// mistakes prints what is wrong with an experiment: on a terminal with the
// source line and a caret below the place, otherwise one line for each.
func (w world) mistakes(problems registry.Problems) {
	if w.tty {
		fmt.Fprintln(w.err, problems.Excerpts())
	} else {
		fmt.Fprintln(w.err, problems)
	}
	noun := "mistakes"
	if len(problems) == 1 {
		noun = "mistake"
	}
	fmt.Fprintf(w.err, "runner: %d %s, nothing was run\n", len(problems), noun)
}

// warn prints settings that will not do what they seem to.
func (w world) warn(warnings registry.Problems) {
	for _, p := range warnings {
		text := p.Error()
		if w.tty {
			text = p.Excerpt()
		}
		fmt.Fprintln(w.err, "warning:", text)
	}
}
