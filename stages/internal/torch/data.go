package torch

// #include "shim.h"
import "C"

import (
	"fmt"
	"unsafe"
)

func fromSlice[E any](s *Scope, data []E, dtype DType, shape []int64) Tensor {
	if s.engine.recording {
		s.Fail(fmt.Errorf("new numbers from the host: %w", errRecorded))
	}
	if s.err != nil {
		return Tensor{}
	}
	var first unsafe.Pointer
	if len(data) > 0 {
		first = unsafe.Pointer(&data[0])
	}
	var e E
	bytes := C.size_t(len(data)) * C.size_t(unsafe.Sizeof(e))
	d, n := dims(shape)
	kind, index := s.engine.device.c()
	var out C.vt_tensor
	message := C.vt_from_data(first, bytes, d, n, C.int(dtype), kind, index, &out)
	return s.made(out, message)
}

// FromFloat32 copies numbers into a new tensor of the given shape.
func (s *Scope) FromFloat32(data []float32, shape ...int64) Tensor {
	return fromSlice(s, data, Float32, shape)
}

// FromInt64 copies whole numbers into a new tensor of the given shape.
func (s *Scope) FromInt64(data []int64, shape ...int64) Tensor {
	return fromSlice(s, data, Int64, shape)
}

// Pixels turns the bytes of whole images (unsigned, little endian, rows of
// channel planes) into images_BCHW of float32, each pixel multiplied by the scale.
func (s *Scope) Pixels(data []byte, f PixelFormat) Tensor {
	return s.PixelsOf(fromSlice(s, data, Uint8, []int64{int64(len(data))}), f)
}

// PixelFormat is how images lie in a block of bytes.
type PixelFormat struct {
	Channels, Height, Width int
	BytesPerPixel           int     // 1 or 2
	Scale                   float32 // makes float32 values in [0, 1]
}

// Bytes are what one image takes.
func (f PixelFormat) Bytes() int { return f.Channels * f.Height * f.Width * f.BytesPerPixel }

// PixelsOf does so with bytes that are on the device already, such as those that
// Rows.Take and Ring.Send give.
func (s *Scope) PixelsOf(bytes Tensor, f PixelFormat) Tensor {
	if !s.ok("pixels", bytes) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_pixels(bytes.c(), C.int64_t(f.Channels), C.int64_t(f.Height), C.int64_t(f.Width),
		C.int(f.BytesPerPixel), C.double(f.Scale), &out)
	return s.made(out, message)
}

// Zeros makes a tensor of zeros.
func (s *Scope) Zeros(dtype DType, shape ...int64) Tensor {
	if s.err != nil {
		return Tensor{}
	}
	d, n := dims(shape)
	kind, index := s.engine.device.c()
	var out C.vt_tensor
	message := C.vt_zeros(d, n, C.int(dtype), kind, index, &out)
	return s.made(out, message)
}

// Clone copies a tensor, without its history.
func (s *Scope) Clone(t Tensor) Tensor {
	if !s.ok("clone", t) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_clone(t.c(), &out)
	return s.made(out, message)
}

// To converts a tensor's type and puts it on the scope's device.
func (s *Scope) To(t Tensor, dtype DType) Tensor {
	if !s.ok("to", t) {
		return Tensor{}
	}
	kind, index := s.engine.device.c()
	var out C.vt_tensor
	message := C.vt_to(t.c(), C.int(dtype), kind, index, &out)
	return s.made(out, message)
}

// Info describes a tensor.
type Info struct {
	Shape        []int64
	DType        DType
	Device       Device
	RequiresGrad bool
}

// Elements is how many numbers a tensor of this shape holds.
func (i Info) Elements() int {
	n := 1
	for _, d := range i.Shape {
		n *= int(d)
	}
	return n
}

// Describe tells shape, type and place of a tensor.
func (s *Scope) Describe(t Tensor) Info {
	if !s.ok("describe", t) {
		return Info{}
	}
	var c C.vt_info
	if err := fault(C.vt_describe(t.c(), &c)); err != nil {
		s.Fail(err)
		return Info{}
	}
	info := Info{DType: DType(c.dtype), Device: Device{c.device_type != 0, int(c.device_index)}, RequiresGrad: c.requires_grad != 0}
	for i := 0; i < int(c.ndim); i++ {
		info.Shape = append(info.Shape, int64(c.dims[i]))
	}
	return info
}

// Float32s copies a tensor's numbers to the host, in row-major order.
func (s *Scope) Float32s(t Tensor) []float32 { return read[float32](s, t, Float32) }

// Float64s copies a tensor's numbers to the host, in row-major order.
func (s *Scope) Float64s(t Tensor) []float64 { return read[float64](s, t, Float64) }

// Bytes copies a tensor's numbers to the host as they are, little endian, in row-major order.
func (s *Scope) Bytes(t Tensor) []byte {
	info := s.Describe(t)
	size := map[DType]int{Uint8: 1, Bool: 1, Int32: 4, Int64: 8, Float16: 2, BFloat16: 2, Float32: 4, Float64: 8}[info.DType]
	data := make([]byte, info.Elements()*size)
	if s.err != nil || len(data) == 0 {
		return nil
	}
	s.note(C.vt_read(t.c(), unsafe.Pointer(&data[0]), C.size_t(len(data)), C.int(info.DType)))
	return data
}

// Float64 reads the only number of a tensor.
func (s *Scope) Float64(t Tensor) float64 {
	v := s.Float64s(t)
	if s.err == nil && len(v) != 1 {
		s.Fail(fmt.Errorf("want one number, the tensor holds %d", len(v)))
	}
	if s.err != nil {
		return 0
	}
	return v[0]
}

func read[E any](s *Scope, t Tensor, dtype DType) []E {
	n := s.Describe(t).Elements()
	if s.err != nil {
		return nil
	}
	data := make([]E, n)
	var first unsafe.Pointer
	if n > 0 {
		first = unsafe.Pointer(&data[0])
	}
	var e E
	if err := fault(C.vt_read(t.c(), first, C.size_t(n)*C.size_t(unsafe.Sizeof(e)), C.int(dtype))); err != nil {
		s.Fail(err)
		return nil
	}
	return data
}

// Copy overwrites dst with src, in place and unseen by autograd.
func (s *Scope) Copy(dst, src Tensor) {
	if s.ok("copy", dst, src) {
		s.note(C.vt_copy_(dst.c(), src.c()))
	}
}

// Fill sets every element, in place and unseen by autograd.
func (s *Scope) Fill(t Tensor, value float64) {
	if s.ok("fill", t) {
		s.note(C.vt_fill_(t.c(), C.double(value)))
	}
}

// FillUniform draws every element from U(low, high), from the seed alone.
func (s *Scope) FillUniform(t Tensor, low, high float64, seed uint64) {
	if s.ok("uniform", t) {
		s.note(C.vt_uniform_(t.c(), C.double(low), C.double(high), C.uint64_t(seed)))
	}
}

// FillNormal draws every element from N(mean, std²), from the seed alone.
func (s *Scope) FillNormal(t Tensor, mean, std float64, seed uint64) {
	if s.ok("normal", t) {
		s.note(C.vt_normal_(t.c(), C.double(mean), C.double(std), C.uint64_t(seed)))
	}
}

func (s *Scope) note(message *C.char) {
	if err := fault(message); err != nil {
		s.Fail(err)
	}
}
