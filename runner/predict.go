package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"vertebra/results"
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

	measuring `kong:"-"`
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

// measuring is what runner validate wants besides.
type measuring struct {
	whole  bool // all cases are in one split, where none is asked for
	audit  bool // it is told what is wrong with the data
	marked bool // the data are read as they are: no point is looked for
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
		p.sets = nil // their thresholds are those of calibrated probabilities
	}
	if measured, err := p.tellMeasured(console, items, c.Raw); err != nil {
		return err
	} else if measured {
		if err := c.tellKnown(ctx, w, console, p); err != nil {
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

// begin finds the run, and refuses what is wrong before any net is asked.
func (c predictCommand) begin(ctx context.Context, w world) (run trained, like *likeness, err error) {
	if err := c.fitsLikeness(); err != nil {
		return nil, nil, err
	}
	if run, err = (finished{c.database, c.Runs}).find(ctx, c.ID); err != nil {
		return nil, nil, err
	}
	read, begins := c.Data, []string{"case_id,", "sample,", "[", "{"}
	if c.Like != "" {
		asked, err := askedOf(run)
		if err != nil {
			return nil, nil, fmt.Errorf("run %s: %w", run.ID(), err)
		}
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

// audience is told what comes up while nets are asked.
type audience interface {
	say(format string, args ...any)
	warn(format string, args ...any)
	// stages gets what they record.
	stages() stage.Recorder
}

// extras are what is wanted of nets besides their answers; nil where nobody wants it.
type extras struct {
	features *featureTable // takes what their last layers see
	see      sight
}

// ask asks the nets of a run, or those of the members of an ensemble.
func (c predictCommand) ask(ctx context.Context, w world, to audience, run trained, more extras) (p predictor, items []stage.Prediction, err error) {
	if run.Fact(results.EnsembleFact) != "" {
		return c.askMembers(ctx, w, to, run, more.see)
	}
	if p, err = open(run, c.Fold); err != nil {
		return p, nil, err
	}
	if text := p.noRarity(); text != "" {
		to.warn("%s", text)
	}
	p.see = more.see
	if features := more.features; features != nil {
		p.features = features
		features.first, features.folds = "case_id", len(p.nets) > 1
		if len(p.asked.Targets) > 0 {
			features.first = "sample"
		}
	}
	if err := c.fits(p); err != nil {
		return p, nil, err
	}
	if p, items, err = c.askNets(ctx, w, to, p); err == nil {
		p.tellOutliers(to, items)
	}
	return p, items, err
}

// fits refuses what is asked for of a run that cannot give it.
func (c predictCommand) fits(p predictor) error {
	if c.Wide && (c.JSON || len(p.asked.Targets) == 0) {
		return stage.Fault{Err: errors.New("--wide puts the targets of a sample side by side in CSV"), Hint: "leave it out, or predict with a run of data.label: all without --json"}
	}
	if c.FindPoints && wholeSeries(p.e.Data.Sample) {
		return stage.Fault{Err: fmt.Errorf("--find-points: a sample of run %s is a %s, which is seen whole", p.run.ID(), p.e.Data.Sample), Hint: "leave it out"}
	}
	return nil
}

// askNets makes the images as the run made its own, and asks its nets about them. The
// probabilities are calibrated where the run is, and it is not to be left out.
func (c predictCommand) askNets(ctx context.Context, w world, to audience, p predictor) (predictor, []stage.Prediction, error) {
	env := c.env(w, to, p)
	cases, err := c.cases(ctx, env, p)
	if err != nil {
		return p, nil, err
	}
	for _, text := range p.run.Changed(p.e.Preprocess) {
		to.warn("%s", text)
	}
	if len(cases.Cases) == 0 {
		return p, nil, p.tellMissing(to, cases, nil)
	}
	cases.Covariates = p.covariates
	p.tellUnknown(to, cases)
	p.tellBlank(to, cases)
	p.cases, p.samples = cases, map[string]string{}
	for _, one := range cases.Cases {
		p.samples[one.ID] = one.Sample
	}
	items, err := p.predict(ctx, env, cases)
	if err != nil {
		return p, nil, err
	}
	if err := p.tellMissing(to, cases, items); err != nil {
		return p, nil, err
	}
	if !c.Raw {
		items, err = p.calibrated(items)
	}
	return p, items, err
}

func (c predictCommand) env(w world, to audience, p predictor) stage.Env {
	return stage.Env{
		Now: w.now, Recorder: to.stages(), Cache: c.Cache, CacheBytes: int64(c.CacheSize),
		Device: c.Device, Workers: max(1, c.Workers), Threads: c.Threads, Seed: p.e.Seed,
	}
}

// warn tells what a reader of the predictions must know.
func (c *console) warn(format string, args ...any) { c.say("warning: "+format, args...) }

func (c *console) stages() stage.Recorder { return onlyTroubles{c} }

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
func (c predictCommand) write(w world, p predictor, items []stage.Prediction, format func(io.Writer) error) error {
	if c.Out == "" {
		return format(w.out)
	}
	if err := writeWhole(c.Out, format); err != nil {
		return err
	}
	if info, err := os.Stat(c.Out); err != nil || !info.Mode().IsRegular() {
		return err // such as /dev/stdout
	}
	_, err := fmt.Fprintf(w.err, "%d predictions of run %s in %s\n", len(items), p.run.ID(), w.called(c.Out))
	return err
}
