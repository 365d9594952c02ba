package torch

// Operations of the augmentations, each over a whole batch. Shapes: B images, C
// channels, H height, W width. A place is a pair (x, y) in pixels from the
// image's centre, x to the right and y downwards.

// #include "shim_augment.h"
import "C"

// Interpolation says how GridSample reads between pixels.
type Interpolation int

// The interpolations, by libtorch's numbers.
const (
	Bilinear Interpolation = 0
	Nearest  Interpolation = 1
	Bicubic  Interpolation = 2
)

// Project sends places_BHW2 through matrices_B33 (homographies, row by row). The
// zero Tensor as places stands for the pixels' own places in an image of the
// given height and width.
func (s *Scope) Project(places, matrices_B33 Tensor, height, width int64) Tensor {
	if !s.ok("project", matrices_B33) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_project(places.c(), matrices_B33.c(), C.int64_t(height), C.int64_t(width), &out)
	return s.made(out, message)
}

// Displace adds to each of places_BHW2 what field_B2hw (x and y, in pixels)
// holds there. The field's corners lie on the centres of the image's corner
// pixels; between its nodes it is bilinear, outside it stays constant.
func (s *Scope) Displace(places_BHW2, field_B2hw Tensor) Tensor {
	if !s.ok("displace", places_BHW2, field_B2hw) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_displace(places_BHW2.c(), field_B2hw.c(), &out)
	return s.made(out, message)
}

// Outside says what lies outside an image; Value is the constant border's.
type Outside struct {
	Border Border
	Value  float64
}

// SampleAt interpolates images_BCHW at places_BHW2
// (torch.nn.functional.grid_sample with align_corners=False).
func (s *Scope) SampleAt(images_BCHW, places_BHW2 Tensor, how Interpolation, outside Outside) Tensor {
	if !s.ok("sample", images_BCHW, places_BHW2) {
		return Tensor{}
	}
	value := outside.Value
	if outside.Border != BorderConstant {
		value = 0
	}
	var out C.vt_tensor
	message := C.vta_sample(images_BCHW.c(), places_BHW2.c(), C.int(how), C.int(outside.Border), C.double(value), &out)
	return s.made(out, message)
}

// UniformField draws field_BCHW from U[0, 1): a function of each image's key
// and of the pixel's number alone, with the same bits on every device.
func (s *Scope) UniformField(keys []uint64, channels, height, width int64) Tensor {
	return s.randomField(keys, [3]int64{channels, height, width}, false)
}

// NormalField draws field_BCHW from N(0, 1), like UniformField but for the last
// digits of logarithm and cosine.
func (s *Scope) NormalField(keys []uint64, channels, height, width int64) Tensor {
	return s.randomField(keys, [3]int64{channels, height, width}, true)
}

func (s *Scope) randomField(keys []uint64, shape [3]int64, normal bool) Tensor {
	words := make([]int64, 0, 2*len(keys))
	for _, key := range keys {
		words = append(words, int64(uint32(key)), int64(key>>32))
	}
	k := s.FromInt64(words, int64(len(keys)), 2)
	if !s.ok("random field", k) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_random_field(k.c(), C.int64_t(shape[0]), C.int64_t(shape[1]), C.int64_t(shape[2]), flag(normal), &out)
	return s.made(out, message)
}

// Smooth filters images_BCHW with Gaussians of standard deviations sigmas_B in
// pixels: scipy.ndimage.gaussian_filter(mode="mirror", truncate=4).
func (s *Scope) Smooth(images_BCHW, sigmas_B Tensor) Tensor {
	if !s.ok("smooth", images_BCHW, sigmas_B) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_smooth(images_BCHW.c(), sigmas_B.c(), &out)
	return s.made(out, message)
}

// TurnHue turns the hue of colours, of which images_BCHW have three after three, by turns_B111 of
// a whole circle (torchvision.transforms.functional.adjust_hue).
func (s *Scope) TurnHue(images_BCHW, turns_B111 Tensor) Tensor {
	if !s.ok("hue", images_BCHW, turns_B111) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_turn_hue(images_BCHW.c(), turns_B111.c(), &out)
	return s.made(out, message)
}

