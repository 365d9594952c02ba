#include "shim_common.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TracerMode.h>
#include <c10/core/GradMode.h>
#include <torch/cuda.h>
#include <torch/version.h>

#ifdef VERTEBRA_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <cuda_runtime_api.h>
#endif

#include <algorithm>
#include <cstring>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <string>
#include <vector>

namespace {

// A generator that begins anew for each draw: the result depends on the seed alone,
// never on what was drawn before or by whom. There is one for each thread and device:
// what clone() gives in libtorch 1.13, which Debian has, is never freed.
at::Generator &generator(const at::Tensor &t, uint64_t seed) {
  thread_local std::vector<at::Generator> known;
  at::Device device = t.device();
  auto of = std::find_if(known.begin(), known.end(), [&](const at::Generator &g) { return g.device() == device; });
  if (of == known.end())
    of = known.insert(known.end(), at::globalContext().defaultGenerator(device).clone());
  of->set_current_seed(seed);
  return *of;
}

} // namespace

// ---- process ----

const char *vt_version(void) {
#ifdef TORCH_VERSION
  return TORCH_VERSION;
#else
  return "unknown";
#endif
}

char *vt_set_threads(int n) {
  return guarded([&] { at::set_num_threads(n); });
}

int vt_threads(void) { return at::get_num_threads(); }

int64_t vt_heap(void) {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  struct mallinfo2 m = mallinfo2();
  return static_cast<int64_t>(m.uordblks + m.hblkhd);
#else
  return -1;
#endif
}

int vt_cuda_devices(void) {
  try {
    return static_cast<int>(torch::cuda::device_count());
  } catch (...) {
    return 0;
  }
}

int vt_built_for_cuda(void) {
#ifdef VERTEBRA_CUDA
  return 1;
#else
  return 0;
#endif
}

char *vt_device_name(int index, char *out, size_t size) {
  return guarded([&] {
    (void)index;
    std::string name = "CPU";
#ifdef VERTEBRA_CUDA
    cudaDeviceProp p;
    TORCH_CHECK(cudaGetDeviceProperties(&p, index) == cudaSuccess, "no CUDA device ", index);
    name = p.name;
#endif
    std::strncpy(out, name.c_str(), size - 1);
    out[size - 1] = 0;
  });
}

char *vt_synchronize(int device_type, int device_index) {
  return guarded([&] {
    if (device_type != 0)
      torch::cuda::synchronize(device_index);
  });
}

char *vt_device_memory(int device_index, int64_t *allocated, int64_t *reserved, int64_t *peak) {
  return guarded([&] {
    (void)device_index;
    *allocated = *reserved = *peak = 0;
#ifdef VERTEBRA_CUDA
    auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(device_index));
    *allocated = stats.allocated_bytes[0].current;
    *reserved = stats.reserved_bytes[0].current;
    *peak = stats.allocated_bytes[0].peak;
#endif
  });
}

char *vt_deterministic(int on) {
  return guarded([&] {
    at::globalContext().setDeterministicAlgorithms(on != 0, /*warn_only=*/true);
    at::globalContext().setDeterministicCuDNN(on != 0);
    at::globalContext().setBenchmarkCuDNN(on == 0);
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 2)
    // Else libtorch fills all memory that it takes, one kernel more for nearly each
    // operation, for programs that read what they never wrote.
    at::globalContext().setDeterministicFillUninitializedMemory(false);
#endif
  });
}

// ---- autograd ----

char *vt_set_grad_mode(int on, int *previous) {
  return guarded([&] {
    *previous = c10::GradMode::is_enabled() ? 1 : 0;
    c10::GradMode::set_enabled(on != 0);
  });
}

char *vt_requires_grad(vt_tensor t, int on) {
  return guarded([&] { ref(t).set_requires_grad(on != 0); });
}

char *vt_backward(vt_tensor loss) {
  return guarded([&] { ref(loss).backward(); });
}

char *vt_backward_from(vt_tensor made, vt_tensor slope) {
  return guarded([&] {
    if (ref(made).requires_grad())
      ref(made).backward(ref(slope));
  });
}

namespace {
struct Slope {
  at::Tensor arrived;
};
} // namespace

