package experiments

import (
	"context"
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/pretrain"
	"vertebra/stages/stage"
)

// PretrainPlan is what a backbone learns from images alone, and what that takes: of the first fold,
// where there are several.
type PretrainPlan struct {
	Method     string   `json:"method"`
	Own        int      `json:"own_images"`    // of the training split
	Beside     int      `json:"images_beside"` // of the data
	Left       []string `json:"left_out"`      // in words
	Few        string   `json:"few,omitempty"` // what comes of a batch of more than there are
	Epochs     int      `json:"epochs"`
	Batch      int      `json:"batch"`
	Projection int      `json:"projection"`
	// Memory estimates what the training takes on the device, in bytes, with float32.
	Memory int64 `json:"memory"`
	// Images is what those that it sees take on the disk, in a file of their own; 0 where they are those of
	// the run.
	Images int64 `json:"images"`
	Work   Work  `json:"work"`
}

// planPretrain is nil where nothing is pretrained.
func planPretrain(ctx context.Context, env stage.Env, e Experiment, cases audit.Cases, layout preprocess.Layout) (*PretrainPlan, error) {
	if e.Pretrain == nil {
		return nil, nil
	}
	c := *e.Pretrain
	u, err := c.Read(ctx, env, e.Data, e.Preprocess, cases)
	if err != nil {
		return nil, err
	}
	p := &PretrainPlan{Method: c.Method.Name, Epochs: c.Epochs, Batch: c.Batch, Projection: c.Method.Part.Width(), Left: []string{}}
	for _, one := range u.Cases.InFold(cases.FoldsToRun()[0]).Cases {
		switch {
		case one.Split != stage.Train:
		case u.Beside[one.ID]:
			p.Beside++
		default:
			p.Own++
		}
	}
	if len(u.Beside) > 0 {
		p.Images = storedImages(u.Cases, layout)
	}
	for _, one := range u.Left {
		p.Left = append(p.Left, pretrain.LeftWords(one))
	}
	if err := pretrain.Enough(p.Own + p.Beside); err != nil {
		return nil, stage.Wrong{Path: pretrain.Name, Err: err}
	}
	p.Few = c.Few(p.Own + p.Beside)
	net := e.Model
	if net.Input, err = net.Input.Follow(layout.Normalisation); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	size, err := model.Measure(ctx, env, c.Model(net), layout.Shape, c.Task(e.Task(cases.Questions(), nil)))
	if err != nil {
		return nil, fmt.Errorf("pretrain: %w", err)
	}
	p.plan(e, size, layout.Shape)
	return p, nil
}

// plan estimates memory and work: each image is seen in two views.
func (p *PretrainPlan) plan(e Experiment, size model.Size, shape preprocess.Shape) {
	all := func(string) bool { return true }
	numbers, places := size.Kept(e.Train.Compute)
	image := int64(shape.Channels * shape.Height * shape.Width)
	const views = 2
	rule := e.Pretrain.Optimizer.Part.Rule()
	training := e.Pretrain.Training(e.Train)
	again := int64(training.Passes(training.Phases[0]))
	copies := 2 + int64(len(rule.Slots())) + again - 1 // weights, gradients, what the optimizer keeps, and what sam goes back to
	p.Memory = copies*float32Bytes*size.Stored() + views*int64(p.Batch)*((numbers+image)*float32Bytes+places*placeBytes)
	forward, backward := size.Products(0, all)
	if e.Train.Compute.Recompute {
		backward += size.Again(0, 0)
	}
	p.Work.Image = 2 * float64(forward+backward) * float64(again)
	drawn := views * (p.Own + p.Beside)
	measured := training.Measured(training.Phases[0], p.Epochs, drawn)
	p.Work.Epochs = float64(p.Epochs) * (p.Work.Image*float64(drawn) + 2*float64(forward)*float64(measured))
}

// warnings are what only the number of images shows.
func (p *PretrainPlan) warnings() []string {
	if p == nil || p.Few == "" {
		return nil
	}
	return []string{p.Few}
}
