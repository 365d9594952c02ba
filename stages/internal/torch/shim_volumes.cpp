#include "shim_volumes.h"
#include "shim_common.h"

namespace {

// Volumes are pooled as images, which they are seen as without copying, whatever lies
// together in memory: the places of a channel, or the channels of a place.
bool channels_last(const at::Tensor &x) {
  return x.is_contiguous(at::MemoryFormat::ChannelsLast3d) && !x.is_contiguous();
}

} // namespace

char *vt_max_within(vt_tensor volumes, int64_t kernel, int64_t stride, int64_t padding, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &x = ref(volumes);
    TORCH_CHECK(x.dim() == 5, "a volume has 5 dimensions, and not ", x.dim());
    const int64_t b = x.size(0), c = x.size(1), d = x.size(2), h = x.size(3), w = x.size(4);
    const bool last = channels_last(x);
    at::Tensor images = last ? x.permute({0, 2, 1, 3, 4}).reshape({b * d, c, h, w}) : x.reshape({b * c, d, h, w});
    at::Tensor y = at::max_pool2d(images, {kernel, kernel}, {stride, stride}, {padding, padding});
    *out = give(last ? y.reshape({b, d, c, y.size(2), y.size(3)}).permute({0, 2, 1, 3, 4})
                     : y.reshape({b, c, d, y.size(2), y.size(3)}));
  });
}

char *vt_max_through(vt_tensor volumes, int64_t kernel, int64_t stride, int64_t padding, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &x = ref(volumes);
    TORCH_CHECK(x.dim() == 5, "a volume has 5 dimensions, and not ", x.dim());
    const int64_t b = x.size(0), c = x.size(1), d = x.size(2), h = x.size(3), w = x.size(4);
    const bool last = channels_last(x);
    at::Tensor images = last ? x.permute({0, 2, 3, 4, 1}).reshape({b, d, h * w, c}).permute({0, 3, 1, 2})
                             : x.reshape({b, c, d, h * w});
    at::Tensor y = at::max_pool2d(images, {kernel, 1}, {stride, 1}, {padding, 0});
    *out = give(last ? y.permute({0, 2, 3, 1}).reshape({b, y.size(2), h, w, c}).permute({0, 4, 1, 2, 3})
                     : y.reshape({b, c, y.size(2), h, w}));
  });
}
