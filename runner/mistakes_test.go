package main

import (
	"strings"
	"testing"

	"vertebra/stages/registry"
)

// TestMistakesOnTerminals: there each has the line of its file below it, with a caret; elsewhere it is
// one line. Files are called as from the working directory.
func TestMistakesOnTerminals(t *testing.T) {
	t.Parallel()
	problem := registry.Problem{File: "/home/e.yaml", Line: 3, Column: 8, Path: "train.bach", Text: `no setting "bach"`, Hint: "did you mean batch?", Source: "train: {bach: 3}"}
	for _, c := range []struct {
		tty      bool
		dir      string
		problems registry.Problems
		want     string
	}{
		{false, "/home", registry.Problems{problem}, "e.yaml:3:8: train.bach: no setting \"bach\"; did you mean batch?\nrunner: 1 mistake, nothing was run\n"},
		{false, "", registry.Problems{problem, problem}, "/home/e.yaml:3:8: train.bach: no setting \"bach\"; did you mean batch?\n/home/e.yaml:3:8: train.bach: no setting \"bach\"; did you mean batch?\nrunner: 2 mistakes, nothing was run\n"},
		{true, "/home", registry.Problems{problem}, "e.yaml:3:8: train.bach: no setting \"bach\"; did you mean batch?\n    3 | train: {bach: 3}\n      |        ^\nrunner: 1 mistake, nothing was run\n"},
	} {
		var out strings.Builder
		w := world{err: &out, tty: c.tty, dir: c.dir}
		if w.mistakes(c.problems); out.String() != c.want {
			t.Errorf("got\n%s\nwant\n%s", out.String(), c.want)
		}
		out.Reset()
		w.warn(c.problems[:1])
		if got, want := out.String(), "warning: "+strings.SplitN(c.want, "runner: ", 2)[0]; c.tty && got != want || !c.tty && got != strings.SplitAfter(want, "\n")[0] {
			t.Errorf("warnings: got\n%s\nwant\n%s", got, want)
		}
	}
}

// TestCalled: files below the working directory are called from there, others by their whole path.
func TestCalled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ dir, path, want string }{
		{"/home", "/home/a/b.yaml", "a/b.yaml"}, {"/home", "/other/b.yaml", "/other/b.yaml"}, {"/home", "/homes/b.yaml", "/homes/b.yaml"}, {"", "/home/b.yaml", "/home/b.yaml"}, {"/home/in", "/home/b.yaml", "/home/b.yaml"},
	} {
		if got := (world{dir: c.dir}).called(c.path); got != c.want {
			t.Errorf("%s from %s: %s, want %s", c.path, c.dir, got, c.want)
		}
	}
}
