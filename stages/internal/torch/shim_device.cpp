#include "shim_device.h"
#include "shim_common.h"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/version.h>

#include <cmath>
#include <memory>

#ifdef VERTEBRA_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>
#endif

#define VERTEBRA_TORCH(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

// ---- precision ----

namespace {

// libtorch 2.4 names the device; before, each kind had functions of its own.
#if VERTEBRA_TORCH(2, 4)
bool autocast_on(at::DeviceType d) { return at::autocast::is_autocast_enabled(d); }
void autocast_on(at::DeviceType d, bool on) { at::autocast::set_autocast_enabled(d, on); }
at::ScalarType autocast_type(at::DeviceType d) { return at::autocast::get_autocast_dtype(d); }
void autocast_type(at::DeviceType d, at::ScalarType t) { at::autocast::set_autocast_dtype(d, t); }
#else
bool autocast_on(at::DeviceType d) {
  return d == at::kCPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
}
void autocast_on(at::DeviceType d, bool on) {
  d == at::kCPU ? at::autocast::set_cpu_enabled(on) : at::autocast::set_enabled(on);
}
at::ScalarType autocast_type(at::DeviceType d) {
  return d == at::kCPU ? at::autocast::get_autocast_cpu_dtype() : at::autocast::get_autocast_gpu_dtype();
}
void autocast_type(at::DeviceType d, at::ScalarType t) {
  d == at::kCPU ? at::autocast::set_autocast_cpu_dtype(t) : at::autocast::set_autocast_gpu_dtype(t);
}
#endif

at::DeviceType kind(int device_type) { return device_type == 0 ? at::kCPU : at::kCUDA; }

} // namespace

char *vt_autocast_enter(int device_type, int dtype, vt_autocast_state *before) {
  return guarded([&] {
    at::DeviceType d = kind(device_type);
    before->enabled = autocast_on(d) ? 1 : 0;
    before->dtype = static_cast<int>(autocast_type(d));
    autocast_type(d, static_cast<at::ScalarType>(dtype));
    autocast_on(d, true);
    at::autocast::increment_nesting();
  });
}

char *vt_autocast_pause(int device_type, vt_autocast_state *before) {
  return guarded([&] {
    at::DeviceType d = kind(device_type);
    before->enabled = autocast_on(d) ? 1 : 0;
    before->dtype = static_cast<int>(autocast_type(d));
    autocast_on(d, false);
    at::autocast::increment_nesting();
  });
}

// Weights cast for one forward pass must not serve the next: by then the
// optimizer has changed them.
char *vt_autocast_leave(int device_type, const vt_autocast_state *before) {
  return guarded([&] {
    at::DeviceType d = kind(device_type);
    autocast_type(d, static_cast<at::ScalarType>(before->dtype));
    autocast_on(d, before->enabled != 0);
    if (at::autocast::decrement_nesting() == 0)
      at::autocast::clear_cache();
  });
}

char *vt_allow_tf32(int on) {
  return guarded([&] {
    at::globalContext().setAllowTF32CuBLAS(on != 0);
    at::globalContext().setAllowTF32CuDNN(on != 0);
  });
}

// Divides the gradients by the loss's scale. Whether all are finite is read from
// the sum of their norms: one number, one wait for the device.
char *vt_unscale(vt_tensor *params, int n, double scale, int *finite) {
  return guarded([&] {
    at::NoGradGuard quiet;
    std::vector<at::Tensor> grads;
    for (at::Tensor &p : refs(params, n))
      if (p.grad().defined())
        grads.push_back(p.grad());
    *finite = 1;
    if (grads.empty())
      return;
    at::_foreach_mul_(grads, 1 / scale);
    auto norms = at::_foreach_norm(grads);
    *finite = std::isfinite(at::stack(norms).sum().item<double>()) ? 1 : 0;
  });
}

// ---- layout ----

namespace {

at::MemoryFormat channels_last(const at::Tensor &x) { return x.dim() == 5 ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::ChannelsLast; }

} // namespace

char *vt_channels_last_(vt_tensor weight) {
  return guarded([&] {
    at::NoGradGuard quiet;
    at::Tensor &w = ref(weight);
    if (w.dim() == 4 || w.dim() == 5)
      w.set_data(w.detach().contiguous(channels_last(w)));
  });
}

char *vt_as_channels_last(vt_tensor x, vt_tensor *out) {
  return guarded([&] { *out = give(ref(x).contiguous(channels_last(ref(x)))); });
}

// ---- images ----

