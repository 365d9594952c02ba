package experiments

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Plan is what a run of an experiment would do. Making it reads tables and the
// headers of images, but no pixels, and computes nothing on a GPU.
type Plan struct {
	Name        string    `json:"name"`
	Purpose     string    `json:"purpose,omitempty"`
	Fingerprint string    `json:"data_fingerprint"`
	Data        DataPlan  `json:"data"`
	Images      ImagePlan `json:"images"`
	// Balance is what balancing makes of the training cases of each class.
	Balance []train.ClassCount `json:"balance"`
	// SoftLabels are what a file makes of the labels of training cases; nil without one.
	SoftLabels *SoftLabelPlan `json:"soft_labels,omitempty"`
	// PseudoLabels says how many training cases have labels that nets gave; "" of none.
	PseudoLabels string      `json:"pseudo_labels,omitempty"`
	Model        ModelPlan   `json:"model"`
	Layers       []LayerPlan `json:"layers"`
	Phases       []Phase     `json:"phases"`
	Monitor      string      `json:"monitor"`
	Metrics      []string    `json:"metrics"`
	Sets         string      `json:"prediction_sets,omitempty"`
	Outliers     string      `json:"outliers,omitempty"`
	TestTime     string      `json:"test_time,omitempty"` // what last predictions are the mean of
	// Pretrain is what the backbone learns from images alone; nil for nothing.
	Pretrain *PretrainPlan `json:"pretrain,omitempty"`
	// Locate is the net that finds points; nil where none is trained.
	Locate *LocatePlan `json:"locate,omitempty"`
	Memory Memory      `json:"memory"`
	Disk   Disk        `json:"disk"`
	// Warnings are what only the data shows.
	Warnings []string `json:"warnings"`
}

// ImagePlan says what the images become, and what of that is done already.
type ImagePlan struct {
	Channels      int `json:"channels"`
	Height        int `json:"height"`
	Width         int `json:"width"`
	CenterCrop    int `json:"center_crop,omitempty"`   // side of the middle that the net sees; 0 of all
	MiddleSlices  int `json:"middle_slices,omitempty"` // slices of each stack that the net sees; 0 of all
	Batch         int `json:"batch"`
	StepsPerEpoch int `json:"steps_per_epoch"`
	// Steps says for each step how much of it is done.
	Steps []StepPlan `json:"steps"`
}

// StepPlan is one step of preprocessing: how many results the cache holds, and
// how many are to be computed.
type StepPlan struct {
	Step   string `json:"step"`
	Hits   int    `json:"cache_hits"`
	Misses int    `json:"cache_misses"`
}

// DownloadPlan is a file that is missing, and about how large it is.
type DownloadPlan struct {
	URL   string `json:"url"`
	To    string `json:"to"`
	Bytes int64  `json:"bytes"`
}

// ModelPlan says what the net is.
type ModelPlan struct {
	Backbone string `json:"backbone"`
	Weights  string `json:"weights,omitempty"`
	// WeightsAre says what was done to the weights so that they fit.
	WeightsAre string `json:"weights_are,omitempty"`
	// Download is what a run gets first, since it is not there yet.
	Download *DownloadPlan `json:"download,omitempty"`
	// Views and Slices go through the backbone one by one: so many of a sample, and of each
	// view; 0 and 1 as a whole. Pooling joins the slices.
	Views   int    `json:"views,omitempty"`
	Slices  int    `json:"slices,omitempty"`
	Pooling string `json:"pooling,omitempty"`
	// Lora says what is put beside layers of the backbone; "" for nothing.
	Lora string `json:"lora,omitempty"`
	// Pool makes features of the last maps.
	Pool       string   `json:"pool"`
	Head       []string `json:"head"`
	Outputs    int      `json:"outputs"`
	OutputsOf  []int    `json:"outputs_of,omitempty"` // of each target, where they have classes of their own
	Parameters int64    `json:"parameters"`
}

// Memory estimates the device memory of training, in bytes, for the precision that the
// experiment names, or float32. What cuDNN works in and the allocator keeps comes on top.
type Memory struct {
	Weights   int64 `json:"weights"`   // parameters and buffers
	Gradients int64 `json:"gradients"` // of the phase that trains most
	Optimizer int64 `json:"optimizer"` // of the same phase
	// Copies of trained weights are averages, and what sam goes back to; 0 without.
	Copies      int64 `json:"copies,omitempty"`
	Activations int64 `json:"activations"` // of one batch, kept for the backward pass
	// Whole is what Activations were if none were computed again; 0 where none are.
	Whole  int64 `json:"activations_without_recomputation,omitempty"`
	Images int64 `json:"images"` // of one batch
	// Reduced is what Activations are where auto becomes bf16, as on newer GPUs; 0
	// where the experiment names a precision.
	Reduced int64 `json:"activations_bf16,omitempty"`
	// Resident is what all images take that a GPU holds where they fit.
	Resident int64 `json:"resident_images"`
}