char *vt_slope_open(vt_tensor leaf, vt_slope *out) {
  return guarded([&] {
    auto slope = std::make_shared<Slope>();
    ref(leaf).set_requires_grad(true);
    ref(leaf).register_hook([slope](const at::Tensor &grad) { slope->arrived = grad; });
    *out = new std::shared_ptr<Slope>(slope);
  });
}

char *vt_slope_close(vt_slope slope, vt_tensor *out) {
  auto *held = static_cast<std::shared_ptr<Slope> *>(slope);
  char *failure = guarded([&] {
    *out = (*held)->arrived.defined() ? give((*held)->arrived) : nullptr;
    (*held)->arrived.reset();
  });
  delete held;
  return failure;
}

char *vt_grad(vt_tensor t, vt_tensor *out) {
  return guarded([&] {
    const at::Tensor &g = ref(t).grad();
    *out = g.defined() ? give(g) : nullptr;
  });
}

char *vt_clear_grads(vt_tensor *ts, int n) {
  return guarded([&] {
    for (int i = 0; i < n; i++)
      ref(ts[i]).mutable_grad().reset();
  });
}

// ---- making, freeing and moving ----

void vt_free(vt_tensor t) { delete static_cast<at::Tensor *>(t); }

char *vt_from_data(const void *data, size_t bytes, const int64_t *dims, int ndim, int dtype,
                   int device_type, int device_index, vt_tensor *out) {
  return guarded([&] {
    at::tracer::impl::NoTracerDispatchMode untraced; // what the host brings is a constant of a trace
    // Pinned memory lets the copy run behind what the device is doing; copying
    // from other memory would wait for it.
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).pinned_memory(device_type != 0);
    at::Tensor t = at::empty(shape(dims, ndim), options);
    TORCH_CHECK(t.nbytes() == bytes, "the shape asks for ", t.nbytes(), " bytes, there are ", bytes);
    if (bytes > 0)
      std::memcpy(t.data_ptr(), data, bytes);
    *out = give(t.to(device(device_type, device_index), /*non_blocking=*/true));
  });
}

char *vt_zeros(const int64_t *dims, int ndim, int dtype, int device_type, int device_index, vt_tensor *out) {
  return guarded([&] {
    at::tracer::impl::NoTracerDispatchMode untraced;
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).device(device(device_type, device_index));
    *out = give(at::zeros(shape(dims, ndim), options));
  });
}

char *vt_read(vt_tensor t, void *out, size_t bytes, int dtype) {
  return guarded([&] {
    at::NoGradGuard quiet;
    at::Tensor c = ref(t).detach().to(at::kCPU, static_cast<at::ScalarType>(dtype)).contiguous();
    TORCH_CHECK(c.nbytes() == bytes, "the tensor holds ", c.nbytes(), " bytes, ", bytes, " were asked for");
    if (bytes > 0)
      std::memcpy(out, c.data_ptr(), bytes);
  });
}

char *vt_clone(vt_tensor t, vt_tensor *out) {
  return guarded([&] {
    at::NoGradGuard quiet;
    *out = give(ref(t).detach().clone());
  });
}

char *vt_detach(vt_tensor t, vt_tensor *out) {
  return guarded([&] { *out = give(ref(t).detach()); });
}

char *vt_to(vt_tensor t, int dtype, int device_type, int device_index, vt_tensor *out) {
  return guarded([&] {
    // As it is where nothing changes: a trace would keep the device's name.
    at::Device d = device(device_type, device_index);
    auto type = static_cast<at::ScalarType>(dtype);
    *out = give(ref(t).device() == d && ref(t).scalar_type() == type ? ref(t) : ref(t).to(d, type));
  });
}

char *vt_describe(vt_tensor t, vt_info *out) {
  return guarded([&] {
    at::Tensor &x = ref(t);
    TORCH_CHECK(x.dim() <= 8, "a tensor of ", x.dim(), " dimensions");
    out->ndim = static_cast<int>(x.dim());
    for (int i = 0; i < out->ndim; i++)
      out->dims[i] = x.size(i);
    out->dtype = static_cast<int>(x.scalar_type());
    out->device_type = x.is_cuda() ? 1 : 0;
    out->device_index = x.is_cuda() ? x.device().index() : 0;
    out->requires_grad = x.requires_grad() ? 1 : 0;
  });
}

