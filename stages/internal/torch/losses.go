package torch

// #include "shim_loss.h"
import "C"

// Classified is a batch of B outputs with what they should be, of K classes.
// Tensors may be the zero Tensor, but for Logits and one of Labels and Shares.
//
// All losses are computed in float32, also under autocast, and are finite for
// every finite logit.
type Classified struct {
	Logits        Tensor // (B, O)
	Labels        Tensor // (B) int64; negative: ignored
	Shares        Tensor // (B, K) soft targets, used in place of Labels
	ClassWeights  Tensor // (K)
	SampleWeights Tensor // (B)
	Divisor       Tensor // what Scope.Divisor gave for the whole batch, where this is a part of it
	Classes       int    // K
	Reduction     LossReduction
}

// LossReduction says by what the sum of weighted losses is divided.
type LossReduction int

// The reductions.
const (
	LossMean         LossReduction = C.VT_MEAN          // the cases that are not ignored
	LossWeightedMean LossReduction = C.VT_WEIGHTED_MEAN // the sum of the weights
	LossSum          LossReduction = C.VT_SUM           // nothing
)

func (b Classified) c() C.vt_targets {
	labels, shares := b.Labels.c(), b.Shares.c()
	if shares != nil {
		labels = nil
	}
	return C.vt_targets{
		logits: b.Logits.c(), labels: labels, shares: shares, class_weights: b.ClassWeights.c(),
		sample_weights: b.SampleWeights.c(), divisor: b.Divisor.c(), classes: C.int64_t(b.Classes), reduction: C.int(b.Reduction),
	}
}

func (s *Scope) loss(name string, b Classified, call func(*C.vt_targets, *C.vt_tensor) *C.char) Tensor {
	target := b.Labels
	if b.Shares.Valid() {
		target = b.Shares
	}
	if !s.ok(name, b.Logits, target) {
		return Tensor{}
	}
	targets := b.c()
	var out C.vt_tensor
	message := call(&targets, &out)
	return s.made(out, message)
}

// Divisor is what a loss divides the batch's sum by. A part of a batch that is
// given this as its Divisor adds its share to the loss of the whole.
func (s *Scope) Divisor(b Classified) Tensor {
	return s.loss("divisor", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char { return C.vt_divisor(t, 0, out) })
}

// CORNDivisor is Divisor for CORN, which counts conditional tasks.
func (s *Scope) CORNDivisor(b Classified) Tensor {
	return s.loss("divisor", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char { return C.vt_divisor(t, 1, out) })
}

// LossOfCosts is Σ_k w_k·q_k·costs_BK, reduced as every loss is: q are the
// targets, and costs_BK what each class costs if it is the true one. A loss of
// this form needs no code here.
func (s *Scope) LossOfCosts(b Classified, costs_BK Tensor) Tensor {
	if !s.ok("loss of costs", costs_BK) {
		return Tensor{}
	}
	return s.loss("loss of costs", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char { return C.vt_loss_of_costs(t, costs_BK.c(), out) })
}

// SoftmaxCrossEntropy is −Σ_k w_k·q_k·log p_k with p = softmax(logits_BK) and
// q = (1 − smoothing)·target + smoothing/K.
func (s *Scope) SoftmaxCrossEntropy(b Classified, smoothing float64) Tensor {
	return s.loss("cross_entropy", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char {
		return C.vt_loss_cross_entropy(t, C.double(smoothing), out)
	})
}

// FocalOptions are the settings of Focal.
type FocalOptions struct {
	Gamma     float64
	Alpha     Tensor  // (K) or the zero Tensor
	Clip      float64 // p is limited to [Clip, 1 − Clip]; 0: not at all
	ClassMean bool    // the mean over classes, true class and others, in place of the sum
}

// Focal is −Σ_k α_k·w_k·q_k·(1 − p_k)^γ·log p_k.
func (s *Scope) Focal(b Classified, o FocalOptions) Tensor {
	return s.loss("focal", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char {
		return C.vt_loss_focal(t, C.double(o.Gamma), o.Alpha.c(), C.double(o.Clip), flag(o.ClassMean), out)
	})
}

// Asymmetric focuses the true class by (1 − p)^γ+ and the others, which label
// smoothing brings in, by p^γ−.
func (s *Scope) Asymmetric(b Classified, positive, negative, smoothing float64) Tensor {
	return s.loss("asymmetric", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char {
		return C.vt_loss_asymmetric(t, C.double(positive), C.double(negative), C.double(smoothing), out)
	})
}

// AsymmetricSigmoid takes each class for a question of its own, with
// p = sigmoid(logits_BK): −Σ_k y·(1 − p)^γ+·log p + (1 − y)·p_m^γ−·log(1 − p_m),
// p_m = max(p − margin, 0).
func (s *Scope) AsymmetricSigmoid(b Classified, positive, negative, margin float64) Tensor {
	return s.loss("asymmetric", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char {
		return C.vt_loss_asymmetric_sigmoid(t, C.double(positive), C.double(negative), C.double(margin), out)
	})
}

