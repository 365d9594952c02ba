package train

import "vertebra/stages/internal/torch"

func init() {
	Losses.Add("earth_mover", "ordinal: squared distance of what the net says to the label, as earth that is moved (Hou et al. 2016)", EarthMover{Reduce: byWeights})
}

// EarthMover is the squared earth mover's distance (Hou, Yu and Samaras 2016, Squared Earth
// Mover's Distance-based Loss for Training Deep Neural Networks, equation 9) of softmax
// probabilities p and labels q, hard or soft:
//
//	loss_B = w_B·Σ_k (Σ_i≤k p_i − q_i)²,  w_B = Σ_k w_k·q_k
//
// It is the ranked probability score (Epstein 1969), and smallest where probabilities are true. Classes must
// stand in their order.
type EarthMover struct{ Reduce }

// Fits wants an order of at least two classes.
func (EarthMover) Fits(classes []string) error { return ordinal(classes) }

// Of reduces the batch to one number.
func (e EarthMover) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	return s.EarthMover(e.batch(logits_BK, t))
}

// Ordered is true: the classes are grades.
func (EarthMover) Ordered() bool { return true }
