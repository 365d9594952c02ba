package codec

import (
	"encoding/binary"
	"errors"
)

// decodeLS decodes JPEG-LS, lossless and near-lossless, with CharLS.
func decodeLS(data []byte, f Frame) (Picture, error) {
	if len(data) == 0 {
		return Picture{}, errors.New("is empty")
	}
	if err := f.likely(data); err != nil {
		return Picture{}, err
	}
	// Two bytes a value hold any precision that JPEG-LS has.
	raw := make([]byte, 2*f.size())
	bits, interleave, err := charls(data, f, raw)
	if err != nil {
		return Picture{}, err
	}
	out := make([]int32, f.size())
	n := f.Rows * f.Columns
	for i := range out {
		to := i
		if interleave == 0 { // one sample after the other
			to = i%n*f.Samples + i/n
		}
		if bits <= 8 {
			out[to] = int32(raw[i])
		} else {
			out[to] = int32(binary.NativeEndian.Uint16(raw[2*i:]))
		}
	}
	return Picture{Samples: f.Samples, Values: out}, nil
}