// Two-byte pixels are unsigned, which older libtorch has no type for: they are
// read as signed and the sign bit is masked away.
char *vt_pixels(vt_tensor bytes, int64_t channels, int64_t height, int64_t width,
                int bytes_per_pixel, double scale, vt_tensor *out) {
  return guarded([&] {
    at::NoGradGuard quiet;
    at::Tensor raw = ref(bytes);
    at::Tensor pixels = bytes_per_pixel == 1
                            ? raw.to(at::kFloat)
                            : raw.view(at::kShort).to(at::kInt).bitwise_and(0xffff).to(at::kFloat);
    *out = give(pixels.view({-1, channels, height, width}).mul_(scale));
  });
}

// ---- in place ----

char *vt_copy_(vt_tensor dst, vt_tensor src) {
  return guarded([&] {
    at::NoGradGuard quiet;
    TORCH_CHECK(ref(dst).sizes() == ref(src).sizes(), "copying a tensor of shape ", ref(src).sizes(),
                " into one of shape ", ref(dst).sizes());
    ref(dst).copy_(ref(src));
  });
}

char *vt_fill_(vt_tensor t, double value) {
  return guarded([&] {
    at::NoGradGuard quiet;
    ref(t).fill_(value);
  });
}

// Drawn on the CPU for every device, so that a net begins alike everywhere.
char *vt_uniform_(vt_tensor t, double low, double high, uint64_t seed) {
  return guarded([&] {
    at::NoGradGuard quiet;
    at::Tensor host = at::empty(ref(t).sizes(), at::kFloat);
    ref(t).copy_(host.uniform_(low, high, generator(host, seed)));
  });
}

char *vt_normal_(vt_tensor t, double mean, double std, uint64_t seed) {
  return guarded([&] {
    at::NoGradGuard quiet;
    at::Tensor host = at::empty(ref(t).sizes(), at::kFloat);
    ref(t).copy_(host.normal_(mean, std, generator(host, seed)));
  });
}

// ---- operations ----

char *vt_dropout(vt_tensor x, double p, uint64_t seed, int rows, vt_tensor *out) {
  return guarded([&] {
    at::Tensor mask;
    {
      at::NoGradGuard quiet;
      std::vector<int64_t> row(ref(x).dim(), 1);
      row[0] = ref(x).size(0);
      mask = rows != 0 ? at::empty(row, ref(x).options()) : at::empty_like(ref(x));
      mask.bernoulli_(1 - p, generator(ref(x), seed));
      if (p < 1)
        mask.div_(1 - p);
    }
    *out = give(ref(x) * mask);
  });
}

char *vt_cross_entropy(vt_tensor logits, vt_tensor targets, vt_tensor weight, int reduction,
                       double label_smoothing, vt_tensor *out) {
  return guarded([&] {
    c10::optional<at::Tensor> w;
    if (weight != nullptr)
      w = ref(weight);
    *out = give(at::cross_entropy_loss(ref(logits), ref(targets), w, reduction, -100, label_smoothing));
  });
}

char *vt_affine(vt_tensor x, vt_tensor factor, vt_tensor addend, vt_tensor *out) {
  return guarded([&] { *out = give(at::addcmul(ref(addend), ref(x), ref(factor))); });
}

char *vt_clamp(vt_tensor x, double low, double high, vt_tensor *out) {
  return guarded([&] { *out = give(ref(x).clamp(low, high)); });
}

char *vt_times(vt_tensor x, double factor, vt_tensor *out) {
  return guarded([&] { *out = give(ref(x).mul(factor)); });
}

char *vt_view(vt_tensor x, const int64_t *dims, int ndim, vt_tensor *out) {
  return guarded([&] { *out = give(ref(x).reshape(shape(dims, ndim))); });
}

#if TORCH_VERSION_MAJOR >= 2
int vt_has_fused_attention(void) { return 1; }

char *vt_fused_attention(vt_tensor queries, vt_tensor keys, vt_tensor values, vt_tensor *out) {
  return guarded([&] { *out = give(at::scaled_dot_product_attention(ref(queries), ref(keys), ref(values))); });
}
#else
int vt_has_fused_attention(void) { return 0; }

char *vt_fused_attention(vt_tensor, vt_tensor, vt_tensor, vt_tensor *) {
  return message("this libtorch has no fused attention");
}
#endif
