// A CUDA device that is not there: what the three libraries of this folder share.
#pragma once
#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>

namespace standin {

// ---- the machine, from the environment ----

int devices();        // STANDIN_DEVICES, 1 unless set
int64_t capacity();   // bytes of each: STANDIN_MB, 16384 unless set
int current();        // the calling thread's device
void current(int device);

// ---- streams: work that is put off until something waits for it ----

// Of one device each; 0 is the default one.
cudaStream_t stream(int device, int64_t id);
void enqueue(cudaStream_t, std::function<void()> work);
void flush(cudaStream_t); // does all that was put off there
void flush_all();

// ---- memory: the host may not touch it but while an operator runs ----

struct Block {
  char *at;
  size_t bytes; // asked for
  size_t pages; // in bytes, of the mapping
  int device;
  int open = 0; // by how many operators at once
};

Block *take(int device, size_t bytes); // nullptr: there is not that much left
void give(Block *);
Block *find(const void *address); // nullptr: it is the host's
bool is_pinned(const void *address); // the host's, which a device reads by itself
void open(Block *);
void close(Block *);

struct Use {
  int64_t now, peak;
};
Use use(int device);
void forget_peak(int device);

// ---- what a real device would have made the host wait for ----

// Adds a line to the file STANDIN_LOG, if there is one; %p in its name is the process.
void note(const char *kind, const char *what);

} // namespace standin
