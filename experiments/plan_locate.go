package experiments

import (
	"context"
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// LocatePlan is what the net that finds points is, and what its training takes.
type LocatePlan struct {
	Backbone   string `json:"backbone"`
	Pixels     int    `json:"pixels"`
	Points     int    `json:"points"` // names that are told apart
	Series     int    `json:"series"`
	Train      int    `json:"train_slices"`
	Validation int    `json:"validation_slices"`
	Epochs     int    `json:"epochs"`
	Batch      int    `json:"batch"`
	Parameters int64  `json:"parameters"`
	// Download is what a run gets first, since it is not there yet.
	Download *DownloadPlan `json:"download,omitempty"`
	// Memory estimates what the training takes on the device, in bytes, with float32.
	Memory int64 `json:"memory"`
	Work   Work  `json:"work"`
}

// planLocate is nil where the experiment trains no such net.
func planLocate(ctx context.Context, env stage.Env, e Experiment, cases audit.Cases) (*LocatePlan, error) {
	if e.Locate == nil {
		return nil, nil
	}
	c := *e.Locate
	o, err := c.Foresee(cases)
	if err != nil {
		return nil, err
	}
	size, err := model.Measure(ctx, env, c.Model(), o.Shape, o.Task)
	if err != nil {
		return nil, fmt.Errorf("locate: %w", err)
	}
	all := func(string) bool { return true }
	p := &LocatePlan{
		Backbone: c.Backbone.Name, Pixels: c.Pixels, Points: len(o.Names), Series: o.Series, Train: o.Train, Validation: o.Validation,
		Epochs: c.Epochs, Batch: c.BatchSize(), Parameters: size.Count(all),
	}
	if size.Missing != "" {
		r, _ := c.Model().Release()
		p.Download = &DownloadPlan{r.URL(env.PretrainedURL), size.Missing, r.Bytes()}
	}
	numbers, places := size.Kept(e.Train.Compute)
	image := int64(o.Shape.Height * o.Shape.Width)
	const copies = 4 // weights, gradients, and two of AdamW
	p.Memory = copies*float32Bytes*size.Stored() + int64(p.Batch)*((numbers+image)*float32Bytes+places*placeBytes)
	forward, backward := size.Products(0, all)
	p.Work.Image = 2 * float64(forward+backward)
	p.Work.Epochs = float64(c.Epochs) * (p.Work.Image*float64(o.Train) + 2*float64(forward)*float64(o.Validation))
	return p, nil
}
