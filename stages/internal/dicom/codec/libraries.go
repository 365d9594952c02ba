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

// openjpegAbsent opens the library once.
var openjpegAbsent = sync.OnceValue(func() error {
	var m message
	if C.openjpeg_open(&m[0]) != 0 {
		return fmt.Errorf("JPEG 2000 needs OpenJPEG, Debian's package libopenjp2-7 (as root: apt-get install libopenjp2-7): %w", m.err())
	}
	return nil
})

// openjpeg decodes a codestream; samples lie side by side.
func openjpeg(data []byte, f Frame, out []int32) error {
	var m message
	if C.openjpeg_decode(unsafe.Pointer(&data[0]), C.size_t(len(data)), C.uint32_t(f.Rows), C.uint32_t(f.Columns), C.uint32_t(f.Samples),
		(*C.int32_t)(unsafe.Pointer(&out[0])), &m[0]) != 0 {
		return m.err()
	}
	return nil
}
