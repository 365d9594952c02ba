#include "shim_augment.h"
#include "shim_common.h"

#include <cmath>

namespace {

// The places of n pixel centres along an axis, from the middle.
at::Tensor centred(int64_t n, const at::TensorOptions &options) {
  return at::arange(n, options) - static_cast<double>(n - 1) / 2;
}

// One row of matrices_B33 applied to homogeneous places. Products and sums are
// operations of their own: no matrix product, whose rounding may depend on the
// size of the batch or on reduced precision.
at::Tensor row(const at::Tensor &m, int64_t r, const at::Tensor &x, const at::Tensor &y) {
  auto entry = [&](int64_t c) { return m.select(1, r).select(1, c).view({-1, 1, 1}); };
  return entry(0) * x + entry(1) * y + entry(2);
}

// Places in pixels from the centre as grid_sampler wants them.
at::Tensor normalised(const at::Tensor &places, double height, double width) {
  return at::stack({places.select(3, 0) * (2 / width), places.select(3, 1) * (2 / height)}, 3);
}

constexpr int64_t word = 0xffffffff;

// A bijection of 32-bit words in which each bit of the input changes each bit of
// the output about half of the time: lowbias32 of C. Wellons' hash-prospector.
// The second factor is 0x846ca68b − 2^32, so that no product leaves 64 bits.
at::Tensor mix(at::Tensor x) {
  x = x.bitwise_xor(x.bitwise_right_shift(16)).mul_(0x7feb352d).bitwise_and_(word);
  x = x.bitwise_xor_(x.bitwise_right_shift(15)).mul_(-0x7b935975).bitwise_and_(word);
  return x.bitwise_xor_(x.bitwise_right_shift(16));
}

// words_BN: the n counters from first on, each under the key of its image.
at::Tensor words(const at::Tensor &keys, int64_t first, int64_t n) {
  at::Tensor counters = at::arange(first, first + n, keys.options()).unsqueeze(0);
  at::Tensor low = keys.select(1, 0).unsqueeze(1), high = keys.select(1, 1).unsqueeze(1);
  return mix(mix((counters + low).bitwise_and_(word)).bitwise_xor_(high)).bitwise_right_shift(8);
}

// smoothing_Bnn: row i holds what pixel i takes of each pixel, under a Gaussian
// cut off at four standard deviations whose part beyond an edge is mirrored
// about the edge's pixel.
at::Tensor smoothing(const at::Tensor &sigmas, int64_t n) {
  at::Tensor s = sigmas.clamp_min(1e-3).view({-1, 1, 1});
  at::Tensor radius = (s * 4 + 0.5).floor();
  at::Tensor j = at::arange(n, sigmas.options()).view({1, 1, n}), i = j.view({1, n, 1});
  auto bell = [&](const at::Tensor &d) {
    return (d / s).square().mul_(-0.5).exp_() * (d.abs() <= radius);
  };
  at::Tensor t = bell(j - i) + bell(-j - i) * (j > 0) + bell(2.0 * (n - 1) - j - i) * (j < n - 1);
  return t / t.sum(2, true);
}

} // namespace

char *vta_project(vt_tensor places, vt_tensor matrices, int64_t height, int64_t width, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &m = ref(matrices);
    at::Tensor x = centred(width, m.options()).view({1, 1, width});
    at::Tensor y = centred(height, m.options()).view({1, height, 1});
    if (places != nullptr) {
      x = ref(places).select(3, 0);
      y = ref(places).select(3, 1);
    }
    at::Tensor w = row(m, 2, x, y);
    *out = give(at::stack({row(m, 0, x, y) / w, row(m, 1, x, y) / w}, 3));
  });
}

char *vta_displace(vt_tensor places, vt_tensor field, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &p = ref(places), &f = ref(field);
    double height = std::max<int64_t>(p.size(1) - 1, 1), width = std::max<int64_t>(p.size(2) - 1, 1);
    at::Tensor moves = at::grid_sampler(f, normalised(p, height, width), 0, 1, true);
    *out = give(p + moves.permute({0, 2, 3, 1}));
  });
}

char *vta_sample(vt_tensor images, vt_tensor places, int mode, int border, double value, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &x = ref(images);
    at::Tensor grid = normalised(ref(places), x.size(2), x.size(3));
    at::Tensor y = at::grid_sampler(value == 0 ? x : x - value, grid, mode, border, false);
    *out = give(value == 0 ? y : y + value);
  });
}