// Total adds up.
func (m Memory) Total() int64 {
	return m.Weights + m.Gradients + m.Optimizer + m.Copies + m.Activations + m.Images
}

// Disk estimates what a run writes, in bytes.
type Disk struct {
	Images      int64 `json:"images"`      // preprocessed, unless they are in the cache
	Checkpoints int64 `json:"checkpoints"` // at most, of all folds
}

// Bytes of a number on the device and in checkpoints; of one that the forward pass
// leaves in bf16 and fp16; and of the place of a maximum.
const float32Bytes, reducedBytes, placeBytes = 4, 2, 8

// MakePlan plans a run.
func MakePlan(ctx context.Context, env stage.Env, e Experiment) (Plan, error) {
	cases, err := audit.Run(ctx, env, e.Data)
	if err != nil {
		return Plan{}, fmt.Errorf("audit: %w", err)
	}
	if err := e.Fits(cases); err != nil {
		return Plan{}, err
	}
	layout, err := preprocess.Describe(e.Preprocess)
	if err != nil {
		return Plan{}, fmt.Errorf("preprocess: %w", err)
	}
	layout = layout.In(len(cases.Views))
	p := Plan{Name: e.Name, Purpose: e.Purpose, Fingerprint: cases.Fingerprint, Monitor: e.Train.Monitor}
	size, err := p.planParts(ctx, env, e, cases, layout)
	if err != nil {
		return Plan{}, err
	}
	if e.Evaluate.Sets != nil {
		p.Sets = e.Evaluate.Sets.Words()
	}
	if e.Evaluate.Outliers != nil {
		p.Outliers = e.Evaluate.Outliers.Words()
	}
	if p.Pretrain, err = planPretrain(ctx, env, e, cases, layout); err != nil {
		return Plan{}, err
	}
	if p.Locate, err = planLocate(ctx, env, e, cases); err != nil {
		return Plan{}, err
	}
	for _, m := range e.Evaluate.Metrics {
		p.Metrics = append(p.Metrics, m.Name)
	}
	p.TestTime = e.Train.TestTime.String()
	drawn := e.Train.Balance.Drawn(cases.Questions(), cases.Cases)
	p.Images.StepsPerEpoch, p.Images.CenterCrop, p.Images.MiddleSlices = steps(e, drawn), e.Model.Input.CenterCrop, e.Model.Input.MiddleSlices
	p.Layers = planLayers(e, size)
	p.Phases = planPhases(e, size, p.Data, drawn, p.Images.StepsPerEpoch)
	p.Memory = planMemory(e, size, p)
	p.Memory.Resident = storedImages(cases, layout)
	_, checkpoints := planCheckpoints(e.Train, p.Memory)
	if p.Pretrain != nil {
		p.Disk.Images += p.Pretrain.Images
	}
	p.Disk.Checkpoints = int64(len(cases.FoldsToRun())) * checkpoints
	p.Warnings = slices.Concat(dataWarnings(e, p), softLabelWarnings(p.SoftLabels), cases.Idle, targetWarnings(cases), p.Pretrain.warnings(), preprocess.TellUnspaced(e.Preprocess, cases), diskWarnings(e.Train, p.Memory))
	return p, nil
}

// planParts fills in what stands for itself: images, model, data and soft labels. To look
// into the cache and to measure the net take longest, so they are done at once.
func (p *Plan) planParts(ctx context.Context, env stage.Env, e Experiment, cases audit.Cases, layout preprocess.Layout) (size model.Size, err error) {
	var all sync.WaitGroup // each writes its own part of the plan
	var noImages, noModel, noLabels error
	all.Go(func() { noImages = planImages(ctx, env, e, cases, layout, p) })
	all.Go(func() { size, noModel = planModel(ctx, env, e, layout, cases, p) })
	p.Data, p.Balance = planData(cases), e.Train.Balance.Counts(cases.Questions(), cases.Cases)
	p.SoftLabels, noLabels = planSoftLabels(e, cases)
	p.PseudoLabels = pseudoWords(e, cases)
	all.Wait()
	switch {
	case noImages != nil:
		return size, fmt.Errorf("preprocess: %w", noImages)
	case noModel != nil:
		return size, fmt.Errorf("model: %w", noModel)
	}
	return size, noLabels
}

func planImages(ctx context.Context, env stage.Env, e Experiment, cases audit.Cases, layout preprocess.Layout, p *Plan) error {
	s := layout.Shape
	p.Images = ImagePlan{Channels: s.Channels, Height: s.Height, Width: s.Width, Batch: e.Train.BatchSize(), Steps: []StepPlan{}}
	used, err := preprocess.Foresee(ctx, env, e.Preprocess, cases)
	if err != nil {
		return err
	}
	for _, u := range used {
		p.Images.Steps = append(p.Images.Steps, StepPlan{u.Step, u.Reused, u.Computed})
	}
	p.Disk.Images = storedImages(cases, layout)
	if last := len(e.Preprocess) - 1; last < len(used) && used[last].Computed == 0 {
		p.Disk.Images = 0
	}
	return nil
}

