package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// predictCommand is runner predict.
type predictCommand struct {
	ID   string   `arg:"" name:"run" help:"Finished run: its id, the beginning of one, or latest; or a package of one (runner export package), which needs no database."`
	Data []string `arg:"" help:"Images and folders of images, or one CSV file with a row for each image, or one experiment file, of which the section data counts."`

	Out      string `short:"o" help:"File to write; standard output when absent or -." placeholder:"FILE" type:"path"`
	JSON     bool   `help:"Write JSON in place of CSV."`
	Wide     bool   `help:"Of a net that answers several targets, one row for each sample: a column for each target with the probability of the last of two classes, or for each target and class."`
	Split    string `help:"Of an experiment's data, only the cases of one split." enum:",train,validation,test" default:""`
	Fold     int    `help:"Ask the net of one fold alone; 0 asks all and takes the mean of their probabilities." default:"0"`
	Features string `help:"Also write what the last layer of each net sees of each image, a row each, to a file whose name ends with .csv or .parquet. Test-time augmentation does not count." placeholder:"FILE" type:"path"`
	Raw      bool   `help:"Leave the probabilities as the net gives them, also where the run is calibrated; prediction sets are then left out."`
	Columns  struct {
		Image  string `help:"Column of the image's path in a CSV file." default:"image"`
		ID     string `help:"Column of the case's id, where there is one." default:"id"`
		Group  string `help:"Column of the study or patient, where there is one." default:"group"`
		Series string `help:"Column of the series, where there is one." default:"series"`
		X      string `help:"Column of the labelled point's x, where there is one." default:"x"`
		Y      string `help:"Column of the labelled point's y, where there is one." default:"y"`
	} `embed:"" prefix:"column-"`

	database
	cachePlace
	Runs      string `help:"Folder of checkpoints." default:"runs" type:"path"`
	CacheSize size   `help:"How much the cache may hold; what was unused for longest goes first. 0 for no limit." default:"200GB"`
	Device    string `help:"Where to compute: auto, cpu, cuda, cuda:<index>." default:"auto"`
	Threads   int    `help:"Threads of one tensor operation; 0 leaves it to libtorch." default:"0"`
	Workers   int    `help:"Images decoded at once." default:"${workers}"`
}

// AfterApply takes - for standard output.
func (c *predictCommand) AfterApply() error {
	if c.Out == "-" {
		c.Out = ""
	}
	return nil
}

// Run asks the nets of a finished run about images, and writes what they say.
func (c predictCommand) Run(ctx context.Context, w world) error {
	if c.Out != "" {
		if err := mayReplace(c.Out, c.Data, "case_id,", "sample,", "[", "{"); err != nil {
			return err
		}
	}
	run, err := finished{c.database, c.Runs}.find(ctx, c.ID)
	if err != nil {
		return err
	}
	console := newConsole(w)
	defer console.close()
	p, items, err := c.answers(ctx, w, console, run)
	if err != nil {
		return err
	}
	if c.Raw && run.Fact(evaluate.CalibrationFact) != "" {
		p.sets = nil // their thresholds are those of calibrated probabilities
	}
	if err := p.tellMeasured(console, items, c.Raw); err != nil {
		return err
	}
	return c.write(w, p, items)
}

// ask asks the nets of a run, or those of the members of an ensemble. What their last layers
// see goes into the table, if there is one.
func (c predictCommand) ask(ctx context.Context, w world, console *console, run trained, features *featureTable) (p predictor, items []stage.Prediction, err error) {
	if run.Fact(results.EnsembleFact) != "" {
		return c.askMembers(ctx, w, console, run)
	}
	if p, err = open(run, c.Fold); err != nil {
		return p, nil, err
	}
	if text := p.noRarity(); text != "" {
		console.say("warning: %s", text)
	}
	if p.features = features; features != nil {
		features.first, features.folds = "case_id", len(p.nets) > 1
		if len(p.asked.Targets) > 0 {
			features.first = "sample"
		}
	}
	if err := c.fits(p); err != nil {
		return p, nil, err
	}
	return c.askNets(ctx, w, console, p)
}

// fits refuses what is asked for of a run that cannot give it.
func (c predictCommand) fits(p predictor) error {
	if c.Wide && (c.JSON || len(p.asked.Targets) == 0) {
		return stage.Fault{Err: errors.New("--wide puts the targets of a sample side by side in CSV"), Hint: "leave it out, or predict with a run of data.label: all without --json"}
	}
	return nil
}

// askNets makes the images as the run made its own, and asks its nets about them. The
// probabilities are calibrated where the run is, and it is not to be left out.
func (c predictCommand) askNets(ctx context.Context, w world, console *console, p predictor) (predictor, []stage.Prediction, error) {
	env := stage.Env{
		Now: w.now, Recorder: onlyTroubles{console}, Cache: c.Cache, CacheBytes: int64(c.CacheSize),
		Device: c.Device, Workers: max(1, c.Workers), Threads: c.Threads, Seed: p.e.Seed,
	}
	cases, err := c.cases(ctx, env, p)
	if err != nil {
		return p, nil, err
	}
	for _, text := range p.run.Changed(p.e.Preprocess) {
		console.say("warning: %s", text)
	}
	if len(cases.Cases) == 0 {
		return p, nil, p.tellMissing(console, cases, nil)
	}
	cases.Covariates = p.covariates
	p.tellUnknown(console, cases)
	p.tellBlank(console, cases)
	p.samples = map[string]string{}
	for _, one := range cases.Cases {
		p.samples[one.ID] = one.Sample
	}
	items, err := p.predict(ctx, env, cases)
	if err != nil {
		return p, nil, err
	}
	if err := p.tellMissing(console, cases, items); err != nil {
		return p, nil, err
	}
	p.tellOutliers(console, items)
	if !c.Raw {
		items, err = p.calibrated(items)
	}
	return p, items, err
}

// onlyTroubles shows progress and warnings alone.
type onlyTroubles struct{ *console }

func (o onlyTroubles) Record(ctx context.Context, records ...stage.Record) error {
	for _, r := range records {
		if e, ok := r.(stage.Event); ok && e.Level != "info" {
			if err := o.console.Record(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// onlyProgress forgets what is recorded.
type onlyProgress struct{ stage.Recorder }

func (onlyProgress) Record(context.Context, ...stage.Record) error { return nil }

// write writes the predictions to standard output or to a file, as a whole.
func (c predictCommand) write(w world, p predictor, items []stage.Prediction) error {
	if c.Out == "" {
		return c.format(w.out, p, items)
	}
	if err := writeWhole(c.Out, func(out io.Writer) error { return c.format(out, p, items) }); err != nil {
		return err
	}
	if info, err := os.Stat(c.Out); err != nil || !info.Mode().IsRegular() {
		return err // such as /dev/stdout
	}
	_, err := fmt.Fprintf(w.err, "%d predictions of run %s in %s\n", len(items), p.run.ID(), w.called(c.Out))
	return err
}
