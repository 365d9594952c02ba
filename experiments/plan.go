package experiments

import (
	"context"
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Plan is what a run of an experiment would do. Making it reads tables and the
// headers of images, but no pixels, and computes nothing on a GPU.
type Plan struct {
	Name        string    `json:"name"`
	Purpose     string    `json:"purpose,omitempty"`
	Fingerprint string    `json:"data_fingerprint"`
	Data        DataPlan  `json:"data"`
	Images      ImagePlan `json:"images"`
	Model       ModelPlan `json:"model"`
	Phases      []Phase   `json:"phases"`
	Monitor     string    `json:"monitor"`
	Metrics     []string  `json:"metrics"`
	Memory      Memory    `json:"memory"`
	Disk        Disk      `json:"disk"`
}

// ImagePlan says what the images become, and what of that is done already.
type ImagePlan struct {
	Channels      int `json:"channels"`
	Height        int `json:"height"`
	Width         int `json:"width"`
	Batch         int `json:"batch"`
	StepsPerEpoch int `json:"steps_per_epoch"`
}

// ModelPlan says what the net is.
type ModelPlan struct {
	Backbone   string   `json:"backbone"`
	Weights    string   `json:"weights,omitempty"`
	Head       []string `json:"head"`
	Outputs    int      `json:"outputs"`
	Parameters int64    `json:"parameters"`
}

// Memory estimates the device memory of training, in bytes. The last steps of
// cuDNN and the allocator come on top.
type Memory struct {
	Weights     int64 `json:"weights"`     // parameters and buffers
	Gradients   int64 `json:"gradients"`   // of the phase that trains most
	Optimizer   int64 `json:"optimizer"`   // of the same phase
	Activations int64 `json:"activations"` // of one batch, kept for the backward pass
	Images      int64 `json:"images"`      // of one batch
}

// Total adds up.
func (m Memory) Total() int64 {
	return m.Weights + m.Gradients + m.Optimizer + m.Activations + m.Images
}

// Disk estimates what a run writes, in bytes.
type Disk struct {
	Images      int64 `json:"images"`      // preprocessed, when none is in the cache
	Checkpoints int64 `json:"checkpoints"` // best and last
}

// float32Bytes is what a number takes on the device and in checkpoints.
const float32Bytes = 4

// MakePlan plans a run.
func MakePlan(ctx context.Context, env stage.Env, e Experiment) (Plan, error) {
	cases, err := audit.Run(ctx, env, e.Data)
	if err != nil {
		return Plan{}, fmt.Errorf("audit: %w", err)
	}
	layout, err := preprocess.Describe(e.Preprocess)
	if err != nil {
		return Plan{}, fmt.Errorf("preprocess: %w", err)
	}
	shape := layout.Shape
	outputs := e.Train.Outputs(len(cases.Classes))
	size, err := model.Measure(ctx, e.Model, shape, outputs)
	if err != nil {
		return Plan{}, fmt.Errorf("model: %w", err)
	}
	p := Plan{Name: e.Name, Purpose: e.Purpose, Fingerprint: cases.Fingerprint, Monitor: e.Train.Monitor}
	p.Data = planData(cases)
	p.Images = ImagePlan{shape.Channels, shape.Height, shape.Width, e.Train.Batch, p.Data.steps(e.Train.Batch)}
	p.Model = ModelPlan{
		Backbone: e.Model.Backbone.Name, Weights: string(e.Model.Backbone.Part.File()), Head: []string{},
		Outputs: outputs, Parameters: size.Count(func(string) bool { return true }),
	}
	for _, layer := range e.Model.Head {
		p.Model.Head = append(p.Model.Head, layer.Name)
	}
	for _, m := range e.Evaluate.Metrics {
		p.Metrics = append(p.Metrics, m.Name)
	}
	p.Phases = planPhases(e, size, p.Images.StepsPerEpoch)
	p.Memory = planMemory(e, size, p)
	p.Disk = Disk{Images: int64(len(cases.Cases)) * pixels(shape) * int64(layout.BytesPerPixel), Checkpoints: 2 * (p.Memory.Weights + p.Memory.Optimizer)}
	return p, nil
}

func pixels(s preprocess.Shape) int64 { return int64(s.Channels) * int64(s.Height) * int64(s.Width) }

func planMemory(e Experiment, size model.Size, p Plan) Memory {
	var most int64
	for _, phase := range p.Phases {
		most = max(most, phase.Trainable)
	}
	slots := int64(len(e.Train.Optimizer.Part.Rule().Slots()))
	batch := int64(e.Train.Batch)
	return Memory{
		Weights: size.Stored() * float32Bytes, Gradients: most * float32Bytes, Optimizer: slots * most * float32Bytes,
		Activations: batch * size.Activations * float32Bytes,
		Images:      batch * int64(p.Images.Channels*p.Images.Height*p.Images.Width) * float32Bytes,
	}
}
