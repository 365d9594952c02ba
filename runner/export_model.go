package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/finished"
	"vertebra/finished/graph"
	"vertebra/stages/export"
	"vertebra/stages/stage"
)

// exportModelCommand is runner export model.
type exportModelCommand struct {
	ID   string `arg:"" name:"run" help:"Finished run: its name (the latest so called), its id, the beginning of one, or latest; or a package of one."`
	File string `arg:"" help:"File to write: .onnx for ONNX, .pt for TorchScript." type:"path"`

	Fold    int    `help:"Export the net of one fold alone; 0 exports all, and the mean of their probabilities." default:"0"`
	Raw     bool   `help:"Leave the probabilities as the net gives them, also where the run is calibrated."`
	OneView bool   `help:"Leave test-time augmentation out: the net sees each image once, as it is."`
	Runs    string `help:"Folder of checkpoints." default:"runs" type:"path"`
	Threads int    `help:"Threads of one tensor operation; 0 leaves it to libtorch." default:"0"`
	database
}

// Run writes the file, and says what is in it.
func (c exportModelCommand) Run(ctx context.Context, w world) error {
	c.File = w.called(c.File)
	if err := export.CheckPath(c.File); err != nil {
		return err
	}
	run, err := finished.Store{DB: c.DB, Runs: c.Runs}.Find(ctx, c.ID)
	if err != nil {
		return err
	}
	program, err := programVersion()
	if err != nil {
		return err
	}
	m, err := graph.Open(ctx, run, graph.Options{Fold: c.Fold, Raw: c.Raw, OneView: c.OneView}, program)
	if err != nil {
		return err
	}
	told, err := export.Write(ctx, stage.Env{Now: w.now, Seed: m.Of.Experiment.Seed, Threads: c.Threads}, m.Request, c.File)
	if err != nil {
		return err
	}
	return c.tell(w, m, told)
}

// tell says what the file holds, what goes in and what comes out.
func (c exportModelCommand) tell(w world, m graph.Graph, told export.Told) error {
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	format := "TorchScript"
	if strings.EqualFold(filepath.Ext(c.File), ".onnx") {
		format = "ONNX"
	}
	fmt.Fprintf(w.out, "wrote %s: %s of run %s as %s, %s\n", c.File, c.nets(m, told), m.Of.Run.ID(), format, megabytes(info.Size()))
	fmt.Fprintf(w.out, "in   images: float32, (batch, %s), pixels from 0 to 1 as these steps leave them: %s; mean and std are in the graph\n", joined(told.Input), strings.Join(m.Steps, ", "))
	if columns := m.Names.Covariates; len(columns) > 0 {
		fmt.Fprintf(w.out, "     covariates: float32, (batch, %d): %s\n", len(columns), strings.Join(columns, ", "))
	}
	if text := c.channels(m.Request); text != "" {
		fmt.Fprintf(w.out, "     %s\n", text)
	}
	fmt.Fprintf(w.out, "out  probabilities: float32, (batch, %s)%s; and logits\n", joined(told.Output), c.axes(m.Of))
	for _, line := range c.thoughts(m) {
		fmt.Fprintf(w.out, "     %s\n", line)
	}
	fmt.Fprintf(w.out, "     tried beside the run's own nets with noise images: answers differ by at most %.1g\n", told.Difference)
	return nil
}

func (c exportModelCommand) nets(m graph.Graph, told export.Told) string {
	switch {
	case len(m.Members) > 1:
		return fmt.Sprintf("the blend of %d members, %d nets,", len(m.Members), told.Nets)
	case told.Nets > 1:
		return fmt.Sprintf("the mean of the %d nets", told.Nets)
	case c.Fold > 0:
		return fmt.Sprintf("the net of fold %d", c.Fold)
	}
	return "the net"
}

// channels says what the channels of an image are, where they are no colours.
func (c exportModelCommand) channels(r export.Request) string {
	views, several := strings.Join(r.Names.Views, ", "), r.Layout.Slices
	switch {
	case views != "" && several > 1:
		return fmt.Sprintf("channels are the slices, %d of each view: %s", several, views)
	case views != "":
		return "channels are the views: " + views
	case several > 1:
		return fmt.Sprintf("channels are the %d slices", several)
	}
	return ""
}

func (c exportModelCommand) axes(p finished.Opened) string {
	out := ": " + strings.Join(p.Asked.Classes, ", ")
	if len(p.Asked.Targets) > 0 {
		out = ": targets " + strings.Join(p.Asked.Targets, ", ") + "; classes " + strings.Join(p.Asked.Classes, ", ")
	}
	return out
}

// thoughts are what predict does besides asking the nets, and whether the graph does it.
func (c exportModelCommand) thoughts(m graph.Graph) (out []string) {
	switch {
	case m.Calibrator != nil && c.Raw:
		out = append(out, "not calibrated, as --raw says; the run's calibration ("+m.Calibrator.Name+") is in the metadata")
	case m.Calibrator != nil:
		out = append(out, "calibrated by "+m.Calibrator.Name+", as runner predict does: the class of the largest probability is the answer")
	}
	if slices.ContainsFunc(m.Members, func(one export.Member) bool { return one.Calibrator != nil }) {
		out = append(out, "members are calibrated one by one before they are blended, as runner predict does")
	}
	if m.Sets != nil {
		out = append(out, fmt.Sprintf("prediction sets (%s, coverage %g) are not in the graph: their thresholds are in the metadata", m.Sets.Method.Name, m.Sets.Coverage))
	}
	switch {
	case m.Views != "" && c.OneView:
		out = append(out, "without test-time augmentation, as --one-view says: runner predict averages over views")
	case m.Views != "":
		out = append(out, "test-time augmentation is in the graph: "+m.Views+"; --one-view leaves it out")
	}
	return out
}

func joined(dims []int64) string {
	var out []string
	for _, d := range dims {
		out = append(out, fmt.Sprint(d))
	}
	return strings.Join(out, ", ")
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.3g MB", float64(bytes)/1e6) }
