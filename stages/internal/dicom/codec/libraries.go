//go:build cgo && !windows

package codec

// #cgo linux LDFLAGS: -ldl
// #include "libraries.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"
)

// message has room for what a C function says.
type message [256]C.char

func (m *message) err() error { return errors.New(C.GoString(&m[0])) }

// charlsAbsent and openjpegAbsent open the libraries once.
var charlsAbsent = sync.OnceValue(func() error {
	var m message
	if C.charls_open(&m[0]) != 0 {
		return fmt.Errorf("JPEG-LS needs CharLS, Debian's package libcharls2 (as root: apt-get install libcharls2): %w", m.err())
	}
	return nil
})

var openjpegAbsent = sync.OnceValue(func() error {
	var m message
	if C.openjpeg_open(&m[0]) != 0 {
		return fmt.Errorf("JPEG 2000 needs OpenJPEG, Debian's package libopenjp2-7 (as root: apt-get install libopenjp2-7): %w", m.err())
	}
	return nil
})

// charls decodes into out and tells bits per sample and interleave mode (0: one
// sample after the other; else side by side).
func charls(data []byte, f Frame, out []byte) (bits, interleave int, err error) {
	var m message
	var b, mode C.int32_t
	if C.charls_decode(unsafe.Pointer(&data[0]), C.size_t(len(data)), C.uint32_t(f.Rows), C.uint32_t(f.Columns), C.uint32_t(f.Samples),
		unsafe.Pointer(&out[0]), C.size_t(len(out)), &b, &mode, &m[0]) != 0 {
		return 0, 0, m.err()
	}
	return int(b), int(mode), nil
}

// openjpeg decodes a codestream; samples lie side by side.
func openjpeg(data []byte, f Frame, out []int32) error {
	var m message
	if C.openjpeg_decode(unsafe.Pointer(&data[0]), C.size_t(len(data)), C.uint32_t(f.Rows), C.uint32_t(f.Columns), C.uint32_t(f.Samples),
		(*C.int32_t)(unsafe.Pointer(&out[0])), &m[0]) != 0 {
		return m.err()
	}
	return nil
}
