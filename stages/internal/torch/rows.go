package torch

// #include "shim_device.h"
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/sugarme/gotch/libtch"
)

// Rows are n blocks of bytes of one size on the device, such as the images of a
// data set. They are filled once and gathered from for every batch.
type Rows struct {
	scope  *Scope // owns the block
	block  Tensor
	n      int
	bytes  int
	filled int
}

// NewRows reserves n rows of the given size.
func (s *Scope) NewRows(n, bytes int) *Rows {
	r := &Rows{scope: s.Long(), n: n, bytes: bytes}
	if s.err != nil {
		return r
	}
	kind, index := s.engine.device.c()
	var out C.vt_tensor
	message := C.vt_rows(C.int64_t(n), C.int64_t(bytes), kind, index, &out)
	r.block = s.Move(s.made(out, message), r.scope)
	return r
}

// Append copies whole rows to the device, behind those that are there.
func (r *Rows) Append(s *Scope, data []byte) {
	if len(data) == 0 || !s.ok("put rows", r.block) {
		return
	}
	n := len(data) / r.bytes
	if n*r.bytes != len(data) || r.filled+n > r.n {
		s.Fail(fmt.Errorf("%d bytes do not fit: rows of %d bytes, %d of %d filled", len(data), r.bytes, r.filled, r.n))
		return
	}
	s.note(C.vt_put_rows(r.block.c(), C.int64_t(r.filled), unsafe.Pointer(&data[0]), C.size_t(len(data))))
	r.filled += n
}

// Take gathers rows: index_B is int64 on the device. The result is one block of
// B·bytes bytes, as Pixels reads it.
func (r *Rows) Take(s *Scope, index Tensor) Tensor {
	if !s.ok("take rows", r.block, index) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_take_rows(r.block.c(), index.c(), &out)
	return s.made(out, message)
}

// TakeFloat32 gathers rows that hold float32 numbers, and gives them a shape whose
// first dimension counts the rows.
func (r *Rows) TakeFloat32(s *Scope, index Tensor, shape ...int64) Tensor {
	block := r.Take(s, index)
	numbers := s.call("view", func(out *libtch.Ctensor) { libtch.AtgViewDtype(out, block.at.raw, int32(Float32)) }, block)
	return s.Reshape(numbers, shape...)
}

// Free gives the memory back; on the engine's thread.
func (r *Rows) Free() { r.scope.Free() }
