package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/locate"
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
	p, err := c.open(ctx)
	if err != nil {
		return err
	}
	f, _, err := p.mayFind(true)
	if err != nil {
		return err
	}
	console := newConsole(w)
	defer console.close()
	env := ask.env(w, console, p)
	cases, ofRSNA, err := ask.toLocate(ctx, env, p)
	if err != nil {
		return err
	}
	points, found, err := findPointsOf(ctx, env, f, cases)
	if err != nil {
		return err
	}
	if measured, err := tellFound(console, f, cases, found); err != nil {
		return err
	} else if p.cases = cases; measured && isExperiment(c.Data[0]) {
		if err := ask.tellKnown(ctx, w, console, p); err != nil {
			return err
		}
	}
	return ask.writeFound(w, points, len(cases.Cases), ofRSNA)
}

// writeFound writes the points of so many cases to standard output or to a file, as a whole.
func (c predictCommand) writeFound(w world, points []audit.FoundPoint, cases int, ofRSNA bool) error {
	write := func(out io.Writer) error {
		if ofRSNA {
			_, err := out.Write(audit.PointTable(points))
			return err
		}
		return writePoints(out, points)
	}
	if c.Out == "" {
		return write(w.out)
	}
	if err := writeWhole(c.Out, write); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.err, "%d points of %d in %s\n", len(points), cases, w.called(c.Out))
	return err
}

// open opens the run, or the one whose probabilities another corrects.
func (c locateCommand) open(ctx context.Context) (p predictor, err error) {
	run, err := (finished{c.database, c.Runs}).find(ctx, c.ID)
	if err != nil {
		return p, err
	}
	if run.Fact(results.EnsembleFact) == "" {
		return open(run, 0)
	}
	e, err := experiments.StoredEnsemble(run.Experiment())
	if err != nil {
		return p, err
	}
	members, _, err := openMembers(ctx, run, e.Ensemble)
	if err != nil {
		return p, err
	}
	if len(members) > 1 {
		return p, stage.Fault{Err: fmt.Errorf("run %s is an ensemble, whose members find points each by themselves", run.ID()), Hint: "name one of its members; runner show has their names"}
	}
	return members[0], nil
}

// toLocate are the cases whose points are looked for; ofRSNA says that these have a table of
// their own.
func (c predictCommand) toLocate(ctx context.Context, env stage.Env, p predictor) (cases audit.Cases, ofRSNA bool, err error) {
	if len(c.Data) != 1 || !isExperiment(c.Data[0]) {
		if err := c.untold(p); err != nil {
			return cases, false, err
		}
		unseen, err := c.unseen(p)
		if err != nil {
			return cases, false, err
		}
		cases, err = unseen.Read(ctx, env)
		return cases, false, err
	}
	data, err := c.otherData(p)
	if err != nil {
		return cases, false, err
	}
	_, ofRSNA = data.WithPoints(nil)
	if cases, err = unpointed(ctx, env, p, data); err != nil {
		return cases, ofRSNA, experiments.Place(err, c.Data[0], c.Set)
	}
	if cases, err = c.asMarked(ctx, env, data, cases); err == nil && len(cases.Cases) == 0 {
		err = errors.New("there is nothing to look for: no case is left")
	}
	return cases, ofRSNA, experiments.Place(err, c.Data[0], c.Set)
}

// asMarked gives cases whose points are looked for the identity of the data as they are, and
// leaves those of the split that is asked for.
func (c predictCommand) asMarked(ctx context.Context, env stage.Env, data audit.Config, cases audit.Cases) (audit.Cases, error) {
	if data.Unlabelled() && c.Split != "" {
		return cases, c.noSplits()
	} else if data.Unlabelled() {
		return cases, nil
	}
	marked, err := readSilently(ctx, env, data)
	if err != nil {
		return cases, err
	}
	cases.Fingerprint, cases.Undivided = marked.Fingerprint, marked.Undivided
	if c.Split == "" {
		return cases, nil
	}
	in, err := c.dealt(marked.Cases)
	if err == nil {
		cases.Cases = in.only(cases.Cases)
	}
	return cases, err
}

// tellFound says how far points lie from those that the data has, where it has some.
func tellFound(to audience, f locate.Finder, cases audit.Cases, found []locate.Found) (measured bool, err error) {
	for _, d := range cases.Dropped {
		if !strings.HasSuffix(d.ID, "_on_request") {
			to.warn("left out: %s: %d, such as %s (%s)", d.Rule, len(d.IDs), d.IDs[0], d.Reason)
		}
	}
	if missing := len(cases.Cases) - len(found); missing > 0 {
		to.warn("%d of %d points were not found: none of their images could be looked at", missing, len(cases.Cases))
	}
	scalars, err := f.Compare(cases, found)
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
