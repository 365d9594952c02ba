package experiments

import (
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/evaluate"
	"vertebra/stages/locate"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/pretrain"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
	"vertebra/sweeps"
)

// Experiment is what a YAML file can say, in the order in which it is done; what other trainings do,
// before and after that of the net, stands behind it.
type Experiment struct {
	Name       string            `help:"what reports call the experiment" required:"true"`
	Purpose    string            `help:"the question that the experiment answers"`
	Seed       uint64            `help:"where all randomness comes from"`
	Data       audit.Config      `help:"which images there are, and how they are split"`
	Preprocess preprocess.Config `help:"what is done to each image once, in this order; the results are cached"`
	Augment    augment.Config    `help:"what is done at random to each training image, in this order"`
	Model      model.Config      `help:"the net"`
	Train      train.Config      `help:"how the net is trained"`
	Pretrain   *pretrain.Config  `help:"what the backbone learns from images alone, before the net is trained: also from images without labels; none when absent"`
	Locate     *locate.Config    `help:"another net, which finds the points that the first one looks at, for images on which nobody marked any; none when absent"`
	Evaluate   evaluate.Config   `help:"what is measured"`
	Sweep      *sweeps.Config    `help:"a search over settings, for runner sweep; runner run leaves it alone"`
}

// Default is the plainest experiment; a file says what differs.
func Default() Experiment {
	return Experiment{
		Seed:       42,
		Data:       audit.Default,
		Preprocess: preprocess.Default,
		Model:      model.Default,
		Train:      train.Default,
		Evaluate:   evaluate.Default,
	}
}

// Load reads an experiment file, the files that it extends and the --set
// assignments (path=value), and checks the whole. A mistake that a file makes
// is found here, before anything runs: the error then is a registry.Problems
// with all of them. Warnings are settings that will not do what they seem to.
func Load(path string, sets []string) (Experiment, []registry.Problem, error) {
	return loadExperiment(fromDisk, path, sets)
}

func loadExperiment(read readFile, path string, sets []string) (Experiment, []registry.Problem, error) {
	e, _, warnings, err := loadWhole(read, path, sets)
	return e, warnings, err
}

// loadWhole gives also the tree that the experiment was read from.
func loadWhole(read readFile, path string, sets []string) (Experiment, *document, registry.Problems, error) {
	e := Default()
	d, err := load(read, path, sets, &e)
	if d == nil || d.root == nil {
		return Experiment{}, nil, nil, err
	}
	c := &checker{document: d}
	c.run(e)
	c.sweepFits(e)
	warnings := d.annotated(c.warnings)
	if err := d.annotated(d.problems).Err(); err != nil {
		return Experiment{}, nil, warnings, err
	}
	return e, d, warnings, nil
}

// Resolved writes an experiment as YAML with all its defaults. Reading it gives
// the same experiment (paths are then relative to the working directory).
func Resolved(e Experiment) []byte { return resolved(e) }

// Measures is what is measured: the section evaluate, with the numbers of single targets that
// steer something.
func (e Experiment) Measures() evaluate.Config {
	var numbers []string
	for _, path := range e.steering() {
		numbers = append(numbers, path.number)
	}
	return e.Evaluate.Watching(numbers...)
}

// steered is a setting that names a number which steers something.
type steered struct{ path, number string }

func (e Experiment) steering() []steered {
	out := []steered{{"train.monitor", e.Train.Monitor}}
	for i, p := range e.Train.Phases {
		if p.Monitor != "" {
			out = append(out, steered{fmt.Sprintf("train.phases.%d.monitor", i), p.Monitor})
		}
	}
	if e.Sweep != nil && e.Sweep.Objective != "" {
		out = append(out, steered{"sweep.objective", e.Sweep.Objective})
	}
	return out
}

// outline is that of the net for some classes: names do not depend on them.
func (e Experiment) outline() model.Outline {
	return model.Sketch(e.Model, e.Task(stage.Questions{Classes: []string{"no", "yes"}}, e.Data.Covariates.Sketch()))
}

// Task is what the net is asked and told, by questions and covariates of the data.
func (e Experiment) Task(asked stage.Questions, covariates stage.Covariates) model.Task {
	task := e.Train.Task(asked)
	task.Covariates = covariates
	task.Held = preprocess.SlicesOf(e.Preprocess)
	views := len(e.Data.Views)
	if e.Model.Views == "shared" {
		task.Views, views = views, 1
	}
	if e.Model.Slices != nil {
		task.Slices, task.Stacks = e.Model.Input.SlicesSeen(task.Held)*max(1, views), views
	}
	return task
}
