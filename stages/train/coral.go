package train

import (
	"fmt"

	"vertebra/stages/internal/torch"
)

func init() {
	Losses.Add("coral", "ordinal: K−1 questions \"worse than k?\" (Cao et al. 2020); the head of the paper is model.last: shared", Coral{Reduce: byWeights})
}

// Coral is CORAL (Cao, Mirjalili and Raschka 2020, Rank Consistent Ordinal
// Regression for Neural Networks, equation 3; coral_pytorch.losses.coral_loss):
// the binary cross-entropies of "class > k", added up over the K−1 outputs. With
// model.last: shared all outputs share their weights, as in the paper; with weights of
// their own, as in Niu et al. 2016, answers can contradict each other, and an answer
// then counts no more than the one before it. Classes must stand in their order.
type Coral struct {
	Importance []float64 `help:"weight of each question, K−1 numbers; all alike when empty" min:"0"`
	Reduce
}

// Fits wants as many importances as there are questions.
func (c Coral) Fits(classes []string) error {
	if err := ordinal(classes); err != nil {
		return err
	}
	return wantPerClass("importance", c.Importance, len(classes)-1)
}

// Of reduces the batch to one number.
func (c Coral) Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor {
	return s.CORAL(c.batch(logits_BO, t), perClass(s, c.Importance))
}

// Outputs is one number for each question.
func (Coral) Outputs(classes int) int { return classes - 1 }

// Probabilities are the differences of the answers.
func (Coral) Probabilities(s *torch.Scope, logits_BO torch.Tensor) torch.Tensor {
	return s.Probabilities(logits_BO, torch.OutputCORAL)
}

func ordinal(classes []string) error {
	if len(classes) < 2 {
		return fmt.Errorf("an ordinal loss wants at least two classes, there are %d", len(classes))
	}
	return nil
}

// Ordered is true: the classes are grades.
func (Coral) Ordered() bool { return true }