// Power raises x ≥ 0 to exponents > 0, broadcast.
func (s *Scope) Power(x, exponents Tensor) Tensor {
	if !s.ok("power", x, exponents) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_power(x.c(), exponents.c(), &out)
	return s.made(out, message)
}

// Exp is e to the x.
func (s *Scope) Exp(x Tensor) Tensor { return s.function("exp", x, 0) }

// Sqrt is the square root.
func (s *Scope) Sqrt(x Tensor) Tensor { return s.function("sqrt", x, 1) }

// SiLU is x · sigmoid(x) (Elfwing et al. 2017; "swish").
func (s *Scope) SiLU(x Tensor) Tensor { return s.function("silu", x, 2) }

// GELU is x · Φ(x), with Φ of the normal distribution (Hendrycks and Gimpel 2016).
func (s *Scope) GELU(x Tensor) Tensor { return s.function("gelu", x, 3) }

// Sigmoid is 1 / (1 + exp(−x)).
func (s *Scope) Sigmoid(x Tensor) Tensor { return s.function("sigmoid", x, 4) }

// HardSwish is x · HardSigmoid(x) (Howard et al. 2019, "Searching for MobileNetV3").
func (s *Scope) HardSwish(x Tensor) Tensor { return s.function("hardswish", x, 5) }

// HardSigmoid is min(max(x + 3, 0), 6) / 6 (likewise).
func (s *Scope) HardSigmoid(x Tensor) Tensor { return s.function("hardsigmoid", x, 6) }

func (s *Scope) function(name string, x Tensor, which C.int) Tensor {
	if !s.ok(name, x) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_unary(x.c(), which, &out)
	return s.made(out, message)
}

// ImageMeans gives the mean of each image of images_BCHW, as means_B111.
func (s *Scope) ImageMeans(images_BCHW Tensor) Tensor {
	if !s.ok("image means", images_BCHW) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_image_means(images_BCHW.c(), &out)
	return s.made(out, message)
}

// Boxes gives mask_B1HW, true where a pixel lies in one of the image's boxes_BN4:
// columns from x0 up to but without x1, rows likewise, as (x0, y0, x1, y1).
func (s *Scope) Boxes(boxes_BN4 Tensor, height, width int64) Tensor {
	if !s.ok("boxes", boxes_BN4) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_boxes(boxes_BN4.c(), C.int64_t(height), C.int64_t(width), &out)
	return s.made(out, message)
}

// Where takes yes where mask is true and no elsewhere, all broadcast.
func (s *Scope) Where(mask, yes, no Tensor) Tensor {
	if !s.ok("where", mask, yes, no) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_where(mask.c(), yes.c(), no.c(), &out)
	return s.made(out, message)
}

// Rows takes the entries of x along its first dimension, in the given order.
func (s *Scope) Rows(x Tensor, indices []int) Tensor {
	at := s.indices(indices)
	if !s.ok("rows", x, at) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_take_rows(x.c(), at.c(), &out)
	return s.made(out, message)
}

// PutRows is x with the given entries of its first dimension replaced by rows.
func (s *Scope) PutRows(x Tensor, indices []int, rows Tensor) Tensor {
	at := s.indices(indices)
	if !s.ok("put rows", x, at, rows) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_put_rows(x.c(), at.c(), rows.c(), &out)
	return s.made(out, message)
}

// Columns takes the entries of x along its second dimension, in the given order.
func (s *Scope) Columns(x Tensor, indices []int) Tensor {
	at := s.indices(indices)
	if !s.ok("columns", x, at) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vta_take_columns(x.c(), at.c(), &out)
	return s.made(out, message)
}

func (s *Scope) indices(list []int) Tensor {
	wide := make([]int64, len(list))
	for i, n := range list {
		wide[i] = int64(n)
	}
	return s.FromInt64(wide, int64(len(list)))
}
