package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// locateCommand is runner locate.
type locateCommand struct {
	ID   string   `arg:"" name:"run" help:"Finished run of an experiment with the section locate: its name (the latest so called), its id, the beginning of one, or latest; or a package of one."`
	Data []string `arg:"" help:"Images and folders of images, or one CSV file with a row for each image, or one experiment file, of which the section data counts."`

	Out     string       `short:"o" help:"File to write; standard output when absent or -." placeholder:"FILE" type:"path"`
	Set     []string     `help:"Change a setting of the experiment file: path=value." sep:"none" placeholder:"PATH=VALUE"`
	Split   string       `help:"Of an experiment's data, only the cases of one split." enum:",train,validation,test" default:""`
	Columns tableColumns `embed:"" prefix:"column-"`

	asksNets
}

// asking is how the same data would be predicted.
func (c locateCommand) asking() predictCommand {
	out := c.Out
	if out == "-" {
		out = ""
	}
	return predictCommand{ID: c.ID, Data: c.Data, Out: out, Set: c.Set, Split: c.Split, Columns: c.Columns, asksNets: c.asksNets}
}

// Run looks for points with the net of a run, and writes where they are.
func (c locateCommand) Run(ctx context.Context, w world) error {
	ask := c.asking()
	if ask.Out != "" {
		if err := mayReplace(ask.Out, c.Data, "study_id,", "id,"); err != nil {
			return err
		}
	}
	run, err := c.open(ctx)
	if err != nil {
		return err
	}
	console := newConsole(w)
	defer console.close()
	found, err := ask.request().Locate(ctx, c.env(w, onlyTroubles{console}), run)
	if err != nil {
		return err
	}
	if measured, err := tellFound(console, found); err != nil {
		return err
	} else if measured && experiments.IsFile(c.Data[0]) {
		if err := ask.tellKnown(ctx, w, console, run.Run, found.Cases); err != nil {
			return err
		}
	}
	return ask.writeFound(w, found)
}

// writeFound writes the points to standard output or to a file, as a whole.
func (c predictCommand) writeFound(w world, found predict.Located) error {
	write := func(out io.Writer) error {
		if found.OfRSNA {
			_, err := out.Write(audit.PointTable(found.Points))
			return err
		}
		return writePoints(out, found.Points)
	}
	if c.Out == "" {
		return write(w.out)
	}
	if err := writeWhole(c.Out, write); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.err, "%d points of %d in %s\n", len(found.Points), len(found.Cases.Cases), w.called(c.Out))
	return err
}

// open opens the run, or the one whose probabilities another corrects.
func (c locateCommand) open(ctx context.Context) (o finished.Opened, err error) {
	run, err := finished.Store{DB: c.DB, Runs: c.Runs}.Find(ctx, c.ID)
	if err != nil {
		return o, err
	}
	members, err := finished.OpenAsked(ctx, run)
	if err != nil {
		return o, err
	}
	if len(members) > 1 {
		return o, stage.Fault{Err: fmt.Errorf("run %s is an ensemble, whose members find points each by themselves", run.ID()), Hint: "name one of its members; runner show has their names"}
	}
	return members[0], nil
}

// tellFound says how far points lie from those that the data has, where it has some.
func tellFound(to *console, l predict.Located) (measured bool, err error) {
	for _, d := range l.Cases.Dropped {
		if !strings.HasSuffix(d.ID, "_on_request") {
			to.warn("left out: %s: %d, such as %s (%s)", d.Rule, len(d.IDs), d.IDs[0], d.Reason)
		}
	}
	if missing := len(l.Cases.Cases) - len(l.Points); missing > 0 {
		to.warn("%d of %d points were not found: none of their images could be looked at", missing, len(l.Cases.Cases))
	}
	scalars, err := l.Measure()
	if err != nil || scalars == nil {
		return false, err
	}
	to.say("beside the points of the data:")
	for _, s := range scalars {
		to.say("%s", strings.TrimRight(fmt.Sprintf("  %s  %.4g %s", s.Name, s.Value, s.Unit), " "))
	}
	return true, nil
}

// writePoints writes a table that runner predict reads.
func writePoints(out io.Writer, points []audit.FoundPoint) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{"id", "group", "series", "image", "x", "y", "chance"}); err != nil {
		return err
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }
	for _, p := range points {
		series := p.Series
		if file, frame := stage.ParseFramePath(p.Image); frame > 0 && file == series {
			series = "" // a series of the one frame would lack the others
		}
		err := w.Write([]string{p.Case.ID, p.Case.Group, series, p.Image, number(p.Point.X), number(p.Point.Y), strconv.FormatFloat(p.Chance, 'g', 4, 64)})
		if err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
