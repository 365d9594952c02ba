package main

import (
	"errors"
	"fmt"
	"path/filepath"
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

// called is a file as it is called from the working directory, if it lies below:
// what a report shows then says nothing of the machine.
func (w world) called(path string) string {
	near, err := filepath.Rel(w.dir, path)
	if w.dir == "" || err != nil || !filepath.IsLocal(near) {
		return path
	}
	return near
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

// mistake is a problem for machines.
type mistake struct {
	File      string `json:"file"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	Path      string `json:"path,omitempty"`
	Text      string `json:"text"`
	Hint      string `json:"hint,omitempty"`
	Inherited string `json:"inherited_by,omitempty"`
}

func (w world) listed(problems registry.Problems) []mistake {
	out := []mistake{}
	for _, p := range w.near(problems) {
		out = append(out, mistake{p.File, p.Line, p.Column, p.Path, p.Text, p.Hint, p.Inherited})
	}
	return out
}

// failJSON writes mistakes for machines; the exit code says the rest.
func (w world) failJSON(err error) error {
	var problems registry.Problems
	if !errors.As(err, &problems) {
		return err
	}
	err = w.json(struct {
		Valid    bool      `json:"valid"`
		Mistakes []mistake `json:"mistakes"`
	}{false, w.listed(problems)})
	return errors.Join(err, errTold{problems})
}

// errTold is an invalid experiment whose mistakes are printed already.
type errTold struct{ error }
