package torch

import (
	"errors"
	"testing"
)

func TestTooLargeATensorIsATypedError(t *testing.T) {
	onDevices(t, func(t *testing.T, e *Engine) {
		err := e.Do(t.Context(), func(s *Scope) error {
			s.Zeros(Float32, 1<<46)
			return s.Err()
		})
		if !errors.Is(err, ErrOutOfMemory) {
			t.Errorf("got %v, want an error that is ErrOutOfMemory", err)
		}
		do(t, e, func(s *Scope) { s.Zeros(Float32, 4) }) // the engine is none the worse
	})
}

func TestOtherErrorsAreNotAboutMemory(t *testing.T) {
	for text, want := range map[string]bool{
		"CUDA out of memory. Tried to allocate 2.00 GiB. If reserved but unallocated memory is large": true,
		"cuDNN error: CUDNN_STATUS_ALLOC_FAILED":                                                      true,
		"CUDA driver error: out of memory":                                                            true,
		"std::bad_alloc":                                                                              true,
		"CUDA error: device-side assert triggered":                                                    false,
		"The size of tensor a (3) must match the size of tensor b (2)":                                false,
	} {
		if got := errors.Is(torchError(text), ErrOutOfMemory); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestAdviceForProgrammersIsLeftOut(t *testing.T) {
	text := "CUDA error: device-side assert triggered\nSearch for `cudaErrorAssert' in https://docs.nvidia.com/ for more information.\nCUDA kernel errors might be asynchronously reported"
	if got, want := torchError(text).Error(), "CUDA error: device-side assert triggered"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
