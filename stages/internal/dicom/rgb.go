package dicom

import "math"

// Coloured says whether the picture is one of colours.
func (h Header) Coloured() bool { return h.Samples == 3 || h.Photometric == "PALETTE COLOR" }

// rgbOf fills out with red, then green, then blue, of modality values as those of grey pictures.
func (f frame) rgbOf(out []float32) {
	n := f.h.Rows * f.h.Columns
	sample, finish := f.sampler(), f.finisher()
	var block [3][blockSize]int32
	for from := 0; from < n; from += blockSize {
		size := min(blockSize, n-from)
		for i := range block {
			for at := range size {
				block[i][at] = sample(from+at, i)
			}
			f.h.extract(block[i][:size])
		}
		finish(block[0][:size], block[1][:size], block[2][:size])
		for i := range block {
			f.h.rescale(block[i][:size], out[i*n+from:])
		}
	}
}

// sampler gives single values of pixels with all their bits. Those of a palette have one.
func (f frame) sampler() func(pixel, sample int) int32 {
	h := &f.h
	value := func(i int) int32 { return int32(f.raw[i]) }
	if h.BitsAllocated != 8 {
		value = func(i int) int32 { return h.value(f.raw, i) }
	}
	n := h.Rows * h.Columns
	switch {
	case f.samples == 1:
		return func(pixel, _ int) int32 { return f.values[pixel] }
	case f.samples > 0:
		return func(pixel, sample int) int32 { return f.values[f.samples*pixel+sample] }
	case h.Samples == 1:
		return func(pixel, _ int) int32 { return value(pixel) }
	case h.Photometric == "YBR_FULL_422": // Y1 Y2 Cb Cr for two pixels
		return func(pixel, sample int) int32 { return value(pixel/2*4 + [3]int{pixel % 2, 2, 3}[sample]) }
	case h.Planar == 1:
		return func(pixel, sample int) int32 { return value(sample*n + pixel) }
	}
	return func(pixel, sample int) int32 { return value(3*pixel + sample) }
}

// finisher makes red, green and blue of stored values, in place.
func (f frame) finisher() func(r, g, b []int32) {
	h := &f.h
	switch {
	case h.Photometric == "PALETTE COLOR":
		return func(r, g, b []int32) {
			for i, v := range r {
				at := h.palette.at(v)
				r[i], g[i], b[i] = h.palette.three[0][at], h.palette.three[1][at], h.palette.three[2][at]
			}
		}
	case f.rgb, h.Photometric == "RGB", h.Photometric == "YBR_RCT", h.Photometric == "YBR_ICT": // the codecs undo these two
		return func(_, _, _ []int32) {}
	}
	return func(r, g, b []int32) { fromYBR(h.BitsStored, r, g, b) }
}

// fromYBR undoes the transform of YBR_FULL, in place (PS3.3, C.7.6.3.1.2).
func fromYBR(bits int, r, g, b []int32) {
	half, most := float64(int64(1)<<(bits-1)), float64(int64(1)<<bits-1)
	whole := func(x float64) int32 { return int32(min(max(math.Floor(x+0.5), 0), most)) }
	for i := range r {
		y, cb, cr := float64(r[i]), float64(g[i])-half, float64(b[i])-half
		r[i], g[i], b[i] = whole(y+1.402*cr), whole(y-0.114*1.772/0.587*cb-0.299*1.402/0.587*cr), whole(y+1.772*cb)
	}
}
