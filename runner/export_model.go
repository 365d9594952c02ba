package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/evaluate"
	"vertebra/stages/export"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// exportModelCommand is runner export model.
type exportModelCommand struct {
	ID   string `arg:"" name:"run" help:"Finished run: its id, the beginning of one, or latest."`
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
	p, err := c.open(ctx)
	if err != nil {
		return err
	}
	r, err := c.request(p)
	if err != nil {
		return err
	}
	told, err := export.Write(ctx, stage.Env{Now: w.now, Seed: p.e.Seed, Threads: c.Threads}, r, c.File)
	if err != nil {
		return err
	}
	return c.tell(w, p, r, told)
}

// open finds the run and its nets. The nets of an ensemble may want images made in
// different ways, which one graph cannot take in.
func (c exportModelCommand) open(ctx context.Context) (p predictor, err error) {
	var record *results.RunRecord
	err = c.use(ctx, func(db *results.DB) (err error) {
		record, err = db.Load(ctx, c.ID)
		return err
	})
	if err != nil {
		return p, err
	}
	if record.Fact(results.EnsembleFact) != "" {
		return p, stage.Fault{Err: fmt.Errorf("run %s is an ensemble, whose members each want images of their own", record.ID), Hint: "export the members one by one; runner show " + record.ID + " names them and their weights"}
	}
	return predictCommand{ID: c.ID, Fold: c.Fold, Runs: c.Runs}.open(record)
}

// request is what predict does with the run's nets.
func (c exportModelCommand) request(p predictor) (r export.Request, err error) {
	layout, err := preprocess.Describe(p.e.Preprocess)
	if err != nil {
		return r, fmt.Errorf("preprocess: %w", err)
	}
	r = export.Request{
		Model: p.e.Model, Train: p.e.Train, Task: p.e.Task(p.classes, p.targets), Layout: layout.In(len(p.e.Data.Views)),
		Names:   augment.Names{Classes: p.classes, Targets: p.targets, Views: p.e.Data.Views},
		Folders: p.folders, Raw: c.Raw,
		About: export.About{Run: p.record.ID, Name: p.record.Name, Fingerprint: p.record.Fact(audit.FingerprintFact), Libtorch: p.record.Fact("libtorch")},
	}
	if r.Model.Input, err = r.Model.Input.Follow(layout.Normalisation); err != nil {
		return r, fmt.Errorf("model: %w", err)
	}
	if c.OneView {
		r.Train.TestTime = augment.DefaultTestTime
	}
	if p.numbers[0] > 0 {
		r.About.Folds = p.numbers
	}
	if text := p.record.Fact(evaluate.MendFact); text != "" {
		mend, err := evaluate.ReadMend(text)
		if err != nil {
			return r, err
		}
		r.Mend = &mend
	}
	if r.About.Program, err = programVersion(); err != nil {
		return r, err
	}
	return r, registry.Encode(p.e.Preprocess).Decode(&r.About.Preprocess)
}

// tell says what the file holds, what goes in and what comes out.
func (c exportModelCommand) tell(w world, p predictor, r export.Request, told export.Told) error {
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	format := "TorchScript"
	if strings.EqualFold(filepath.Ext(c.File), ".onnx") {
		format = "ONNX"
	}
	nets := "the net"
	switch {
	case told.Nets > 1:
		nets = fmt.Sprintf("the mean of the %d nets", told.Nets)
	case c.Fold > 0:
		nets = fmt.Sprintf("the net of fold %d", c.Fold)
	}
	fmt.Fprintf(w.out, "wrote %s: %s of run %s as %s, %s\n", c.File, nets, p.record.ID, format, megabytes(info.Size()))
	var steps []string
	for _, step := range p.e.Preprocess {
		steps = append(steps, step.Name)
	}
	fmt.Fprintf(w.out, "in   images: float32, (batch, %s), pixels from 0 to 1 as these steps leave them: %s; mean and std are in the graph\n", joined(told.Input), strings.Join(steps, ", "))
	if text := c.channels(r); text != "" {
		fmt.Fprintf(w.out, "     %s\n", text)
	}
	fmt.Fprintf(w.out, "out  probabilities: float32, (batch, %s)%s; and logits\n", joined(told.Output), c.axes(p))
	for _, line := range c.thoughts(p, r) {
		fmt.Fprintf(w.out, "     %s\n", line)
	}
	fmt.Fprintf(w.out, "     tried beside the run's own nets with noise images: answers differ by at most %.1g\n", told.Difference)
	return nil
}

// channels says what the channels of an image are, where they are no colours.
func (c exportModelCommand) channels(r export.Request) string {
	views, slices := strings.Join(r.Names.Views, ", "), r.Layout.Slices
	switch {
	case views != "" && slices > 1:
		return fmt.Sprintf("channels are the slices, %d of each view: %s", slices, views)
	case views != "":
		return "channels are the views: " + views
	case slices > 1:
		return fmt.Sprintf("channels are the %d slices", slices)
	}
	return ""
}

func (c exportModelCommand) axes(p predictor) string {
	out := ": " + strings.Join(p.classes, ", ")
	if len(p.targets) > 0 {
		out = ": targets " + strings.Join(p.targets, ", ") + "; classes " + strings.Join(p.classes, ", ")
	}
	return out
}

// thoughts are what predict does besides asking the nets, and whether the graph does it.
func (c exportModelCommand) thoughts(p predictor, r export.Request) (out []string) {
	switch {
	case r.Mend != nil && c.Raw:
		out = append(out, "not calibrated, as --raw says; the run's calibration ("+r.Mend.Name+") is in the metadata")
	case r.Mend != nil:
		out = append(out, "calibrated by "+r.Mend.Name+", as runner predict does: the class of the largest probability is the answer")
	}
	switch views := r.Train.TestTime.String(); {
	case views != "":
		out = append(out, "test-time augmentation is in the graph: "+views+"; --one-view leaves it out")
	case p.e.Train.TestTime.String() != "":
		out = append(out, "without test-time augmentation, as --one-view says: runner predict averages over views")
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