// LDAM is the cross-entropy of scale · (logits − margin of the true class).
func (s *Scope) LDAM(b Classified, margins_K Tensor, scale float64) Tensor {
	if !s.ok("ldam", margins_K) {
		return Tensor{}
	}
	return s.loss("ldam", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char {
		return C.vt_loss_ldam(t, margins_K.c(), C.double(scale), out)
	})
}

// CORAL is the binary cross-entropy of "class > k", summed over the K−1 outputs;
// importance, of K−1 numbers, may be the zero Tensor.
func (s *Scope) CORAL(b Classified, importance Tensor) Tensor {
	return s.loss("coral", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char { return C.vt_loss_coral(t, importance.c(), out) })
}

// CORN is the binary cross-entropy of "class > k, given class ≥ k", over the
// cases that have class ≥ k.
func (s *Scope) CORN(b Classified) Tensor {
	return s.loss("corn", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char { return C.vt_loss_corn(t, out) })
}

// Cumulative is −log P(class) of a cumulative-link model whose K−1 thresholds
// fall by softplus of an output each.
func (s *Scope) Cumulative(b Classified) Tensor {
	return s.loss("cumulative", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char { return C.vt_loss_cumulative(t, out) })
}

// LossOfTable costs class k, if it is the true one, −Σ_i table_ki·log p_i with p =
// softmax(logits_BK), or −Σ_i table_ki·log(1 − p_i) where rest says so.
func (s *Scope) LossOfTable(b Classified, table_KK Tensor, rest bool) Tensor {
	if !s.ok("loss of a table", table_KK) {
		return Tensor{}
	}
	return s.loss("loss of a table", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char {
		return C.vt_loss_of_table(t, table_KK.c(), flag(rest), out)
	})
}

// EarthMover is Σ_k (Σ_i≤k p_i − q_i)² with p = softmax(logits_BK) and targets q.
func (s *Scope) EarthMover(b Classified) Tensor {
	return s.loss("earth_mover", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char { return C.vt_loss_earth_mover(t, out) })
}

// Pairs is the mean of max(0, margin − (f_i − f_j))² over the pairs of a case i of a class
// and a case j of another, f being the log odds of the class against all others; then the
// mean over classes, by their weights. Members (G, L) int64 lists the rows that are compared with each other,
// negative where a group has fewer. A class without pairs counts nothing.
func (s *Scope) Pairs(b Classified, members Tensor, margin float64) Tensor {
	if !s.ok("pairs", members) {
		return Tensor{}
	}
	return s.loss("pairs", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char {
		return C.vt_loss_pairs(t, members.c(), C.double(margin), out)
	})
}

// Kappa is log(1 − κ) of the weighted kappa with costs |i − j|^power.
func (s *Scope) Kappa(b Classified, power float64) Tensor {
	return s.loss("kappa", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char { return C.vt_loss_kappa(t, C.double(power), out) })
}

// RSNATerms say which rows belong together in RSNALogLoss.
type RSNATerms struct {
	Conditions  Tensor  // (B) int64: 0, 1, 2, or negative for none
	Canals      Tensor  // (G, L) int64: the canal's rows of each study, negative where it has fewer; or the zero Tensor
	AnyWeight   float64 // of the any-severe term; each condition has 1
	Temperature float64 // 0: the largest severe probability of a study; else their mean, weighed by softmax(p / Temperature)
}

// RSNALogLoss is the mean of the conditions' weighted log losses and the one of
// "any row of the study's canal is severe".
func (s *Scope) RSNALogLoss(b Classified, terms RSNATerms) Tensor {
	if !s.ok("rsna_log_loss", terms.Conditions) {
		return Tensor{}
	}
	return s.loss("rsna_log_loss", b, func(t *C.vt_targets, out *C.vt_tensor) *C.char {
		return C.vt_loss_rsna(t, terms.Conditions.c(), terms.Canals.c(), C.double(terms.AnyWeight), C.double(terms.Temperature), out)
	})
}

// OutputKind says what outputs mean that are no softmax.
type OutputKind int

// The kinds of outputs.
const (
	OutputCORAL      OutputKind = C.VT_CORAL      // (B, K−1): logits of class > k
	OutputCORN       OutputKind = C.VT_CORN       // (B, K−1): logits of class > k, given class ≥ k
	OutputCumulative OutputKind = C.VT_CUMULATIVE // (B, K−1): a threshold and the gaps to the others
	OutputSigmoids   OutputKind = C.VT_SIGMOIDS   // (B, K): logits of each class by itself; scaled to sum 1
)

// Probabilities_BK of outputs.
func (s *Scope) Probabilities(logits Tensor, kind OutputKind) Tensor {
	if !s.ok("probabilities", logits) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_probabilities(logits.c(), C.int(kind), &out)
	return s.made(out, message)
}
