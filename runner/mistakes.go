package main

import (
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/registry"
)

// mistakes prints what is wrong with an experiment: on a terminal with the
// source line and a caret below the place, otherwise one line for each.
func (w world) mistakes(problems registry.Problems) {
	problems = w.near(problems)
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
	for _, p := range w.near(warnings) {
		text := p.Error()
		if w.tty {
			text = p.Excerpt()
		}
		fmt.Fprintln(w.err, "warning:", text)
	}
}

// near names files as they are called from the working directory.
func (w world) near(problems registry.Problems) registry.Problems {
	out := slices.Clone(problems)
	if w.dir == "" {
		return out
	}
	short := func(text string) string { return strings.ReplaceAll(text, w.dir+"/", "") }
	for i, p := range out {
		out[i].File, out[i].Text, out[i].Hint, out[i].Inherited = short(p.File), short(p.Text), short(p.Hint), short(p.Inherited)
	}
	return out
}
