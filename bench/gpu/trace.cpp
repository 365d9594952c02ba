// Notes when a program's kernels and copies began and ended on the GPU.
//
// Build: g++ -O2 -shared -fPIC -I$CUDA/include trace.cpp -o libtrace.so -L$CUDA/lib -l:libcupti.so.13
// Use:   CUDA_INJECTION64_PATH=$PWD/libtrace.so TRACE=file program
//
// CUDA loads the library into any program that names it so. Records go to the file
// (begin and end in nanoseconds, kind, number of the name), names to file.names, every
// half a second: a program in Go ends without saying goodbye.
#include <cupti.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <unordered_map>

namespace {

struct Record {
  uint64_t begin, end;
  uint32_t kind, name; // 0 kernel, 1 copy, 2 fill
};

FILE *records, *names;
std::unordered_map<std::string, uint32_t> numbers;
std::mutex one_at_a_time;

uint32_t number(const char *name) {
  auto [at, fresh] = numbers.try_emplace(name != nullptr ? name : "?", numbers.size());
  if (fresh)
    fprintf(names, "%s\n", at->first.c_str());
  return at->second;
}

void note(uint64_t begin, uint64_t end, uint32_t kind, const char *name) {
  Record r{begin, end, kind, number(name)};
  fwrite(&r, sizeof r, 1, records);
}

void CUPTIAPI room(uint8_t **buffer, size_t *size, size_t *most) {
  *size = 4 << 20;
  *buffer = static_cast<uint8_t *>(aligned_alloc(8, *size));
  *most = 0;
}

void CUPTIAPI full(CUcontext, uint32_t, uint8_t *buffer, size_t, size_t valid) {
  std::lock_guard<std::mutex> hold(one_at_a_time);
  CUpti_Activity *a = nullptr;
  while (cuptiActivityGetNextRecord(buffer, valid, &a) == CUPTI_SUCCESS) {
    if (a->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL || a->kind == CUPTI_ACTIVITY_KIND_KERNEL) {
      auto *k = reinterpret_cast<CUpti_ActivityKernel10 *>(a);
      note(k->start, k->end, 0, k->name);
    } else if (a->kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
      auto *m = reinterpret_cast<CUpti_ActivityMemcpy6 *>(a);
      note(m->start, m->end, 1, "copy");
    } else if (a->kind == CUPTI_ACTIVITY_KIND_MEMSET) {
      auto *m = reinterpret_cast<CUpti_ActivityMemset4 *>(a);
      note(m->start, m->end, 2, "fill");
    }
  }
  fflush(records);
  fflush(names);
  free(buffer);
}

} // namespace

extern "C" int InitializeInjection() {
  const char *file = getenv("TRACE");
  if (file == nullptr)
    return 1;
  records = fopen(file, "wb");
  names = fopen((std::string(file) + ".names").c_str(), "w");
  if (records == nullptr || names == nullptr)
    return 0;
  cuptiActivityRegisterCallbacks(room, full);
  cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  cuptiActivityEnable(CUPTI_ACTIVITY_KIND_MEMCPY);
  cuptiActivityEnable(CUPTI_ACTIVITY_KIND_MEMSET);
  cuptiActivityFlushPeriod(500);
  return 1;
}
