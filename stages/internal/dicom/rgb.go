package dicom

import "math"

// Coloured says whether the picture is one of colours.
func (h Header) Coloured() bool { return h.Samples == 3 || h.Photometric == "PALETTE COLOR" }

// rgbOf fills out with red, then green, then blue, of modality values as those of grey pictures.
func (f frame) rgbOf(out []float32) {
	n := f.h.Rows * f.h.Columns
	for pixel := range n {
		three := f.rgbAt(pixel)
		f.h.rescale(three[:1], out[pixel:])
		f.h.rescale(three[1:2], out[n+pixel:])
		f.h.rescale(three[2:], out[2*n+pixel:])
	}
}

// rgbAt gives one pixel.
func (f frame) rgbAt(pixel int) (three [3]int32) {
	h := f.h
	if h.Samples == 1 { // of a palette
		three[0] = f.sample(pixel, 0)
		h.extract(three[:1])
		at := h.palette.at(three[0])
		return [3]int32{h.palette.three[0][at], h.palette.three[1][at], h.palette.three[2][at]}
	}
	for i := range three {
		three[i] = f.sample(pixel, i)
	}
	h.extract(three[:])
	switch {
	case f.rgb, h.Photometric == "RGB", h.Photometric == "YBR_RCT", h.Photometric == "YBR_ICT":
		return three
	}
	return h.fromYBR(three)
}

// sample gives one value of a pixel with all its bits.
func (f frame) sample(pixel, sample int) int32 {
	h := f.h
	switch {
	case f.samples > 0:
		return f.values[f.samples*pixel+min(sample, f.samples-1)]
	case h.Samples == 1:
		return h.value(f.raw, pixel)
	case h.Photometric == "YBR_FULL_422": // Y1 Y2 Cb Cr for two pixels
		at := pixel / 2 * 4
		return h.value(f.raw, at+[3]int{pixel % 2, 2, 3}[sample])
	case h.Planar == 1:
		return h.value(f.raw, sample*h.Rows*h.Columns+pixel)
	}
	return h.value(f.raw, 3*pixel+sample)
}

// fromYBR undoes the transform of YBR_FULL (PS3.3, C.7.6.3.1.2).
func (h Header) fromYBR(v [3]int32) [3]int32 {
	half, most := float64(int64(1)<<(h.BitsStored-1)), float64(int64(1)<<h.BitsStored-1)
	y, cb, cr := float64(v[0]), float64(v[1])-half, float64(v[2])-half
	whole := func(x float64) int32 { return int32(min(max(math.Floor(x+0.5), 0), most)) }
	return [3]int32{whole(y + 1.402*cr), whole(y - 0.114*1.772/0.587*cb - 0.299*1.402/0.587*cr), whole(y + 1.772*cb)}
}
