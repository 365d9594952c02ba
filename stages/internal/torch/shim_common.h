// What the shim's C++ files share: handles, devices, and the guard that turns
// whatever C++ throws into a message.
#ifndef VERTEBRA_TORCH_SHIM_COMMON_H
#define VERTEBRA_TORCH_SHIM_COMMON_H
#include "shim.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstring>
#include <exception>
#include <vector>

namespace vertebra {

inline at::Tensor &ref(vt_tensor t) {
  TORCH_CHECK(t != nullptr, "a tensor was used after its scope ended");
  return *static_cast<at::Tensor *>(t);
}

inline vt_tensor give(at::Tensor t) { return new at::Tensor(std::move(t)); }

inline std::vector<at::Tensor> refs(vt_tensor *ts, int n) {
  std::vector<at::Tensor> out;
  out.reserve(n);
  for (int i = 0; i < n; i++)
    out.push_back(ref(ts[i]));
  return out;
}

inline at::Device device(int type, int index) {
  return type == 0 ? at::Device(at::kCPU) : at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
}

inline std::vector<int64_t> shape(const int64_t *dims, int ndim) { return std::vector<int64_t>(dims, dims + ndim); }

inline char *message(const char *text) { return strdup(text != nullptr ? text : "unknown error"); }

template <typename F> char *guarded(F f) noexcept {
  try {
    f();
    return nullptr;
  } catch (const c10::Error &e) {
    return message(e.what_without_backtrace());
  } catch (const std::exception &e) {
    return message(e.what());
  } catch (...) {
    return message("libtorch threw something that is not an exception");
  }
}

} // namespace vertebra

using namespace vertebra;
#endif