char *vta_random_field(vt_tensor keys, int64_t channels, int64_t height, int64_t width, int normal, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &k = ref(keys);
    const int64_t n = channels * height * width;
    const double unit = 1.0 / (1 << 24);
    at::Tensor f = words(k, 0, n).to(at::kFloat);
    if (normal != 0) { // Box and Muller (1958)
      at::Tensor angle = words(k, n, n).to(at::kFloat).mul_(2 * M_PI * unit).cos_();
      f = f.add_(1).mul_(unit).log_().mul_(-2).sqrt_().mul_(angle);
    } else {
      f = f.mul_(unit);
    }
    *out = give(f.view({k.size(0), channels, height, width}));
  });
}

char *vta_smooth(vt_tensor images, vt_tensor sigmas, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &x = ref(images), &s = ref(sigmas);
    const int64_t b = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
    at::Tensor along = at::bmm(x.reshape({b, c * h, w}), smoothing(s, w).transpose(1, 2));
    at::Tensor down = smoothing(s, h).unsqueeze(1).expand({b, c, h, h}).reshape({b * c, h, h});
    *out = give(at::bmm(down, along.view({b * c, h, w})).view({b, c, h, w}));
  });
}

// By logarithms: libtorch's pow rounds the ends of its vectors otherwise than
// their middle, so a pixel could depend on the size of the batch.
char *vta_power(vt_tensor images, vt_tensor exponents, vt_tensor *out) {
  return guarded([&] { *out = give(ref(images).log().mul_(ref(exponents)).exp_()); });
}

char *vta_unary(vt_tensor x, int function, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &t = ref(x);
    switch (function) {
    case 0:
      *out = give(t.exp());
      break;
    case 1:
      *out = give(t.sqrt());
      break;
    case 2:
      *out = give(at::silu(t));
      break;
    case 3:
      *out = give(at::gelu(t));
      break;
    case 4:
      *out = give(t.sigmoid());
      break;
    case 5:
      *out = give(at::hardswish(t));
      break;
    default:
      *out = give(at::hardsigmoid(t));
    }
  });
}

// With hue in sixths of a turn a channel is max − (max − min) · clamp(min(k, 4 − k), 0, 1), where
// k is the hue plus 5, 3 and 1 for red, green and blue, modulo 6: no saturation is divided by.
char *vta_turn_hue(vt_tensor images, vt_tensor turns, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &x = ref(images);
    at::Tensor colours = x.reshape({x.size(0), x.size(1) / 3, 3, x.size(2), x.size(3)});
    at::Tensor r = colours.select(2, 0), g = colours.select(2, 1), b = colours.select(2, 2);
    at::Tensor high = colours.amax(2), range = high - colours.amin(2);
    at::Tensor divisor = at::where(range == 0, at::ones_like(range), range);
    at::Tensor hue = at::where(high == r, (g - b) / divisor, at::where(high == g, (b - r) / divisor + 2, (r - g) / divisor + 4));
    hue = hue + ref(turns) * 6;
    auto channel = [&](double n) {
      at::Tensor k = (hue + n).remainder(6);
      return high - range * at::minimum(k, 4 - k).clamp(0, 1);
    };
    *out = give(at::stack({channel(5), channel(3), channel(1)}, 2).reshape(x.sizes()));
  });
}

// First along rows, then over the rest: the order of the sums then does not
// depend on the size of the batch.
char *vta_image_means(vt_tensor images, vt_tensor *out) {
  return guarded([&] { *out = give(ref(images).mean(3).flatten(1).mean(1).view({-1, 1, 1, 1})); });
}

char *vta_boxes(vt_tensor boxes, int64_t height, int64_t width, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &b = ref(boxes);
    auto inside = [&](int64_t side, int64_t n) {
      at::Tensor at = at::arange(n, b.options()).view({1, 1, n});
      return ((at >= b.select(2, side).unsqueeze(2)) & (at < b.select(2, side + 2).unsqueeze(2))).to(b.scalar_type());
    };
    at::Tensor count = at::bmm(inside(1, height).transpose(1, 2), inside(0, width));
    *out = give((count > 0).unsqueeze(1));
  });
}

char *vta_where(vt_tensor mask, vt_tensor yes, vt_tensor no, vt_tensor *out) {
  return guarded([&] { *out = give(at::where(ref(mask), ref(yes), ref(no))); });
}

char *vta_take_rows(vt_tensor x, vt_tensor indices, vt_tensor *out) {
  return guarded([&] { *out = give(ref(x).index_select(0, ref(indices))); });
}

char *vta_put_rows(vt_tensor x, vt_tensor indices, vt_tensor rows, vt_tensor *out) {
  return guarded([&] { *out = give(ref(x).index_copy(0, ref(indices), ref(rows))); });
}

char *vta_take_columns(vt_tensor x, vt_tensor indices, vt_tensor *out) {
  return guarded([&] { *out = give(ref(x).index_select(1, ref(indices))); });
}
