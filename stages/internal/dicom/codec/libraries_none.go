//go:build !cgo || windows

package codec

import "errors"

// Without cgo there is no way to C libraries.
var errNoC = errors.New("JPEG 2000 needs a C library, and this program was built without cgo")

func openjpegAbsent() error { return errNoC }

func openjpeg([]byte, Frame, []int32) error { return errNoC }
