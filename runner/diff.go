package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/finished/compare"
	"vertebra/results"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// diffCommand is runner diff.
type diffCommand struct {
	A    string `arg:"" help:"Experiment file, run, or package of a run. Alone: what makes it different from its parent, the file that it extends."`
	B    string `arg:"" optional:"" help:"Experiment file, run or package to compare with."`
	JSON bool   `help:"Write JSON."`
	places
}

// side is one of the two that are compared.
type side struct {
	name     string
	resolved []byte
	facts    []stage.Fact // of a run
	parent   string       // of a run: what it was compared with when it began
}

// Run prints what differs, and nothing else.
func (c diffCommand) Run(ctx context.Context, w world) error {
	b, err := c.side(ctx, c.A)
	if err != nil {
		return err
	}
	a := b
	switch {
	case c.B != "":
		if b, err = c.side(ctx, c.B); err != nil {
			return err
		}
	case b.facts == nil:
		if a, err = parentOf(c.A); err != nil {
			return err
		}
	default:
		return c.parentOfRun(w, b)
	}
	changes, err := experiments.Diff(a.resolved, b.resolved)
	if err != nil {
		return err
	}
	return c.print(w, a, b, append(changes, compare.Facts(a.facts, b.facts)...))
}

func (c diffCommand) print(w world, a, b side, changes []experiments.Change) error {
	if c.JSON {
		encoder := json.NewEncoder(w.out)
		encoder.SetIndent("", "  ")
		if changes == nil {
			changes = []experiments.Change{}
		}
		return encoder.Encode(changes)
	}
	if len(changes) == 0 {
		_, err := fmt.Fprintf(w.out, "%s and %s are the same\n", a.name, b.name)
		return err
	}
	_, err := fmt.Fprintf(w.out, "from %s to %s:\n%s", a.name, b.name, experiments.Written(changes))
	return err
}

// side reads a file or a package, or finds a run.
func (c diffCommand) side(ctx context.Context, word string) (side, error) {
	if packages.Names(word) {
		run, err := finished.OpenPackage(word)
		if err != nil {
			return side{}, err
		}
		return side{name: "package " + word, resolved: experiments.Present(run.Experiment()), facts: []stage.Fact{}}, nil
	}
	if _, err := os.Stat(word); err == nil {
		whole, err := filepath.Abs(word) // as run and show read it, so that paths in it agree
		if err != nil {
			return side{}, err
		}
		e, _, err := experiments.Load(whole, nil)
		return side{name: word, resolved: experiments.Resolved(e)}, err
	}
	if _, err := os.Stat(c.DB); err != nil {
		return side{}, stage.Fault{Err: fmt.Errorf("%s is no file, and there is no database %s to look for a run of that name", word, c.DB),
			Hint: "name a YAML file, or a run of runner runs"}
	}
	db, err := results.Open(ctx, c.DB)
	if err != nil {
		return side{}, err
	}
	record, err := db.Load(ctx, word)
	if err := errors.Join(err, db.Close()); err != nil {
		return side{}, err
	}
	return side{name: "run " + record.ID, resolved: experiments.Present(record.Experiment), facts: record.Facts, parent: record.Fact(results.ParentFact)}, nil
}

const defaultsName = "the defaults"

// parentOf is the file that a file extends, or the defaults.
func parentOf(file string) (side, error) {
	whole, err := filepath.Abs(file)
	if err != nil {
		return side{}, err
	}
	name, resolved, err := experiments.Parent(whole)
	if name == "" {
		return side{name: defaultsName, resolved: resolved}, err
	}
	if near, e := filepath.Rel(filepath.Dir(whole), name); e == nil {
		name = filepath.Join(filepath.Dir(file), near)
	}
	return side{name: name, resolved: resolved}, err
}

func (c diffCommand) parentOfRun(w world, run side) error {
	if run.parent == "" {
		return stage.Fault{Err: fmt.Errorf("%s did not store what makes it different from its parent", run.name), Hint: "compare it with a file or a run: runner diff RUN FILE"}
	}
	if c.JSON {
		return json.NewEncoder(w.out).Encode(run.parent)
	}
	_, err := fmt.Fprintln(w.out, run.parent)
	return err
}

// describeParent says in words what makes a file different from its parent.
func describeParent(file string, e experiments.Experiment) (string, error) {
	a, err := parentOf(file)
	if err != nil {
		return "", err
	}
	changes, err := experiments.Diff(a.resolved, experiments.Resolved(e))
	if err != nil {
		return "", err
	}
	name := a.name
	if near, err := filepath.Rel(filepath.Dir(file), name); err == nil && name != defaultsName {
		name = near // the run may be read on another machine
	}
	return fmt.Sprintf("from %s:\n%s", name, experiments.Written(changes)), nil
}
