// Package train fits a net in phases: which groups train, at which rate, until
// when, and which weights the next phase begins with.
package train

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Optimizer describes how gradients become new weights.
type Optimizer interface {
	// Rule is what the engine computes.
	Rule() torch.Rule
	// Settings are the learning rate and the weight decay.
	Settings() (rate, decay float64)
}

// Loss is what training makes small.
//
// A loss whose net has another number of outputs than there are classes also has
//
//	Outputs(classes int) int
//
// and one whose probabilities are not the softmax of the outputs
//
//	Probabilities(s *torch.Scope, logits_BO torch.Tensor) torch.Tensor // probabilities_BK
//
// See Config.Task and Config.Probabilities.
type Loss interface {
	// Of gives one number, with gradients, for logits_BO. It does not depend on
	// what was computed before, and reads nothing back from the device.
	Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor
}

// Targets is what a batch should be classified as: B images, or of several targets that
// the net answers of an image B answers; K classes. A zero Tensor or a nil slice means
// "none".
type Targets struct {
	Labels_B        torch.Tensor // int64 class indices; -1 is ignored
	Shares_BK       torch.Tensor // float32 soft targets (MixUp, CutMix, soft labels), rows sum to 1; in place of Labels_B where labels are not hard
	ClassWeights_K  torch.Tensor // float32, also (B, K); none: all classes alike
	SampleWeights_B torch.Tensor // float32; none: all cases alike
	Counts_K        []int        // training cases of each class, before any sampling; its length is K
	CountsOf_QK     [][]int      // those of each target; none where there is one
	Target_B        []int        // which of these an answer is of; none where there is one
	Groups_B        []string     // what terms over a whole study pool over, on the host
	Tags_B          []map[string]string
	// Divisor is what Config.Divisor gave for a whole batch, where this is a part
	// of it: the losses of the parts then add up to that of the whole.
	Divisor torch.Tensor
}

// Schedule gives the learning rate of a step. It is a pure function of what
// happened before, so that a resumed run needs no state of it.
type Schedule interface {
	// Rate is asked before every step. A schedule that works by epochs gives the
	// same rate for all steps of one.
	Rate(base float64, h History) float64
}

// History is what a schedule may look at.
type History struct {
	Epoch         int             // the present epoch of the phase, from 1
	Epochs        int             // of the phase
	Step          int             // the coming optimizer step of the phase, from 1
	StepsPerEpoch int             // optimizer steps, not micro-batches
	Values        []float64       // of the monitored number, one for each past epoch of the phase
	Better        stage.Direction // which way the number is better
}

// The parts of training.
var (
	Optimizers = registry.New[Optimizer]("optimizer")
	Losses     = registry.New[Loss]("loss")
	Schedules  = registry.New[Schedule]("schedule")
)

// better says whether value beats best by more than delta.
func better(d stage.Direction, value, best, delta float64) bool {
	if d == stage.HigherBetter {
		return value > best+delta
	}
	return value < best-delta
}
