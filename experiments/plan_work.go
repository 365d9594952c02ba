package experiments

import (
	"vertebra/stages/model"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Work is the arithmetic of a phase, 2 operations for each multiply-add of convolutions
// and linear layers: what its time follows from on a device whose speed is known.
type Work struct {
	Image float64 `json:"operations_per_image"` // of training, in the last epoch
	// Epochs are the operations of all epochs, validation included, at most.
	Epochs float64 `json:"operations"`
	// Once are those of layers whose outputs are computed once.
	Once float64 `json:"operations_once,omitempty"`
}

// planWork adds up the epochs. drawn is how many images one trains on.
func planWork(e Experiment, p train.Phase, size model.Size, data DataPlan, drawn int) (w Work) {
	net := e.outline()
	training, validation := data.of(stage.Train), data.of(stage.Validation)
	nothing := func(string) bool { return false }
	whole, _ := size.Products(0, nothing)
	var words int
	var one, measured float64 // measured is the work of an image without gradients
	for epoch := 1; epoch <= p.Epochs; epoch++ {
		if now := len(p.Words(net.Groups, epoch)); epoch == 1 || now != words { // else it is like the one before
			words = now
			from := 0
			if f := planFeatures(e, p, epoch, size, data); f.Views > 0 {
				from = f.Layers
				above, _ := size.Products(from, nothing)
				w.Once += 2 * float64(whole-above) * float64(f.Views*training+validation)
			}
			forward, backward := size.Products(from, p.Trains(net.Groups, epoch))
			if e.Train.Compute.Recompute {
				fixed, _ := net.Fixed(p.Trains(net.Groups, epoch), p.BatchNorm)
				backward += size.Again(from, fixed)
			}
			w.Image = 2 * float64(forward+backward) * float64(e.Train.Passes(p))
			measured = 2 * float64(forward)
			one = w.Image*float64(drawn) + measured*float64(validation)
		}
		w.Epochs += one + measured*float64(e.Train.Measured(p, epoch, drawn))
	}
	return w
}
