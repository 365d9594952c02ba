//go:build !cgo || windows

package codec

import "errors"

// Without cgo there is no way to C libraries.
var errNoC = errors.New("JPEG-LS and JPEG 2000 need C libraries, and this program was built without cgo")

func charlsAbsent() error   { return errNoC }
func openjpegAbsent() error { return errNoC }

func charls([]byte, Frame, []byte) (bits, interleave int, err error) { return 0, 0, errNoC }
func openjpeg([]byte, Frame, []int32) error                          { return errNoC }
