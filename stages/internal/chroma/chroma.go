// Package chroma makes red, green and blue of what JPEG and lossy WebP store: luminance for
// each pixel, and two differences of colour for squares of four, or for pairs. What is between
// them is interpolated as libjpeg and libwebp do, to the same whole numbers: nets and people
// see files through these two (Pillow, OpenCV, browsers), where Go's own conversion repeats
// values.
package chroma

import "image"

// Use takes red, green and blue of a pixel, counted row by row from the top left.
type Use func(pixel int, red, green, blue uint8)

// JPEG gives the pixels of a JPEG stream.
func JPEG(img *image.YCbCr, use Use) { each(img, plane.jpeg, fromJFIF, use) }

// WebP gives the pixels of a lossy WebP stream.
func WebP(img *image.YCbCr, use Use) { each(img, plane.webp, fromVideo, use) }

func each(img *image.YCbCr, interpolate func(plane, int, []int32), convert func(y, cb, cr int32) (r, g, b uint8), use Use) {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	planes := [2]plane{planeOf(img, img.Cb), planeOf(img, img.Cr)}
	blue, red := make([]int32, width+1), make([]int32, width+1) // chroma comes in pairs
	for y := range height {
		interpolate(planes[0], y, blue)
		interpolate(planes[1], y, red)
		for x, v := range img.Y[y*img.YStride:][:width] {
			r, g, b := convert(int32(v), blue[x], red[x])
			use(y*width+x, r, g, b)
		}
	}
}

// plane is one difference of colour.
type plane struct {
	pix           []uint8
	stride        int
	width, height int
	wide, tall    int // pixels of the picture that a value is for: 1, 2 or 4
}

func planeOf(img *image.YCbCr, pix []uint8) plane {
	p := plane{pix: pix, stride: img.CStride, wide: 1, tall: 1}
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		p.wide = 2
	case image.YCbCrSubsampleRatio420:
		p.wide, p.tall = 2, 2
	case image.YCbCrSubsampleRatio440:
		p.tall = 2
	case image.YCbCrSubsampleRatio411:
		p.wide = 4
	case image.YCbCrSubsampleRatio410:
		p.wide, p.tall = 4, 2
	}
	p.width, p.height = (img.Rect.Dx()+p.wide-1)/p.wide, (img.Rect.Dy()+p.tall-1)/p.tall
	return p
}

// rows gives the row of values that a row of the picture lies in, and the one that it lies
// nearest to else; at the edges that is the same.
func (p plane) rows(y int) (near, far []uint8) {
	i := y / p.tall
	j := i
	if p.tall == 2 {
		j = min(max(i+2*(y%2)-1, 0), p.height-1)
	}
	return p.pix[i*p.stride:][:p.width], p.pix[j*p.stride:][:p.width]
}

// jpeg interpolates with weights of ¾ and ¼ in each direction, rounded up and down in turn
// (libjpeg-turbo's jdsample.c, its fancy upsampling, which is what it does unless told else).
func (p plane) jpeg(y int, out []int32) {
	near, far := p.rows(y)
	repeated := p.wide > 2 || p.wide == 2 && p.width <= 2
	if repeated {
		for x := range out {
			out[x] = int32(near[min(x/p.wide, p.width-1)])
		}
		return
	}
	sum := func(i int) int32 {
		i = min(max(i, 0), p.width-1)
		if p.tall == 1 {
			return int32(near[i])
		}
		return 3*int32(near[i]) + int32(far[i])
	}
	switch {
	case p.wide == 2:
		shift, even, odd := 2, int32(1), int32(2)
		if p.tall == 2 {
			shift, even, odd = 4, 8, 7
		}
		for i := range p.width {
			mid := 3 * sum(i)
			out[2*i] = (mid + sum(i-1) + even) >> shift
			if 2*i+1 < len(out) {
				out[2*i+1] = (mid + sum(i+1) + odd) >> shift
			}
		}
	case p.tall == 2:
		for i := range p.width {
			out[i] = (sum(i) + 1 + int32(y%2)) >> 2
		}
	default:
		for i := range p.width {
			out[i] = sum(i)
		}
	}
}

// webp interpolates with weights of 9, 3, 3 and 1 sixteenths in two halving steps (libwebp's
// upsampling.c).
func (p plane) webp(y int, out []int32) {
	near, far := p.rows(y)
	end := func(i int) int32 { return (3*int32(near[i]) + int32(far[i]) + 2) >> 2 }
	out[0] = end(0)
	for i := 1; i < p.width; i++ {
		n0, n1, f0, f1 := int32(near[i-1]), int32(near[i]), int32(far[i-1]), int32(far[i])
		all := n0 + n1 + f0 + f1 + 8
		out[2*i-1] = ((all+2*(n1+f0))>>3 + n0) >> 1
		out[2*i] = ((all+2*(n0+f1))>>3 + n1) >> 1
	}
	if last := 2*p.width - 1; last < len(out) {
		out[last] = end(p.width - 1)
	}
}

// fromJFIF converts with the whole range of values (JFIF 1.02; libjpeg's jdcolor.c).
func fromJFIF(y, cb, cr int32) (r, g, b uint8) {
	const half = 1 << 15 // 16 bits behind the point
	cb, cr = cb-128, cr-128
	return clipped(y + (91881*cr+half)>>16), clipped(y + (-22554*cb-46802*cr+half)>>16), clipped(y + (116130*cb+half)>>16)
}

// fromVideo converts from luminance of 16 to 235 and differences of 16 to 240 (ITU-R BT.601;
// libwebp's yuv.h), which is what WebP files hold (RFC 6386, 9.2).
func fromVideo(y, cb, cr int32) (r, g, b uint8) {
	part := func(v, by int32) int32 { return v * by >> 8 } // 14 bits behind the point, of which 6 are left
	y = part(y, 19077)
	return clipped((y + part(cr, 26149) - 14234) >> 6), clipped((y - part(cb, 6419) - part(cr, 13320) + 8708) >> 6), clipped((y + part(cb, 33050) - 17685) >> 6)
}

func clipped(v int32) uint8 { return uint8(min(max(v, 0), 255)) }
