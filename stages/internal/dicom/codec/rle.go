package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const rleHeader = 64 // bytes: the number of segments, and fifteen offsets

// decodeRLE decodes RLE (PS3.5, annex G): a segment for each byte of each sample,
// the most significant byte first, each packed as PackBits.
func decodeRLE(data []byte, f Frame) (Picture, error) {
	bytes := f.BitsAllocated / 8
	if bytes < 1 || bytes > 4 || f.BitsAllocated%8 != 0 {
		return Picture{}, fmt.Errorf("BitsAllocated %d is no whole number of bytes", f.BitsAllocated)
	}
	// Two bytes make 128 at most.
	if err := f.justified(data, 64); err != nil {
		return Picture{}, err
	}
	segments, err := rleSegments(data, bytes*f.Samples)
	if err != nil {
		return Picture{}, err
	}
	out := make([]int32, f.size())
	plane := make([]byte, f.Rows*f.Columns)
	for s, segment := range segments {
		if err := unpackBits(segment, plane); err != nil {
			return Picture{}, fmt.Errorf("segment %d: %w", s+1, err)
		}
		sample, up := s/bytes, 8*(bytes-1-s%bytes)
		for i, b := range plane {
			out[i*f.Samples+sample] |= int32(uint32(b) << up)
		}
	}
	return Picture{Samples: f.Samples, Values: out}, nil
}

// rleSegments cuts a frame into its segments.
func rleSegments(data []byte, want int) ([][]byte, error) {
	if len(data) < rleHeader {
		return nil, fmt.Errorf("shorter than its header of %d bytes", rleHeader)
	}
	if n := binary.LittleEndian.Uint32(data); int64(n) != int64(want) {
		return nil, fmt.Errorf("has %d segments; want %d", n, want)
	}
	out := make([][]byte, want)
	for i := range out {
		at := int64(binary.LittleEndian.Uint32(data[4+4*i:]))
		end := int64(len(data))
		if i+1 < want {
			end = int64(binary.LittleEndian.Uint32(data[8+4*i:]))
		}
		if at < rleHeader || end < at || end > int64(len(data)) {
			return nil, fmt.Errorf("segment %d is said to lie at bytes %d to %d", i+1, at, end)
		}
		out[i] = data[at:end]
	}
	return out, nil
}

// unpackBits fills out. What a segment has beyond that is padding.
func unpackBits(in, out []byte) error {
	for len(out) > 0 {
		if len(in) < 2 {
			return fmt.Errorf("ends %d bytes early", len(out))
		}
		switch n := int(int8(in[0])); {
		case n >= 0:
			if n+1 > len(in)-1 || n+1 > len(out) {
				return errors.New("a literal run goes beyond the end")
			}
			copy(out, in[1:n+2])
			in, out = in[n+2:], out[n+1:]
		case n > -128:
			if 1-n > len(out) {
				return errors.New("a repeated run goes beyond the end")
			}
			for i := range out[:1-n] {
				out[i] = in[1]
			}
			in, out = in[2:], out[1-n:]
		default: // −128 means nothing
			in = in[1:]
		}
	}
	return nil
}