namespace {

// The widest type that fills a row evenly: rows are only moved, and a device
// moves eight bytes as fast as one.
at::ScalarType widest(int64_t bytes) {
  if (bytes % 8 == 0)
    return at::kLong;
  return bytes % 4 == 0 ? at::kInt : at::kByte;
}

} // namespace

char *vt_rows(int64_t n, int64_t bytes, int device_type, int device_index, vt_tensor *out) {
  return guarded([&] {
    auto type = widest(bytes);
    auto options = at::TensorOptions().dtype(type).device(device(device_type, device_index));
    *out = give(at::empty({n, bytes / static_cast<int64_t>(c10::elementSize(type))}, options));
  });
}

char *vt_put_rows(vt_tensor rows, int64_t first, const void *data, size_t bytes) {
  return guarded([&] {
    at::NoGradGuard quiet;
    at::Tensor &all = ref(rows);
    int64_t row = all.size(1) * static_cast<int64_t>(all.element_size());
    TORCH_CHECK(row > 0 && bytes % row == 0, bytes, " bytes are no whole number of rows of ", row);
    int64_t n = static_cast<int64_t>(bytes) / row;
    at::Tensor host = at::from_blob(const_cast<void *>(data), {n, all.size(1)}, all.options().device(at::kCPU));
    all.narrow(0, first, n).copy_(host);
  });
}

char *vt_take_rows(vt_tensor rows, vt_tensor index, vt_tensor *out) {
  return guarded([&] {
    at::NoGradGuard quiet;
    *out = give(ref(rows).index_select(0, ref(index)).view(at::kByte).flatten());
  });
}

// ---- memory ----

char *vt_use_device(int index) {
  return guarded([&] {
    (void)index;
#ifdef VERTEBRA_CUDA
    c10::cuda::set_device(static_cast<c10::DeviceIndex>(index));
#endif
  });
}

char *vt_device_facts_of(int index, vt_device_facts *out) {
  return guarded([&] {
    (void)index;
    *out = vt_device_facts{};
    std::strcpy(out->name, "CPU");
#ifdef VERTEBRA_CUDA
    cudaDeviceProp p;
    TORCH_CHECK(cudaGetDeviceProperties(&p, index) == cudaSuccess, "there is no CUDA device ", index);
    std::strncpy(out->name, p.name, sizeof(out->name) - 1);
    out->major = p.major;
    out->minor = p.minor;
    out->multiprocessors = p.multiProcessorCount;
    cudaDriverGetVersion(&out->driver);
    cudaRuntimeGetVersion(&out->runtime);
    if (at::detail::getCUDAHooks().hasCuDNN())
      out->cudnn = static_cast<int>(at::detail::getCUDAHooks().versionCuDNN());
    c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(index));
    size_t free_bytes = 0, total = 0;
    TORCH_CHECK(cudaMemGetInfo(&free_bytes, &total) == cudaSuccess, "the memory of CUDA device ", index, " cannot be read");
    out->free_ = static_cast<int64_t>(free_bytes);
    out->total = static_cast<int64_t>(total);
#endif
  });
}

char *vt_reset_peak(int index) {
  return guarded([&] {
    (void)index;
#ifdef VERTEBRA_CUDA
    c10::cuda::CUDACachingAllocator::resetPeakStats(static_cast<c10::DeviceIndex>(index));
#endif
  });
}

char *vt_empty_cache(void) {
  return guarded([&] {
#ifdef VERTEBRA_CUDA
    c10::cuda::CUDACachingAllocator::emptyCache();
#endif
  });
}

// ---- numbers and counts ----

namespace {

#ifdef VERTEBRA_CUDA
void went(cudaError_t e) { TORCH_CHECK(e == cudaSuccess, "CUDA: ", cudaGetErrorString(e)); }
#endif

struct Watch {
  at::Tensor host;
#ifdef VERTEBRA_CUDA
  cudaEvent_t copied = nullptr;
  ~Watch() {
    if (copied != nullptr)
      cudaEventDestroy(copied);
  }
#endif
};

} // namespace

char *vt_watch_begin(vt_tensor number, vt_watch *out) {
  return guarded([&] {
    at::NoGradGuard quiet;
    at::Tensor x = ref(number).detach();
    TORCH_CHECK(x.numel() == 1, "want one number, the tensor holds ", x.numel());
    auto w = std::make_unique<Watch>();
#ifdef VERTEBRA_CUDA
    if (x.is_cuda()) {
      w->host = at::empty({1}, at::TensorOptions().dtype(x.scalar_type()).pinned_memory(true));
      w->host.copy_(x.view({1}), /*non_blocking=*/true);
      went(cudaEventCreateWithFlags(&w->copied, cudaEventDisableTiming));
      went(cudaEventRecord(w->copied, c10::cuda::getCurrentCUDAStream(x.device().index()).stream()));
      *out = w.release();
      return;
    }
#endif
    w->host = x.view({1}).clone();
    *out = w.release();
  });
}

