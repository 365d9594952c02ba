package main

import (
	"fmt"
	"os"
	"path/filepath"

	"vertebra/experiments"
	"vertebra/stages/stage"
)

// derivedFile is where a command writes an experiment that it made of a stored one.
type derivedFile struct {
	Name string `help:"Name of the experiment; made of that of the run or sweep when empty."`
	Out  string `short:"o" help:"File to write; it must not be there yet. Standard output when absent or -, for a file beside that of the run or sweep." placeholder:"FILE" type:"path"`
}

// printed says whether the file goes to standard output.
func (f derivedFile) printed() bool { return f.Out == "" || f.Out == "-" }

// write writes the file, or prints it.
func (f derivedFile) write(w world, text []byte) error {
	if f.printed() {
		_, err := w.out.Write(text)
		return err
	}
	if _, err := os.Lstat(f.Out); err == nil {
		return stage.Fault{Err: fmt.Errorf("%s is there already", w.called(f.Out)), Hint: "name another file"}
	}
	if err := writeNew(f.Out, writeText(string(text))); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.out, "wrote %s; look at it, then: runner check %s\n", w.called(f.Out), stage.ShellWord(w.called(f.Out)))
	return err
}

// text is e below a head of comments: what x says differs from the file that e came from, where that
// gives e, or else all of it.
func (f derivedFile) text(head, from string, x experiments.Extension, e experiments.Experiment) []byte {
	short, err := f.extension(from, x, e)
	switch {
	case err != nil:
		return whole(head, err, e)
	case f.printed():
		head += "# Save it beside " + filepath.Base(from) + ", or name that by its path from here.\n"
	}
	return append([]byte(head), short...)
}

// whole is all of e, with the reason for it.
func whole(head string, reason error, e experiments.Experiment) []byte {
	return append([]byte(head+fmt.Sprintf("# All settings are written out: %v.\n", reason)), experiments.Plain(e)...)
}

// extension writes e as a file that extends another. It is read as it will be, since that file, or
// one that it extends, may have been changed or moved.
func (f derivedFile) extension(from string, x experiments.Extension, e experiments.Experiment) ([]byte, error) {
	if _, err := os.Stat(from); err != nil {
		return nil, fmt.Errorf("%s is not there any more", filepath.Base(from))
	}
	from, err := filepath.Abs(from) // as run reads files, so that paths in them agree
	if err != nil {
		return nil, err
	}
	at := f.Out
	if f.printed() {
		at = filepath.Join(filepath.Dir(from), "."+filepath.Base(from)+".new")
	}
	x.Extends, x.Name, x.Purpose = relative(at, from), e.Name, e.Purpose
	text, err := x.YAML()
	if err != nil {
		return nil, err
	}
	got, err := experiments.LoadText(at, text)
	if err != nil || string(experiments.Resolved(got)) != string(experiments.Resolved(e)) {
		return nil, fmt.Errorf("%s says something else now, or was changed by --set", filepath.Base(from))
	}
	return text, nil
}
