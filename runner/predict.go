package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/finished/validate"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// predictCommand is runner predict.
type predictCommand struct {
	ID   string   `arg:"" name:"run" help:"Finished run: its name (the latest so called), its id, the beginning of one, or latest; or a package of one (runner export package), which needs no database."`
	Data []string `arg:"" help:"Images and folders of images, or one CSV file with a row for each image, or one experiment file, of which the section data counts."`

	Out        string       `short:"o" help:"File to write; standard output when absent or -." placeholder:"FILE" type:"path"`
	JSON       bool         `help:"Write JSON in place of CSV."`
	Wide       bool         `help:"Of a net that answers several targets, one row for each sample: a column for each target with the probability of the last of two classes, or for each target and class."`
	Like       string       `help:"Write the rows and columns of this CSV file, such as the sample_submission.csv of a competition: its first column names cases, or samples, and the others classes or targets." placeholder:"FILE" type:"path"`
	Fill       string       `help:"What rows of --like without a prediction get, which are a mistake otherwise: the mean of the others, or keep, what the file says already, so that nets of several questions fill one table in turn." enum:",mean,keep" default:""`
	Set        []string     `help:"Change a setting of the experiment file that is predicted: path=value." sep:"none" placeholder:"PATH=VALUE"`
	Split      string       `help:"Of an experiment's data, only the cases of one split." enum:",train,validation,test" default:""`
	Fold       int          `help:"Ask the net of one fold alone; 0 asks all and takes the mean of their probabilities." default:"0"`
	Features   string       `help:"Also write what the last layer of each net sees of each image, a row each, to a file whose name ends with .csv or .parquet. Test-time augmentation does not count." placeholder:"FILE" type:"path"`
	FindPoints bool         `help:"Look for the points that nets look at with the run's own net (section locate), also where the data says where they are; where it does not, that is done anyway."`
	Raw        bool         `help:"Leave the probabilities as the net gives them, also where the run is calibrated; prediction sets are then left out."`
	Columns    tableColumns `embed:"" prefix:"column-"`

	asksNets
}

// asksNets are the flags of commands that ask the nets of a finished run about images.
type asksNets struct {
	database
	cachePlace
	Runs      string `help:"Folder of checkpoints." default:"runs" type:"path"`
	CacheSize size   `help:"How much the cache may hold; what was unused for longest goes first. 0 for no limit." default:"200GB"`
	Device    string `help:"Where to compute: auto, cpu, cuda, cuda:<index>." default:"auto"`
	Threads   int    `help:"Threads of one tensor operation; 0 leaves it to libtorch." default:"0"`
	Workers   int    `help:"Images decoded at once." default:"${workers}"`
}

// tableColumns are what the columns of a table of images are called.
type tableColumns struct {
	Image  string `help:"Column of the image's path in a CSV file." default:"image"`
	ID     string `help:"Column of the case's id, where there is one." default:"id"`
	Group  string `help:"Column of the study or patient, where there is one." default:"group"`
	Series string `help:"Column of the series, where there is one." default:"series"`
	X      string `help:"Column of the labelled point's x, where there is one." default:"x"`
	Y      string `help:"Column of the labelled point's y, where there is one." default:"y"`
}

// AfterApply takes - for standard output.
func (c *predictCommand) AfterApply() error {
	if c.Out == "-" {
		c.Out = ""
	}
	return nil
}

// request says what is asked of the nets.
func (c predictCommand) request() predict.Request {
	t := c.Columns
	return predict.Request{Data: c.Data, Set: c.Set, Split: c.Split, Fold: c.Fold, FindPoints: c.FindPoints, Raw: c.Raw,
		Columns: audit.Table{Image: t.Image, ID: t.ID, Group: t.Group, Series: t.Series, X: t.X, Y: t.Y}}
}

// env is the world in which nets are asked.
func (c asksNets) env(w world, to stage.Recorder) stage.Env {
	return stage.Env{
		Now: w.now, Recorder: to, Cache: c.Cache, CacheBytes: int64(c.CacheSize),
		Device: c.Device, Workers: max(1, c.Workers), Threads: c.Threads,
	}
}

// Run asks the nets of a finished run about images, and writes what they say.
func (c predictCommand) Run(ctx context.Context, w world) error {
	run, like, err := c.begin(ctx, w)
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
		p.Sets = nil // their thresholds are those of calibrated probabilities
	}
	if measured, err := tellMeasured(console, p, items, c.Raw); err != nil {
		return err
	} else if measured {
		if err := c.tellKnown(ctx, w, console, run, p.Cases); err != nil {
			return err
		}
	}
	return c.write(w, p, items, func(out io.Writer) error {
		if like != nil {
			return like.write(out, console, p, items)
		}
		return c.format(out, p, items)
	})
}

// tellKnown warns that numbers are too good where the nets, or their calibration, know the cases.
func (c predictCommand) tellKnown(ctx context.Context, w world, to *console, run finished.Run, cases audit.Cases) error {
	asked := validate.Request{File: c.Data[0], Called: w.called(c.Data[0]), Set: c.Set, Split: c.Split, FindPoints: c.FindPoints}
	warnings, err := asked.Known(ctx, c.env(w, stage.Discard), run, cases)
	for _, text := range warnings {
		to.warn("%s", text)
	}
	return err
}

// begin finds the run, and refuses what is wrong before any net is asked.
func (c predictCommand) begin(ctx context.Context, w world) (run finished.Run, like *likeness, err error) {
	if err := c.fitsLikeness(); err != nil {
		return nil, nil, err
	}
	if run, err = (finished.Store{DB: c.DB, Runs: c.Runs}).Find(ctx, c.ID); err != nil {
		return nil, nil, err
	}
	asked, err := finished.Questions(run)
	if err != nil {
		return nil, nil, fmt.Errorf("run %s: %w", run.ID(), err)
	}
	if c.Wide && (c.JSON || len(asked.Targets) == 0) {
		return nil, nil, stage.Fault{Err: errors.New("--wide puts the targets of a sample side by side in CSV"), Hint: "leave it out, or predict with a run of data.label: all without --json"}
	}
	read, begins := c.Data, []string{"case_id,", "sample,", "[", "{"}
	if c.Like != "" {
		if like, err = readLikeness(w.called(c.Like), c.Fill, asked); err != nil {
			return nil, nil, err
		}
		read, begins = append(slices.Clone(read), c.Like), append(begins, like.head[0]+","+like.head[1])
	}
	if c.Out != "" {
		err = mayReplace(c.Out, read, begins...)
	}
	return run, like, err
}

// onlyTroubles shows progress and warnings alone, and what is told by those who are asked.
type onlyTroubles struct{ *console }

func (o onlyTroubles) Record(ctx context.Context, records ...stage.Record) error {
	for _, r := range records {
		if e, ok := r.(stage.Event); ok && (e.Level != "info" || e.Stage == "") {
			if err := o.console.Record(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes the predictions to standard output or to a file, as a whole.
func (c predictCommand) write(w world, p predict.Predictor, items []stage.Prediction, format func(io.Writer) error) error {
	if c.Out == "" {
		return format(w.out)
	}
	if err := writeWhole(c.Out, format); err != nil {
		return err
	}
	if info, err := os.Stat(c.Out); err != nil || !info.Mode().IsRegular() {
		return err // such as /dev/stdout
	}
	_, err := fmt.Fprintf(w.err, "%d predictions of run %s in %s\n", len(items), p.Run.ID(), w.called(c.Out))
	return err
}
