// Command runner runs declarative experiments of medical-image classification:
// it checks a YAML file, carries it out, keeps every number and draws reports.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/alecthomas/kong"

	"vertebra/stages/model"
	"vertebra/stages/registry"
)

// The exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitInvalid     = 2
	exitHungUp      = 129 // the terminal is gone
	exitInterrupted = 130 // Ctrl-C
	exitTerminated  = 143 // SIGTERM
)

// world is all of the process that commands may touch.
type world struct {
	out, err io.Writer
	tty      bool // out is a terminal
	now      func() time.Time
	dir      string // the working directory
}

// commands is the command line.
type commands struct {
	Version versionFlag `help:"Print the version: the commit, and that of libtorch."`

	Init       initCommand       `cmd:"" group:"Experiments:" help:"Write a first experiment file for a data set, by what its table or its folders look like." example:"runner init data/cases.csv experiments/mine.yaml"`
	Check      checkCommand      `cmd:"" group:"Experiments:" help:"Show what an experiment would do. Reads tables and headers, no pixels; changes nothing but the cache of headers." example:"runner check experiments/mine.yaml"`
	Run        runCommand        `cmd:"" group:"Experiments:" help:"Carry out an experiment, store its results and write its report." example:"runner run experiments/mine.yaml --set train.batch=16"`
	Preview    previewCommand    `cmd:"" group:"Experiments:" help:"Write a page of what training will see: images as they are and augmented, the first batch, what is drawn of each class, learning rates. Trains nothing and needs no GPU." example:"runner preview experiments/mine.yaml"`
	Audit      auditCommand      `cmd:"" group:"Experiments:" help:"Look for defects in the data of an experiment, in tables, headers and pixels; print and write them." example:"runner audit experiments/mine.yaml --csv findings.csv"`
	FindRate   findRateCommand   `cmd:"" group:"Experiments:" help:"Propose learning rates, from the losses of some steps with a rising rate (range test, Smith 2017)." example:"runner find-rate experiments/mine.yaml"`
	Preprocess preprocessCommand `cmd:"" group:"Experiments:" help:"Make the images of an experiment and keep them in the cache; train nothing." example:"runner preprocess experiments/mine.yaml"`
	Show       showCommand       `cmd:"" group:"Experiments:" help:"Print an experiment with all its defaults, each value with where it comes from; or the experiment of a run." example:"runner show experiments/mine.yaml"`
	Diff       diffCommand       `cmd:"" group:"Experiments:" help:"Say what differs between two experiment files or runs, or between one and what it extends." example:"runner diff experiments/demo.yaml experiments/mine.yaml"`
	Refit      refitCommand      `cmd:"" group:"Experiments:" help:"Write the experiment of a finished run as one that trains a single net on all cases but the test ones, for as many epochs as the run found best." example:"runner refit latest -o experiments/final.yaml"`
	Parts      partsCommand      `cmd:"" group:"Experiments:" help:"List the parts that an experiment may name, with their settings and an example." example:"runner parts train.loss"`

	Sweep sweepCommand `cmd:"" group:"Sweeps:" help:"Search over settings: run many trials of an experiment, overnight for instance."`
	Best  bestCommand  `cmd:"" group:"Sweeps:" help:"Write the best trial of a sweep as an experiment file." example:"runner best latest -o experiments/best.yaml"`
	Trial trialCommand `cmd:"" group:"Sweeps:" hidden:"" help:"One trial of a sweep; runner sweep starts it."`
	Gpus  gpusCommand  `cmd:"" group:"Sweeps:" hidden:"" help:"List the GPUs that can be used."`

	Runs        runsCommand        `cmd:"" group:"Results:" help:"List stored runs, filtered and sorted; tag, note, archive and delete them."`
	Report      reportCommand      `cmd:"" group:"Results:" help:"Write the HTML report of a stored run again." example:"runner report latest"`
	Compare     compareCommand     `cmd:"" group:"Results:" help:"Tell whether stored runs are better or worse than the first, or cannot be told apart: paired over the same cases, whole studies or patients drawn together, seeds grouped." example:"runner compare demo mine"`
	Serve       serveCommand       `cmd:"" group:"Results:" help:"Show the pages of all runs live in a browser of this machine, with the progress of running experiments. Nothing can be changed there." example:"runner serve"`
	Index       indexCommand       `cmd:"" group:"Results:" help:"Write the page of all runs; run and report do so too." example:"runner index"`
	Query       queryCommand       `cmd:"" group:"Results:" help:"Query the database of results in SQL; nothing can be changed." example:"runner query 'SELECT id, status FROM runs' --format csv"`
	Noise       noiseCommand       `cmd:"" group:"Results:" help:"Carry out an experiment with several seeds and keep how much its numbers differ; comparisons quote it." example:"runner noise experiments/mine.yaml --seeds 5"`
	Methods     methodsCommand     `cmd:"" group:"Results:" help:"Write what a run did and found as a paper's methods and results, with what only its authors can say." example:"runner methods latest -o methods.md"`
	LabelIssues labelIssuesCommand `cmd:"" group:"Results:" help:"List labels that are probably wrong: a net that did not learn from them is confident of another class (confident learning)." example:"runner label-issues latest -o drop.csv"`
	Backup      backupCommand      `cmd:"" group:"Results:" help:"Copy the database of results, also while runs write to it." example:"runner backup results-2026.db"`

	Predict     predictCommand     `cmd:"" group:"Nets:" help:"Predict other images, or other data, with the nets of a finished run, and write the probabilities." example:"runner predict latest new/ -o out.csv"`
	Try         tryCommand         `cmd:"" group:"Nets:" help:"Ask the nets of a finished run about images that one drops into a page of this machine's browser, or that programs send over HTTP." example:"runner try latest"`
	Locate      locateCommand      `cmd:"" group:"Nets:" help:"Find the points that nets look at, with the net of a finished run that learnt where they lie (section locate), and write them as a table." example:"runner locate latest experiments/mine.yaml --set data.source.rsna.part=test -o points.csv"`
	Validate    validateCommand    `cmd:"" group:"Nets:" help:"Test the nets of a finished run on other data with labels (external validation): measured as the run was, beside its own numbers, stored as a run with a report." example:"runner validate latest experiments/hospital-b.yaml"`
	Recalibrate recalibrateCommand `cmd:"" group:"Nets:" help:"Correct the probabilities of a finished run for other data with labels, learnt from all of these but their test split, which measures it; what predicts so is stored as a run." example:"runner recalibrate latest experiments/hospital-b.yaml --by vector"`
	Ensemble    ensembleCommand    `cmd:"" group:"Nets:" help:"Blend the stored predictions of several runs into one, with equal, given or greedily found weights; it is stored as a run." example:"runner ensemble latest latest-1 latest-2 --weights greedy"`
	Export      exportCommand      `cmd:"" group:"Nets:" help:"Write results, or nets, for other programs."`

	Data struct {
		Synth  synthCommand  `cmd:"" help:"Write a synthetic data set of DICOM files in the layout of the RSNA 2024 lumbar spine collection." example:"runner data synth data/synth --studies 10"`
		Bids   bidsCommand   `cmd:"" help:"Write a table of the images of a BIDS data set, with what participants.tsv and the tables of sessions say of each." example:"runner data bids bids bids/images.csv"`
		Dicom  dicomCommand  `cmd:"" help:"Write a table of what the headers of DICOM files say, a row for each image: patient, study, series, view." example:"runner data dicom export/ export/index.csv"`
		Unpack unpackCommand `cmd:"" help:"Write arrays of NumPy as pictures, with a table of their labels." example:"runner data unpack pneumoniamnist.npz data/pneumonia"`
	} `cmd:"" group:"Data and machine:" help:"Make data sets."`
	Cache      cacheCommand      `cmd:"" group:"Data and machine:" help:"Look into the cache of preprocessed images, or clear it."`
	Weights    weightsCommand    `cmd:"" group:"Data and machine:" help:"List pretrained weights, or download them."`
	Doctor     doctorCommand     `cmd:"" group:"Data and machine:" help:"Look at the device: libtorch, driver, memory, speed, and whether it computes what a CPU computes." example:"runner doctor"`
	Schema     schemaCommand     `cmd:"" group:"Data and machine:" help:"Write the JSON Schema of experiment files, for editors." example:"runner schema > experiments/schema.json"`
	Completion completionCommand `cmd:"" group:"Data and machine:" help:"Write the shell code that completes commands, flags and runs." example:"runner completion bash > ~/.local/share/bash-completion/completions/runner"`
}

