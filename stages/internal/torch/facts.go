package torch

// #include "shim_device.h"
import "C"

import "fmt"

// Facts describe a device. On the CPU only CUDA and Name are set.
type Facts struct {
	CUDA            bool
	Name            string
	Major, Minor    int // compute capability
	Driver, Runtime int // newest CUDA of the driver, and of the runtime: 1000·major + 10·minor
	CuDNN           int // as cuDNN counts: 91900 is 9.19.0; 0 without it
	Multiprocessors int
	Total, Free     int64 // bytes of device memory
}

// CUDAVersion writes a version as people do: 13000 is "13.0".
func CUDAVersion(v int) string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }

// Facts asks the driver about the scope's device.
func (s *Scope) Facts() (Facts, error) {
	f := Facts{CUDA: s.engine.device.CUDA, Name: "CPU"}
	if !f.CUDA {
		return f, nil
	}
	var c C.vt_device_facts
	if err := fault(C.vt_device_facts_of(C.int(s.engine.device.Index), &c)); err != nil {
		return f, err
	}
	f.Name, f.Major, f.Minor = C.GoString(&c.name[0]), int(c.major), int(c.minor)
	f.Driver, f.Runtime, f.Multiprocessors = int(c.driver), int(c.runtime), int(c.multiprocessors)
	f.CuDNN = int(c.cudnn)
	f.Total, f.Free = int64(c.total), int64(c.free_)
	return f, nil
}

// useDevice makes a device that of the calling thread.
func useDevice(index int) error { return fault(C.vt_use_device(C.int(index))) }

// Synchronize waits until the device has done everything asked of it.
func (s *Scope) Synchronize() {
	kind, index := s.engine.device.c()
	s.note(C.vt_synchronize(kind, index))
}

// ResetPeak starts the peak of device memory anew.
func (s *Scope) ResetPeak() { s.note(C.vt_reset_peak(C.int(s.engine.device.Index))) }

// EmptyCache gives device memory that is reserved but not in use back to the
// driver, for other processes.
func (s *Scope) EmptyCache() { s.note(C.vt_empty_cache()) }
