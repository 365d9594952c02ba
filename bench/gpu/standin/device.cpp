// c10_cuda's part: the current device and stream, and the allocator.
#include "standin.h"

#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>
#include <c10/cuda/impl/CUDAGuardImpl.h>

#include <map>

namespace c10::cuda {

// ---- devices ----

DeviceIndex device_count() noexcept { return static_cast<DeviceIndex>(standin::devices()); }
DeviceIndex device_count_ensure_non_zero() { return device_count(); }
DeviceIndex current_device() { return static_cast<DeviceIndex>(standin::current()); }

void set_device(DeviceIndex device, bool) {
  TORCH_CHECK(device >= 0 && device < device_count(), "CUDA error: invalid device ordinal");
  standin::current(device);
}

cudaError_t GetDevice(DeviceIndex *device) { return *device = current_device(), cudaSuccess; }
cudaError_t SetDevice(DeviceIndex device, bool) { return set_device(device), cudaSuccess; }
cudaError_t MaybeSetDevice(DeviceIndex device) { return SetDevice(device, false); }

DeviceIndex ExchangeDevice(DeviceIndex device) {
  DeviceIndex before = current_device();
  set_device(device);
  return before;
}

DeviceIndex MaybeExchangeDevice(DeviceIndex device) { return device < 0 ? current_device() : ExchangeDevice(device); }
void device_synchronize() { cudaDeviceSynchronize(); }
void warn_or_error_on_sync() {}

void c10_cuda_check_implementation(int32_t err, const char *, const char *where, uint32_t, bool) {
  TORCH_CHECK(err == 0, "CUDA error ", err, " in ", where);
}

// ---- streams ----

namespace {

thread_local std::map<DeviceIndex, StreamId> chosen;

DeviceIndex or_current(DeviceIndex device) { return device < 0 ? current_device() : device; }

CUDAStream stream_of(DeviceIndex device, StreamId id) {
  return CUDAStream(CUDAStream::UNCHECKED, Stream(Stream::UNSAFE, Device(DeviceType::CUDA, device), id));
}

} // namespace

CUDAStream getStreamFromPool(int, DeviceIndex device) {
  static std::atomic<StreamId> next{0};
  return stream_of(or_current(device), 1 + next++ % 32);
}

CUDAStream getStreamFromPool(bool, DeviceIndex device) { return getStreamFromPool(0, device); }
CUDAStream getDefaultCUDAStream(DeviceIndex device) { return stream_of(or_current(device), 0); }
CUDAStream getCurrentCUDAStream(DeviceIndex device) { return stream_of(or_current(device), chosen[or_current(device)]); }
void setCurrentCUDAStream(CUDAStream s) { chosen[s.device_index()] = s.id(); }

cudaStream_t CUDAStream::stream() const { return standin::stream(device_index(), id()); }
bool CUDAStream::query() const { return standin::flush(stream()), true; }
void CUDAStream::synchronize() const { standin::flush(stream()); }

C10_REGISTER_GUARD_IMPL(CUDA, c10::cuda::impl::CUDAGuardImpl);

// ---- memory ----

namespace CUDACachingAllocator {

namespace {

void release(void *block) { standin::give(static_cast<standin::Block *>(block)); }

[[noreturn]] void none(const char *what) { TORCH_CHECK(false, "the stand-in for CUDA has no ", what); }

struct Allocator final : CUDAAllocator {
  DataPtr allocate(size_t bytes) override {
    int device = standin::current();
    standin::Block *b = standin::take(device, bytes);
    TORCH_CHECK_WITH(OutOfMemoryError, b != nullptr, "CUDA out of memory. Tried to allocate ", bytes / 1048576.,
                     " MiB. GPU ", device, " has a total capacity of ", standin::capacity() >> 20, " MiB of which ",
                     (standin::capacity() - standin::use(device).now) >> 20, " MiB is free.");
    return {b->at, b, &release, Device(DeviceType::CUDA, static_cast<DeviceIndex>(device))};
  }

  void copy_data(void *, const void *, size_t) const override { none("copying by the allocator"); }
  bool initialized() override { return true; }
  void emptyCache(MempoolId_t) override {}
  void recordStream(const DataPtr &, CUDAStream) override {}

  CachingDeviceAllocator::DeviceStats getDeviceStats(DeviceIndex device) override {
    auto use = standin::use(device);
    CachingDeviceAllocator::DeviceStats s;
    s.allocated_bytes[0].current = s.reserved_bytes[0].current = use.now;
    s.allocated_bytes[0].peak = s.reserved_bytes[0].peak = use.peak;
    return s;
  }

  void resetAccumulatedStats(DeviceIndex) override {}
  void resetPeakStats(DeviceIndex device) override { standin::forget_peak(device); }

  // What nothing here asks for.
  void *raw_alloc(size_t) override { none("raw memory"); }
  void *raw_alloc_with_stream(size_t, cudaStream_t) override { none("raw memory"); }
  void raw_delete(void *) override { none("raw memory"); }
  void init(int) override {}
  double getMemoryFraction(DeviceIndex) override { return 1; }
  void setMemoryFraction(double, DeviceIndex) override {}
  std::vector<StreamSegmentSize> getExpandableSegmentSizes(DeviceIndex) override { return {}; }
  void enable(bool) override {}
  bool isEnabled() const override { return true; }
  void cacheInfo(DeviceIndex, size_t *largest) override { *largest = 0; }
  void *getBaseAllocation(void *, size_t *) override { none("base allocations"); }
  SnapshotInfo snapshot(MempoolId_t, bool) override { none("snapshots"); }
  void beginAllocateToPool(DeviceIndex, MempoolId_t, std::function<bool(cudaStream_t)>) override {}
  void endAllocateToPool(DeviceIndex, MempoolId_t) override {}
  void releasePool(DeviceIndex, MempoolId_t) override {}
  ShareableHandle shareIpcHandle(void *) override { none("memory shared among processes"); }
  std::shared_ptr<void> getIpcDevPtr(std::string) override { none("memory shared among processes"); }
  void recordHistory(bool, CreateContextFn, size_t, RecordContext, bool, const std::vector<std::string> &) override {}
  void recordAnnotation(const std::vector<std::pair<std::string, std::string>> &) override {}
  void attachOutOfMemoryObserver(OutOfMemoryObserver) override {}
  void attachAllocatorTraceTracker(AllocatorTraceTracker) override {}
  void enablePeerAccess(DeviceIndex, DeviceIndex) override {}
  cudaError_t memcpyAsync(void *, int, const void *, int, size_t, cudaStream_t, bool) override { none("raw copies"); }
  std::shared_ptr<AllocatorState> getCheckpointState(DeviceIndex, MempoolId_t) override { none("checkpoints"); }
  CheckpointDelta setCheckpointPoolState(DeviceIndex, std::shared_ptr<AllocatorState>) override { none("checkpoints"); }
  std::string name() override { return "stand-in"; }
};

} // namespace

std::atomic<CUDAAllocator *> allocator;

namespace {
const bool registered = [] {
  static Allocator *ours = new Allocator;
  allocator.store(ours);
  c10::SetAllocator(DeviceType::CUDA, ours, 0);
  return true;
}();
} // namespace

} // namespace CUDACachingAllocator
} // namespace c10::cuda
