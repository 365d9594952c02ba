package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/experiments"
	"vertebra/reports"
	"vertebra/stages/memory"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// previewCommand is runner preview.
type previewCommand struct {
	File    string   `arg:"" help:"Experiment file." type:"existingfile"`
	Set     []string `help:"Change a setting: path=value." sep:"none" placeholder:"PATH=VALUE"`
	Out     string   `help:"The page; by default a file named after the experiment in the folder of reports." short:"o" placeholder:"FILE" type:"path"`
	Cases   int      `help:"How many cases of each class." default:"4"`
	Epochs  int      `help:"In how many epochs each case is shown." default:"5"`
	Cache   string   `help:"Folder of preprocessed images." default:".cache" type:"path"`
	Reports string   `help:"Folder of HTML pages." default:"reports/out" type:"path"`
	Workers int      `help:"Images decoded at once." default:"${workers}"`
}

// Run writes the page. Only the images that it shows are made.
func (c previewCommand) Run(ctx context.Context, w world) error {
	e, warnings, err := experiments.Load(c.File, c.Set)
	w.warn(warnings)
	if err != nil {
		return err
	}
	env := stage.Env{Now: w.now, Recorder: stage.Discard, Cache: c.Cache, Workers: max(1, c.Workers), Seed: e.Seed, Device: "cpu"}
	if e.Data.Split.Folds > 0 && e.Data.Split.Fold == 0 {
		e.Data.Split.Fold = 1 // the others are alike
	}
	defer memory.Sparing()()
	plan, err := experiments.MakePlan(ctx, env, e)
	if err != nil {
		return experiments.Place(err, c.File, c.Set)
	}
	records, err := c.show(ctx, env, e)
	if err != nil {
		return err
	}
	for _, text := range plan.Warnings {
		records = append(records, stage.Event{Level: "warning", Stage: "check", Text: text})
	}
	records = append([]stage.Record{madeOf(e)}, records...)
	return c.write(w, e, append(records, planned(plan)...))
}

// show looks at some images as training will.
func (c previewCommand) show(ctx context.Context, env stage.Env, e experiments.Experiment) (records []stage.Record, err error) {
	cases, err := readData(ctx, env, e.Data)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if folds := cases.FoldsToRun(); folds[0] != 0 {
		cases = cases.InFold(folds[0])
	}
	showing, all := train.Showing{Config: e.Train, Recipe: e.Augment, Input: e.Model.Input, Cases: c.Cases, Epochs: c.Epochs}, cases.Cases
	if cases.Cases = showing.Choose(all, cases.Questions(), e.Seed); len(cases.Cases) == 0 {
		return nil, errors.New("there is no training case left; see the drops in runner check")
	}
	images, err := preprocess.Run(ctx, env, e.Preprocess, cases)
	if err != nil {
		return nil, fmt.Errorf("preprocess: %w", err)
	}
	defer func() { err = errors.Join(err, images.Close()) }()
	records, err = showing.Show(ctx, env, images, all)
	if err != nil {
		return nil, fmt.Errorf("augment: %w", err)
	}
	return records, nil
}

// madeOf lists what happens to an image before the net sees it.
func madeOf(e experiments.Experiment) stage.Table {
	t := stage.Table{Name: "steps", Title: "What an image goes through", Section: "images", Columns: []string{"when", "step", "settings"}}
	add := func(when string, part any) {
		node := registry.Encode(part)
		if node.Kind == yaml.ScalarNode {
			t.Rows = append(t.Rows, []any{when, node.Value, ""})
			return
		}
		t.Rows = append(t.Rows, []any{when, node.Content[0].Value, registry.OneLine(node.Content[1])})
	}
	for _, step := range e.Preprocess {
		add("once, kept in the cache", step)
	}
	for _, entry := range e.Augment {
		add("in each epoch of training", entry)
	}
	if how := map[string]string{"channels": "the channels of one image", "shared": "each by itself through the same backbone"}; len(e.Data.Views) > 0 {
		t.Rows = append(t.Rows, []any{"always", "views", strings.Join(e.Data.Views, ", ") + ": " + how[e.Model.Views]})
	}
	if e.Model.Slices != nil {
		t.Rows = append(t.Rows, []any{"always", "slices", fmt.Sprintf("%d, each %s through the backbone; pooled by %s", e.Task(stage.Questions{}, nil).Slices, sliceWords(e.Model.SliceChannels), e.Model.Slices.Name)})
	}
	input := e.Model.Input
	if layout, err := preprocess.Describe(e.Preprocess); err == nil {
		if follows, err := input.Follow(layout.Normalisation); err == nil {
			input = follows
		}
	}
	if n := input.MiddleSlices; n > 0 {
		t.Rows = append(t.Rows, []any{"always", "middle_slices", fmt.Sprintf("the middle %d of %d slices are all that the net sees", n, preprocess.SlicesOf(e.Preprocess))})
	}
	if side := input.CenterCrop; side > 0 {
		t.Rows = append(t.Rows, []any{"always", "center_crop", fmt.Sprintf("the middle %d × %d is all that the net sees", side, side)})
	}
	t.Rows = append(t.Rows, []any{"always", "input", fmt.Sprintf("%d channels, (x − %v) / %v", input.Channels, input.Mean, input.Std)})
	if input.TrainScale != 1 {
		t.Rows = append(t.Rows, []any{"in training alone", "input", fmt.Sprintf("× %.4g", input.TrainScale)})
	}
	return t
}

// planned shows phases and learning rates.
func planned(p experiments.Plan) []stage.Record {
	phases := stage.Table{Name: "phases", Title: "Phases", Section: "phases", Columns: []string{"phase", "epochs, at most", "trains", "parameters", "optimizer", "also"}}
	rates := stage.Curve{Name: "rates", Title: "Learning rates", Section: "phases", XLabel: "epoch of the run", YLabel: "rate"}
	before := 0
	for _, phase := range p.Phases {
		phases.Rows = append(phases.Rows, []any{phase.Name, phase.Epochs, strings.Join(phase.Groups, ", "), int(phase.Trainable), phase.Optimizer, strings.Join(phaseLines(p, phase), "; ")})
		line := stage.Line{Label: phase.Name + ", " + rateWords(phase)}
		for i, rate := range phase.Rates {
			line.X, line.Y = append(line.X, float64(before+i+1)), append(line.Y, rate)
		}
		rates.Lines = append(rates.Lines, line)
		before += phase.Epochs
	}
	return []stage.Record{rates, phases}
}

func (c previewCommand) write(w world, e experiments.Experiment, records []stage.Record) error {
	out := cmp.Or(c.Out, filepath.Join(c.Reports, "preview-"+e.Name+".html"))
	return w.page("preview", out, reports.Standalone{
		Name: e.Name, Purpose: "What training will see, before it begins. " + e.Purpose, File: w.called(c.File), Experiment: string(experiments.Resolved(e)), Records: records,
		Facts: []stage.Fact{{Name: "seed", Value: fmt.Sprint(e.Seed)}, {Name: "monitor", Value: e.Train.Monitor}, {Name: "batch", Value: fmt.Sprint(e.Train.BatchSize())}},
	})
}

// page writes a page of its own and says where it is.
func (w world) page(what, path string, page reports.Standalone) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := writeWhole(path, func(to io.Writer) error { return reports.AsFile.Standalone(to, page) }); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.out, "%-8s %s\n", what, path)
	return err
}

// sliceWords say what the backbone sees of a slice.
func sliceWords(channels int) string {
	if channels > 1 {
		return fmt.Sprintf("with the %d beside it", channels-1)
	}
	return "by itself"
}
