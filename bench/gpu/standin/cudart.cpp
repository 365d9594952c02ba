// The CUDA runtime's part: devices, streams, events and memory. Work that is asynchronous on
// a device is done here as late as CUDA allows, so that who reads too early reads nonsense.
#include "standin.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace standin {

namespace {

int64_t number(const char *name, int64_t otherwise) {
  const char *text = getenv(name);
  return text != nullptr ? atoll(text) : otherwise;
}

thread_local int device_of_thread = 0;

struct Stream {
  std::deque<std::function<void()>> work;
  uint64_t done = 0, asked = 0;
};

struct Event {
  cudaStream_t on = nullptr;
  uint64_t upto = 0;
  std::chrono::steady_clock::time_point when;
};

// Never destroyed: threads of libtorch outlive what the linker would tear down.
std::recursive_mutex &lock = *new std::recursive_mutex;
auto &streams = *new std::map<cudaStream_t, Stream>;

using Guard = std::lock_guard<std::recursive_mutex>;

void run(cudaStream_t s, uint64_t upto) {
  Guard guard(lock);
  Stream &all = streams[s];
  while (all.done < upto && !all.work.empty()) {
    auto next = std::move(all.work.front());
    all.work.pop_front();
    all.done++;
    next();
  }
}

} // namespace

int devices() { return static_cast<int>(number("STANDIN_DEVICES", 1)); }
int64_t capacity() { return number("STANDIN_MB", 16384) << 20; }
int current() { return device_of_thread; }
void current(int device) { device_of_thread = device; }

cudaStream_t stream(int device, int64_t id) {
  return reinterpret_cast<cudaStream_t>(static_cast<uintptr_t>(0x10000 * (device + 1) + id));
}

void enqueue(cudaStream_t s, std::function<void()> work) {
  Guard guard(lock);
  streams[s].work.push_back(std::move(work));
  streams[s].asked++;
}

void flush(cudaStream_t s) { run(s, UINT64_MAX); }

void flush_all() {
  Guard guard(lock);
  std::vector<cudaStream_t> all;
  for (auto &s : streams)
    all.push_back(s.first);
  for (cudaStream_t s : all)
    flush(s);
}

// ---- memory ----

namespace {

std::mutex &memory = *new std::mutex;
auto &blocks = *new std::map<const char *, Block *>;
auto &spare = *new std::multimap<size_t, Block *>; // by pages: mappings are dear
std::map<int, Use> &uses = *new std::map<int, Use>;

Block *mapping(size_t pages) {
  auto kept = spare.find(pages);
  if (kept != spare.end()) {
    Block *b = kept->second;
    spare.erase(kept);
    return b;
  }
  void *at = mmap(nullptr, pages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? nullptr : new Block{static_cast<char *>(at), 0, pages, 0};
}

} // namespace

Block *take(int device, size_t bytes) {
  std::lock_guard<std::mutex> guard(memory);
  const size_t page = 4096;
  size_t pages = (bytes + page - 1) / page * page;
  if (pages == 0)
    pages = page;
  Use &u = uses[device];
  if (u.now + static_cast<int64_t>(bytes) > capacity())
    return nullptr;
  Block *b = mapping(pages);
  if (b == nullptr)
    return nullptr;
  b->bytes = bytes;
  b->device = device;
  u.now += bytes;
  u.peak = std::max(u.peak, u.now);
  blocks[b->at] = b;
  return b;
}

void give(Block *b) {
  std::lock_guard<std::mutex> guard(memory);
  blocks.erase(b->at);
  uses[b->device].now -= b->bytes;
  if (b->pages > (1 << 20)) {
    munmap(b->at, b->pages);
    delete b;
    return;
  }
  spare.emplace(b->pages, b);
}

Block *find(const void *address) {
  std::lock_guard<std::mutex> guard(memory);
  auto next = blocks.upper_bound(static_cast<const char *>(address));
  if (next == blocks.begin())
    return nullptr;
  Block *b = std::prev(next)->second;
  return address < b->at + b->pages ? b : nullptr;
}

void open(Block *b) {
  std::lock_guard<std::mutex> guard(memory);
  if (b->open++ == 0)
    mprotect(b->at, b->pages, PROT_READ | PROT_WRITE);
}

void close(Block *b) {
  std::lock_guard<std::mutex> guard(memory);
  if (--b->open == 0)
    mprotect(b->at, b->pages, PROT_NONE);
}

Use use(int device) {
  std::lock_guard<std::mutex> guard(memory);
  return uses[device];
}

void forget_peak(int device) {
  std::lock_guard<std::mutex> guard(memory);
  uses[device].peak = uses[device].now;
}

void note(const char *kind, const char *what) {
  static const int file = [] {
    std::string name = getenv("STANDIN_LOG") != nullptr ? getenv("STANDIN_LOG") : "";
    if (size_t at = name.find("%p"); at != std::string::npos)
      name.replace(at, 2, std::to_string(getpid()));
    return name.empty() ? -1 : ::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  }();
  if (file < 0)
    return;
  std::string line = std::string(kind) + " " + what + "\n";
  (void)!::write(file, line.data(), line.size());
}

} // namespace standin

// ---- the runtime's functions that libtorch's headers and Vertebra call ----

using namespace standin;

extern "C" {

cudaError_t cudaGetDeviceCount(int *n) { return *n = devices(), cudaSuccess; }
const char *cudaGetErrorString(cudaError_t) { return "the stand-in for CUDA refused it"; }
cudaError_t cudaGetLastError() { return cudaSuccess; }
cudaError_t cudaDriverGetVersion(int *v) { return *v = 13000, cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int *v) { return *v = 13000, cudaSuccess; }

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *p, int device) {
  if (device < 0 || device >= devices())
    return cudaErrorInvalidDevice;
  memset(p, 0, sizeof *p);
  strcpy(p->name, "stand-in for a GPU");
  p->major = 9;
  p->multiProcessorCount = 1;
  p->totalGlobalMem = capacity();
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *free, size_t *total) {
  *total = capacity();
  *free = *total - use(current()).now;
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  note("wait", "cudaDeviceSynchronize");
  return flush_all(), cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *e, unsigned) {
  *e = reinterpret_cast<cudaEvent_t>(new Event);
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t e) { return delete reinterpret_cast<Event *>(e), cudaSuccess; }

cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s) {
  Guard guard(lock);
  *reinterpret_cast<Event *>(e) = Event{s, streams[s].asked, std::chrono::steady_clock::now()};
  return cudaSuccess;
}

cudaError_t cudaEventQuery(cudaEvent_t) { return cudaSuccess; }

cudaError_t cudaEventSynchronize(cudaEvent_t e) {
  Event &event = *reinterpret_cast<Event *>(e);
  if (event.on != nullptr)
    run(event.on, event.upto);
  return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t a, cudaEvent_t b) {
  auto passed = reinterpret_cast<Event *>(b)->when - reinterpret_cast<Event *>(a)->when;
  *ms = std::chrono::duration<float, std::milli>(passed).count();
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned) {
  Event event = *reinterpret_cast<Event *>(e);
  if (event.on != nullptr && event.on != s)
    enqueue(s, [event] { run(event.on, event.upto); });
  return cudaSuccess;
}
}
