package torch

// #include "shim_device.h"
import "C"

import (
	"fmt"
	"math"
)

// Precision says in which number format nets compute. Weights, gradients,
// losses and statistics stay float32 in all of them.
type Precision string

// The precisions.
const (
	// FP32 computes in IEEE float32.
	FP32 Precision = "fp32"
	// TF32 rounds the factors of products to 10 bits of mantissa on NVIDIA GPUs
	// from Ampere on, and adds up in float32.
	TF32 Precision = "tf32"
	// BF16 runs products and convolutions in bfloat16 (8 bits of mantissa,
	// float32's range), as torch.autocast does.
	BF16 Precision = "bf16"
	// FP16 does so in float16, whose narrow range needs a LossScale.
	FP16 Precision = "fp16"
)

// Resolve turns "auto" or "" into what the device is best at: bf16 from compute
// capability 8.0 on, fp16 on GPUs of 7.x, whose tensor cores have no other format,
// fp32 on older ones and on the CPU.
func (f Facts) Resolve(p Precision) (Precision, error) {
	switch p {
	case FP32, BF16:
		return p, nil
	case FP16, TF32:
		if f.CUDA {
			return p, nil
		}
		return "", fmt.Errorf("precision %s needs a CUDA device; on the CPU there are fp32 and bf16", p)
	case "", "auto":
		return f.best(), nil
	}
	return "", fmt.Errorf("precision %q is not known; want auto, fp32, tf32, bf16 or fp16", p)
}

func (f Facts) best() Precision {
	switch {
	case f.CUDA && f.Major >= 8:
		return BF16
	case f.CUDA && f.Major == 7:
		return FP16
	}
	return FP32
}

func (p Precision) dtype() (d DType, reduced bool) {
	switch p {
	case BF16:
		return BFloat16, true
	case FP16:
		return Float16, true
	}
	return Float32, false
}

// Autocast runs work with products and convolutions in the reduced precision,
// and restores what was before, whatever happens. fp32 and tf32 run it as it is.
func (s *Scope) Autocast(p Precision, work func() Tensor) Tensor {
	dtype, reduced := p.dtype()
	if !reduced || s.err != nil {
		return work()
	}
	kind, _ := s.engine.device.c()
	var before C.vt_autocast_state
	if err := fault(C.vt_autocast_enter(kind, C.int(dtype), &before)); err != nil {
		s.Fail(err)
		return Tensor{}
	}
	defer func() { s.note(C.vt_autocast_leave(kind, &before)) }()
	return work()
}

// Use prepares the process for a precision: whether float32 products on CUDA may
// be rounded to TF32, which libtorch does for convolutions unless told not to.
func (s *Scope) Use(p Precision) { s.Fail(setTF32(p == TF32)) }

func setTF32(on bool) error { return fault(C.vt_allow_tf32(flag(on))) }

// LossScale keeps float16 gradients from vanishing: the loss is multiplied by it
// before the backward pass, and gradients are divided by it after. It doubles
// after Growth good steps in a row and halves after a bad one, as
// torch.amp.GradScaler does (Micikevicius et al. 2018, Mixed Precision Training,
// section 3.2). The zero value is not ready; see NewLossScale.
type LossScale struct {
	Value  float64 `json:"value"`  // the present factor, a power of two
	Good   int     `json:"good"`   // steps without infinities since the last change
	Growth int     `json:"growth"` // good steps before the factor doubles
}

// largestScale is the largest power of two whose inverse float32 holds in full.
const largestScale = 1 << 126

// NewLossScale begins with GradScaler's defaults.
func NewLossScale() LossScale { return LossScale{Value: 65536, Growth: 2000} }

// Next takes note of a step and gives the scale for the coming one. It may fall
// below 1, where float16 is no use: gradients overflow as they are.
func (l LossScale) Next(finite bool) LossScale {
	if !finite {
		return LossScale{Value: l.Value / 2, Growth: l.Growth}
	}
	if l.Good++; l.Good >= l.Growth {
		return LossScale{Value: math.Min(l.Value*2, largestScale), Growth: l.Growth}
	}
	return l
}

// Valid says whether it is a scale that a training may go on with.
func (l LossScale) Valid() bool {
	return l.Value >= 1 && l.Value <= largestScale && l.Good >= 0 && l.Growth > 0
}

// Unscale divides the gradients of what is to be updated by the loss's scale, and
// says whether all are finite; if not, the update must be left out. It waits for
// the device.
func (s *Scope) Unscale(updates []Update, scale float64) (finite bool) {
	weights := make([]Tensor, len(updates))
	for i, u := range updates {
		weights[i] = u.Parameter.Tensor
	}
	if !s.ok("unscale", weights...) {
		return false
	}
	var out C.int
	s.note(C.vt_unscale(handles(weights), C.int(len(weights)), C.double(scale), &out))
	return out != 0
}
