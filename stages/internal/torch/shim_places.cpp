#include "shim_places.h"
#include "shim_common.h"

namespace {

// The places of n pixel centres along an axis, from the middle.
at::Tensor centred(int64_t n, const at::TensorOptions &options) {
  return at::arange(n, options) - static_cast<double>(n - 1) / 2;
}

// places_12HW of the pixels of an image that nothing moved.
at::Tensor still(int64_t height, int64_t width, const at::TensorOptions &options) {
  at::Tensor x = centred(width, options).view({1, width}).expand({height, width});
  at::Tensor y = centred(height, options).view({height, 1}).expand({height, width});
  return at::stack({x, y}, 0).unsqueeze(0);
}

} // namespace

char *vt_cells(vt_tensor places, vt_tensor images, vt_tensor points, int64_t height, int64_t width, int64_t stride, double reach, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &at_N2 = ref(points);
    at::Tensor read = places == nullptr ? still(height, width, at_N2.options()) : ref(places).permute({0, 3, 1, 2});
    at::Tensor cells = at::avg_pool2d(read, {stride, stride}).flatten(2); // B, 2, hw
    if (places != nullptr) {
      cells = cells.index_select(0, ref(images));
    }
    at::Tensor squares = (cells - at_N2.unsqueeze(2)).square().sum(1);
    at::Tensor nearest = squares.amin(1, true);
    at::Tensor inside = (nearest <= reach * reach).to(at_N2.scalar_type());
    // A Gaussian about the point whose deviation is half a cell; less what all have in common, so
    // that something is left of it far away.
    at::Tensor bell = ((squares - nearest) * (-2.0 / static_cast<double>(stride * stride))).exp();
    *out = give(at::cat({bell / bell.sum(1, true) * inside, 1 - inside}, 1));
  });
}

char *vt_found(vt_tensor logits, int64_t columns, int64_t stride, int64_t radius, int64_t modes, vt_tensor *out) {
  return guarded([&] {
    at::Tensor p = ref(logits).to(at::kFloat).softmax(1);
    const int64_t cells = p.size(1) - 1;
    p = p.narrow(1, 0, cells);
    at::Tensor number = at::arange(cells, p.options().dtype(at::kLong));
    at::Tensor column = number.remainder(columns).unsqueeze(0), row = number.floor_divide(columns).unsqueeze(0);
    auto place = [&](const at::Tensor &of) { return of.to(at::kFloat) * static_cast<double>(stride) + static_cast<double>(stride - 1) / 2; };
    at::Tensor x = place(column), y = place(row);
    std::vector<at::Tensor> said;
    for (int64_t mode = 0; mode < modes; mode++) {
      at::Tensor best = p.argmax(1, true);
      at::Tensor near = ((column - best.remainder(columns)).abs() <= radius).logical_and((row - best.floor_divide(columns)).abs() <= radius);
      at::Tensor here = p * near;
      at::Tensor chance = here.sum(1);
      at::Tensor divisor = chance.clamp_min(1e-30);
      said.insert(said.end(), {chance, (here * x).sum(1) / divisor, (here * y).sum(1) / divisor});
      p = p.masked_fill(near, 0);
    }
    *out = give(at::stack(said, 1));
  });
}