func main() {
	ctx, stop := listen(context.Background())
	defer stop()
	os.Exit(execute(ctx, process(), os.Args[1:]))
}

// process is the world of this process. Without a working directory files are
// called by their whole paths.
func process() world {
	dir, _ := os.Getwd()
	return world{out: os.Stdout, err: os.Stderr, tty: terminal(os.Stderr), now: time.Now, dir: dir}
}

// execute runs one command line and gives the exit code.
func execute(ctx context.Context, w world, args []string) (code int) {
	parser, err := kong.New(&commands{}, kong.Name("runner"), kong.Writers(w.out, w.err),
		kong.Description("Declarative experiments of medical-image classification."),
		kong.NamedMapper("existingfile", kong.MapperFunc(experimentFile)),
		defaults(),
		kong.Exit(func(c int) { panic(exit(c)) }), kong.UsageOnError())
	if err != nil {
		return w.exitCode(err)
	}
	defer func() { // kong leaves --help by its Exit; anything else should never come here
		if p := recover(); p != nil {
			c, ok := p.(exit)
			if !ok {
				fmt.Fprintf(w.err, "runner: a mistake in runner itself: %v\nPlease report it with what you ran and these lines:\n%s", p, debug.Stack())
				c = exitFailed
			}
			code = int(c)
		}
	}()
	if len(args) > 0 && args[0] == "complete" {
		return w.complete(ctx, parser.Model.Node, args[1:])
	}
	if err := readable(args); err != nil {
		fmt.Fprintln(w.err, "runner:", err)
		return exitInvalid
	}
	giveExamples(parser.Model.Node)
	arrange(parser.Model)
	command, err := parser.Parse(asked(args))
	if err != nil {
		fmt.Fprintf(w.err, "runner: %v\nTry: %s --help\n", err, commandOf(err))
		return exitInvalid
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return w.exitCode(command.Run(w))
}

// defaults are those of flags that differ from machine to machine.
func defaults() kong.Vars {
	return kong.Vars{"workers": fmt.Sprint(runtime.NumCPU()), "pretrained": torchHub(), "pretrained_url": model.Torchvision}
}

type exit int

// exitCode prints an error once and gives its exit code.
func (w world) exitCode(err error) int {
	var problems registry.Problems
	var told errTold
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled):
		return w.interrupted(err)
	case errors.As(err, &told):
		return exitInvalid
	case errors.As(err, &problems):
		w.mistakes(problems)
		return exitInvalid
	}
	fmt.Fprintln(w.err, "runner:", saidOnce(plain(err).Error()))
	return exitFailed
}