char *vt_watch_end(vt_watch watch, double *value) {
  std::unique_ptr<Watch> w(static_cast<Watch *>(watch));
  return guarded([&] {
#ifdef VERTEBRA_CUDA
    if (w->copied != nullptr)
      went(cudaEventSynchronize(w->copied));
#endif
    *value = w->host.to(at::kDouble).item<double>();
  });
}

char *vt_count_hits(vt_tensor hits, vt_tensor scores, vt_tensor labels) {
  return guarded([&] {
    at::NoGradGuard quiet;
    ref(hits).add_(ref(scores).argmax(1).eq(ref(labels)).sum());
  });
}

// ---- ring ----

namespace {

// Each slot is a buffer on the host that one goroutine fills while the device
// works on another. On the CPU a slot is copied when it is sent, and no more.
struct Ring {
  at::Device where;
  std::vector<at::Tensor> host;
#ifdef VERTEBRA_CUDA
  c10::optional<c10::cuda::CUDAStream> stream;
  std::vector<cudaEvent_t> copied; // one for each slot
#endif
  explicit Ring(at::Device d) : where(d) {}
  ~Ring() {
#ifdef VERTEBRA_CUDA
    for (cudaEvent_t e : copied)
      cudaEventDestroy(e);
#endif
  }
};

Ring &ring_of(vt_ring r) { return *static_cast<Ring *>(r); }

} // namespace

char *vt_ring_open(int slots, int64_t bytes, int device_type, int device_index, vt_ring *out) {
  return guarded([&] {
    auto r = std::make_unique<Ring>(device(device_type, device_index));
    auto options = at::TensorOptions().dtype(at::kByte);
    bool pinned = false;
#ifdef VERTEBRA_CUDA
    if (r->where.is_cuda()) {
      pinned = true;
      r->stream = c10::cuda::getStreamFromPool(false, r->where.index());
      c10::cuda::CUDAGuard guard(r->where.index());
      for (int i = 0; i < slots; i++) {
        r->copied.push_back(nullptr);
        went(cudaEventCreateWithFlags(&r->copied[i], cudaEventDisableTiming));
      }
    }
#endif
    for (int i = 0; i < slots; i++)
      r->host.push_back(at::empty({bytes}, options.pinned_memory(pinned)));
    *out = r.release();
  });
}

void *vt_ring_host(vt_ring ring, int slot) { return ring_of(ring).host[slot].data_ptr(); }

char *vt_ring_wait(vt_ring ring, int slot) {
  return guarded([&] {
    (void)ring;
    (void)slot;
#ifdef VERTEBRA_CUDA
    Ring &r = ring_of(ring);
    if (r.stream) { // on a thread that has not chosen a device: CUDA would begin on the first one
      c10::cuda::set_device(r.where.index());
      went(cudaEventSynchronize(r.copied[slot]));
    }
#endif
  });
}

char *vt_ring_send(vt_ring ring, int slot, int64_t bytes, vt_tensor *out) {
  return guarded([&] {
    at::NoGradGuard quiet;
    Ring &r = ring_of(ring);
    at::Tensor host = r.host[slot].narrow(0, 0, bytes);
#ifdef VERTEBRA_CUDA
    if (r.stream) {
      auto compute = c10::cuda::getCurrentCUDAStream(r.where.index());
      at::Tensor t;
      {
        c10::cuda::CUDAStreamGuard side(*r.stream);
        t = at::empty({bytes}, at::TensorOptions().dtype(at::kByte).device(r.where));
        t.copy_(host, /*non_blocking=*/true);
        went(cudaEventRecord(r.copied[slot], r.stream->stream()));
      }
      went(cudaStreamWaitEvent(compute.stream(), r.copied[slot], 0));
      // The block was made on the copying stream: it may be used again there only
      // when the computing stream is through with it.
      c10::cuda::CUDACachingAllocator::recordStream(t.storage().data_ptr(), compute);
      *out = give(t);
      return;
    }
#endif
    *out = give(host.clone());
  });
}

void vt_ring_close(vt_ring ring) { delete static_cast<Ring *>(ring); }
