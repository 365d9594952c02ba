package main

import (
	"fmt"
	"io"
	"strings"

	"vertebra/experiments"
	"vertebra/stages/stage"
)

// printNext says what carries out what check has shown, as it is typed: with the same changes of
// settings, and the same places where those are not the usual ones.
func (c checkCommand) printNext(out io.Writer, w world, e experiments.Experiment) error {
	words := []string{"runner", "run"}
	if e.Sweep != nil {
		words[1] = "sweep"
	}
	words = append(words, stage.ShellWord(w.called(c.File)))
	for _, set := range c.Set {
		words = append(words, "--set", stage.ShellWord(set))
	}
	for _, place := range []struct{ flag, path, usual string }{
		{"--db", c.DB, "results.db"}, {"--cache", c.Cache, ".cache"}, {"--pretrained", c.Pretrained, torchHub()},
	} {
		if path := w.called(place.path); path != w.called(place.usual) {
			words = append(words, place.flag, stage.ShellWord(path))
		}
	}
	_, err := fmt.Fprintf(out, "\nnext    %s\n", strings.Join(words, " "))
	return err
}
