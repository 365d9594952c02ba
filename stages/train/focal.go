package train

import (
	"errors"

	"vertebra/stages/internal/torch"
)

func init() {
	Losses.Add("focal", "cross-entropy that looks away from cases which are right already (Lin et al. 2017)",
		Focal{Gamma: 2, Alpha: "none", ClassReduction: "sum", Reduce: Reduce{"mean"}})
}

// Focal is the focal loss (Lin et al. 2017, Focal Loss for Dense Object
// Detection, equation 5) of softmax probabilities:
//
//	loss_B = −Σ_k α_k·q_k·(1 − p_k)^γ·log p_k
//
// Keras' categorical_focal_crossentropy is {clip: 1e-7, reduction: mean}. Focal
// losses written by hand for Keras often also take the mean over the K terms, of
// which all but the true class's are 0: class_reduction mean.
type Focal struct {
	Gamma          float64   `help:"how strongly easy cases are looked away from; 0 is cross-entropy" min:"0"`
	Alpha          string    `help:"weight of each class: none, n/(K·n_c) from the training cases (balanced), or what weights says (given)" oneof:"none balanced given"`
	Weights        []float64 `help:"with alpha given: one weight for each class, in the order of the classes" min:"0" when:"alpha=given"`
	Clip           float64   `help:"probabilities are limited to this and one minus this; 0 limits nothing" min:"0" under:"0.5"`
	ClassReduction string    `help:"sum over the classes as in the paper, or their mean, which is 1/K of it" oneof:"sum mean"`
	Reduce
}

// Validate wants weights with alpha given, and only there.
func (f Focal) Validate() error {
	if (f.Alpha == "given") != (len(f.Weights) > 0) {
		return errors.New("alpha: given wants weights, one for each class, and nothing else takes them")
	}
	return nil
}

// Fits wants a weight for each class.
func (f Focal) Fits(classes []string) error {
	return wantPerClass("weights", f.Weights, len(classes))
}

// Of reduces the batch to one number.
func (f Focal) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	o := torch.FocalOptions{Gamma: f.Gamma, Clip: f.Clip, ClassMean: f.ClassReduction == "mean"}
	switch f.Alpha {
	case "balanced":
		o.Alpha = t.perClass(s, balancedWeights)
	case "given":
		o.Alpha = perClass(s, f.Weights)
	}
	return s.Focal(f.batch(logits_BK, t), o)
}
