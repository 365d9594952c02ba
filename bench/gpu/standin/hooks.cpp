// Pinned memory, generators and devices, as libtorch asks for them.
#include "standin.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <map>
#include <mutex>

namespace standin {

namespace {

std::mutex &pins = *new std::mutex;
auto &pinned = *new std::map<const char *, size_t>;

} // namespace

bool is_pinned(const void *p) {
  std::lock_guard<std::mutex> guard(pins);
  auto next = pinned.upper_bound(static_cast<const char *>(p));
  return next != pinned.begin() && p < std::prev(next)->first + std::prev(next)->second;
}

namespace {

struct PinnedAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t n) override {
    char *p = static_cast<char *>(aligned_alloc(64, (n + 64) / 64 * 64));
    std::lock_guard<std::mutex> guard(pins);
    pinned[p] = std::max<size_t>(n, 1);
    return {p, p, [](void *q) {
              std::lock_guard<std::mutex> inner(pins);
              pinned.erase(static_cast<char *>(q));
              free(q);
            },
            c10::Device(c10::kCPU)};
  }
  void copy_data(void *to, const void *from, size_t n) const override { memcpy(to, from, n); }
};

} // namespace
} // namespace standin

// libtorch looks for a class of this name.
struct CUDAHooks : at::CUDAHooksInterface {
  CUDAHooks(at::CUDAHooksArgs) {}

  void init() const override {}
  bool hasCUDA() const override { return standin::devices() > 0; }
  bool hasCuDNN() const override { return true; } // for whoever asks; compiledWithCuDNN is what picks kernels
  long versionCuDNN() const override { return 91900; }
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return hasCUDA(); }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::DeviceIndex deviceCount() const override { return static_cast<c10::DeviceIndex>(standin::devices()); }
  int getNumGPUs() const override { return standin::devices(); }
  c10::DeviceIndex current_device() const override { return static_cast<c10::DeviceIndex>(standin::current()); }
  c10::DeviceIndex getCurrentDevice() const override { return current_device(); }
  void setCurrentDevice(c10::DeviceIndex d) const override { standin::current(d); }
  at::Allocator *getCUDADeviceAllocator() const override { return c10::GetAllocator(c10::kCUDA); }

  c10::DeviceIndex exchangeDevice(c10::DeviceIndex d) const override {
    auto before = current_device();
    standin::current(d);
    return before;
  }

  c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex d) const override { return exchangeDevice(d); }

  const at::Generator &getDefaultGenerator(c10::DeviceIndex) const override {
    static at::Generator *all = new at::Generator(at::make_generator<at::CPUGeneratorImpl>(1));
    return *all;
  }

  at::Generator getNewGenerator(c10::DeviceIndex) const override { return at::make_generator<at::CPUGeneratorImpl>(1); }

  at::Device getDeviceFromPtr(void *p) const override {
    return {c10::kCUDA, static_cast<c10::DeviceIndex>(standin::find(p)->device)};
  }

  bool isPinnedPtr(const void *p) const override { return standin::is_pinned(p); }

  at::Allocator *getPinnedMemoryAllocator() const override {
    static standin::PinnedAllocator *all = new standin::PinnedAllocator;
    return all;
  }

  void deviceSynchronize(c10::DeviceIndex) const override { cudaDeviceSynchronize(); }
};

namespace at {
using ::CUDAHooks;
REGISTER_CUDA_HOOKS(CUDAHooks)
}
