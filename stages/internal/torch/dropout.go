package torch

// #include "shim.h"
import "C"

import (
	"fmt"

	"vertebra/stages/stage"
)

// Dropout sets elements to zero with probability P and scales the others by
// 1/(1−P) (Srivastava et al. 2014). What it drops depends on the pass's seed and
// its own name alone, so neither other layers nor a resumed run change it.
type Dropout struct {
	Name string
	P    float64
}

// Forward drops in training and does nothing otherwise.
func (d Dropout) Forward(p *Pass, x Tensor) Tensor { return d.drop(p, x, 0) }

func (d Dropout) drop(p *Pass, x Tensor, rows C.int) Tensor {
	if !p.Train || d.P == 0 || !p.ok("dropout", x) {
		return x
	}
	if p.engine.recording {
		p.Fail(fmt.Errorf("dropout: %w: it drops other elements in each step", errRecorded))
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_dropout(x.c(), C.double(d.P), C.uint64_t(stage.Hash(p.Seed, "dropout "+d.Name)), rows, &out)
	return p.made(out, message)
}

// Fixed says whether it drops nothing.
func (d Dropout) Fixed() bool { return d.P == 0 }

// Random says whether it drops anything.
func (d Dropout) Random() bool { return d.P > 0 }