func planModel(ctx context.Context, env stage.Env, e Experiment, layout preprocess.Layout, cases audit.Cases, p *Plan) (size model.Size, err error) {
	if e.Model.Input, err = e.Model.Input.Follow(layout.Normalisation); err != nil {
		return size, err
	}
	task := e.Task(cases.Questions(), cases.Covariates)
	if size, err = model.Measure(ctx, env, e.Model, layout.Shape, task); err != nil {
		return size, err
	}
	p.Model = ModelPlan{
		Backbone: e.Model.Backbone.Name, WeightsAre: size.WeightsNote, Pool: e.Model.Pool.Name, Weights: string(e.Model.Backbone.Part.File()), Head: []string{},
		Outputs: task.All(), OutputsOf: task.Own, Parameters: size.Count(func(string) bool { return true }),
	}
	if size.Missing != "" {
		r, _ := e.Model.Release()
		p.Model.Download = &DownloadPlan{r.URL(env.PretrainedURL), size.Missing, r.Bytes()}
	}
	if l := e.Model.Lora; l != nil {
		p.Model.Lora = l.String()
	}
	if p.Model.Views, p.Model.Slices = task.Views, task.Slices; task.Slices > 1 {
		p.Model.Pooling = e.Model.Slices.Name
	}
	for _, layer := range e.Model.Head {
		p.Model.Head = append(p.Model.Head, layer.Name)
	}
	return size, nil
}

// dataWarnings finds what only the counts show.
func dataWarnings(e Experiment, p Plan) []string {
	out := slices.Concat([]string{}, guessedOrder(e, p.Data), covariatesTell(p.Data))
	if n := p.Data.of(stage.Train); e.Train.BatchSize() > n {
		what := "cases"
		if len(p.Data.Targets) > 0 {
			what = "samples"
		}
		out = append(out, fmt.Sprintf("train.batch: %d is more than the %d training %s: an epoch is a single step", e.Train.BatchSize(), n, what))
	}
	for _, split := range p.Data.Splits {
		if len(p.Data.FoldRuns) == 0 || split.Name == string(stage.Test) && !p.Data.TestInTurn {
			out = append(out, withoutClass(p.Data.Classes, split.Name, split)...)
		}
	}
	for _, f := range p.Data.FoldRuns {
		out = append(out, withoutClass(p.Data.Classes, fmt.Sprintf("the training part of fold %d", f.Fold), f.Train)...)
		out = append(out, withoutClass(p.Data.Classes, fmt.Sprintf("the validation part of fold %d", f.Fold), f.Validation)...)
		if p.Data.TestInTurn {
			out = append(out, withoutClass(p.Data.Classes, fmt.Sprintf("the test part of fold %d", f.Fold), f.Test)...)
		}
	}
	return out
}

func withoutClass(classes []string, name string, c Count) (out []string) {
	for i, n := range c.Classes {
		if n == 0 {
			out = append(out, fmt.Sprintf("data.split: %s has no case of class %s", name, classes[i]))
		}
	}
	return out
}

// storedImages is what the images take as they are stored, in bytes.
func storedImages(cases audit.Cases, layout preprocess.Layout) int64 {
	s := layout.Shape
	return int64(len(cases.Samples().Cases)) * int64(s.Channels*s.Height*s.Width*layout.BytesPerPixel)
}

// weightCopies is how many of the trained weights are held besides the weights themselves.
func weightCopies(c train.Config) int64 {
	averages, uphill := c.EMA != nil || c.SWA != nil, false
	for _, p := range c.Phases {
		_, free := c.ScheduleFree(p) // which is judged by its averages
		averages, uphill = averages || free, uphill || c.Passes(p) > 1
	}
	n := int64(0)
	for _, kept := range []bool{averages, uphill} {
		if kept {
			n++
		}
	}
	return n
}

func planMemory(e Experiment, size model.Size, p Plan) Memory {
	var most int64
	for _, phase := range p.Phases {
		most = max(most, phase.Trainable)
	}
	slots := int64(len(e.Train.Optimizer.Part.Rule().Slots()))
	batch := int64(e.Train.BatchSize())
	activations := func(c model.Compute, bytes int64) int64 {
		numbers, places := size.Kept(c)
		return batch * (numbers*bytes + places*placeBytes)
	}
	how, width, reduced, whole := e.Train.Compute, int64(float32Bytes), int64(0), int64(0)
	switch how.Precision {
	case "bf16", "fp16":
		width = reducedBytes
	case "auto":
		reduced = activations(how, reducedBytes)
	}
	if how.Recompute {
		kept := how
		kept.Recompute = false
		whole = activations(kept, width)
	}
	return Memory{
		Weights: size.Stored() * float32Bytes, Gradients: most * float32Bytes, Optimizer: slots * most * float32Bytes, Copies: weightCopies(e.Train) * most * float32Bytes,
		Activations: activations(how, width), Reduced: reduced, Whole: whole,
		Images: batch * int64(p.Images.Channels*p.Images.Height*p.Images.Width) * float32Bytes,
	}
}
