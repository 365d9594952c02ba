package torch

// #cgo LDFLAGS: -ltorch -ltorch_cpu -lc10 -lstdc++
// #cgo CXXFLAGS: -std=c++17
// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"unsafe"

	"github.com/sugarme/gotch/libtch"
)

// DType is PyTorch's ScalarType.
type DType int

// The types of elements that the runner uses.
const (
	Uint8   DType = 0
	Int64   DType = 4
	Float32 DType = 6
	Float64 DType = 7
	Int32   DType = 3
	Bool    DType = 11
	// The reduced types; see Precision.
	Float16  DType = 5
	BFloat16 DType = 15
)

func fault(message *C.char) error {
	if message == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(message))
	return torchError(C.GoString(message))
}

// Version is the version of the libtorch that the program was built against.
func Version() string { return C.GoString(C.vt_version()) }

// BuiltForCUDA says whether the CUDA parts of the shim were compiled in.
func BuiltForCUDA() bool { return C.vt_built_for_cuda() != 0 }

// Threads is how many threads one operation may use.
func (s *Scope) Threads() int { return int(C.vt_threads()) }

// heapInUse is what C and C++ hold of the heap, bytes; −1 where nobody knows. Tests look for leaks by it.
func heapInUse() int64 { return int64(C.vt_heap()) }

func setThreads(n int) error { return fault(C.vt_set_threads(C.int(n))) }

func setDeterministic(on bool) error { return fault(C.vt_deterministic(flag(on))) }

func cudaDevices() int { return int(C.vt_cuda_devices()) }

// CUDADevices counts the GPUs that libtorch sees.
func CUDADevices() int { return cudaDevices() }

// DeviceName is the name of the GPU as its driver gives it; "CPU" without one.
func (s *Scope) DeviceName() (string, error) {
	if !s.engine.device.CUDA {
		return "CPU", nil // also where the program was built for CUDA
	}
	var name [256]C.char
	err := fault(C.vt_device_name(C.int(s.engine.device.Index), &name[0], C.size_t(len(name))))
	return C.GoString(&name[0]), err
}

func deviceMemory(index int) (allocated, reserved, peak int64, err error) {
	var a, r, p C.int64_t
	err = fault(C.vt_device_memory(C.int(index), &a, &r, &p))
	return int64(a), int64(r), int64(p), err
}

func setGradMode(on bool) (previous bool, err error) {
	var before C.int
	err = fault(C.vt_set_grad_mode(flag(on), &before))
	return before != 0, err
}

func flag(on bool) C.int {
	if on {
		return 1
	}
	return 0
}

func (t Tensor) c() C.vt_tensor {
	if !t.Valid() {
		return nil
	}
	return C.vt_tensor(t.at.raw)
}

// made adopts a tensor that the shim handed out.
func (s *Scope) made(out C.vt_tensor, message *C.char) Tensor {
	if err := fault(message); err != nil {
		s.Fail(err)
		return Tensor{}
	}
	return s.own(libtch.Ctensor(out))
}

func (d Device) c() (kind, index C.int) { return flag(d.CUDA), C.int(d.Index) }

func dims(shape []int64) (*C.int64_t, C.int) {
	if len(shape) == 0 {
		return nil, 0
	}
	return (*C.int64_t)(unsafe.Pointer(&shape[0])), C.int(len(shape))
}

func handles(tensors []Tensor) *C.vt_tensor {
	list := make([]C.vt_tensor, len(tensors)+1)
	for i, t := range tensors {
		list[i] = t.c()
	}
	return &list[0]
}
