// What a device can do beyond single operations: precision, memory layout,
// images that live on it, copies that overlap with computing. Conventions are
// those of shim.h.
#ifndef VERTEBRA_TORCH_SHIM_DEVICE_H
#define VERTEBRA_TORCH_SHIM_DEVICE_H
#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

// What autocast was before; handed back to vt_autocast_leave.
typedef struct {
  int enabled;
  int dtype;
} vt_autocast_state;

typedef struct {
  char name[256];
  int major, minor;      // compute capability
  int driver, runtime;   // CUDA versions: 1000 · major + 10 · minor
  int cudnn;             // version as cuDNN counts it; 0: none
  int multiprocessors;
  int64_t total, free_;  // bytes
} vt_device_facts;

// precision
char *vt_autocast_enter(int device_type, int dtype, vt_autocast_state *before);
char *vt_autocast_pause(int device_type, vt_autocast_state *before);
char *vt_autocast_leave(int device_type, const vt_autocast_state *before);
char *vt_allow_tf32(int on);
char *vt_unscale(vt_tensor *params, int n, double scale, int *finite);

// layout: channels last keeps the channels of a pixel together (NHWC in memory)
char *vt_channels_last_(vt_tensor weight);
char *vt_as_channels_last(vt_tensor x, vt_tensor *out);

// images on the device, one row of bytes each
char *vt_rows(int64_t n, int64_t bytes, int device_type, int device_index, vt_tensor *out);
char *vt_put_rows(vt_tensor rows, int64_t first, const void *data, size_t bytes);
char *vt_take_rows(vt_tensor rows, vt_tensor index, vt_tensor *out);

// The calling thread's device, to which what names none goes: events, waiting for the
// device, the recording of graphs.
char *vt_use_device(int index);

// memory
char *vt_device_facts_of(int index, vt_device_facts *out);
char *vt_reset_peak(int index);
char *vt_empty_cache(void);

// a number on its way to the host
typedef void *vt_watch;
char *vt_watch_begin(vt_tensor number, vt_watch *out);
char *vt_watch_end(vt_watch watch, double *value); // waits for the number, no more; frees the watch

// counts on the device: hits += rows whose largest number is at the label
char *vt_count_hits(vt_tensor hits, vt_tensor scores, vt_tensor labels);

// a ring of host buffers that are copied while the device computes
typedef void *vt_ring;
char *vt_ring_open(int slots, int64_t bytes, int device_type, int device_index, vt_ring *out);
void *vt_ring_host(vt_ring ring, int slot);
char *vt_ring_wait(vt_ring ring, int slot); // until the slot's copy is done; any thread may call it
char *vt_ring_send(vt_ring ring, int slot, int64_t bytes, vt_tensor *out);
void vt_ring_close(vt_ring ring);

#ifdef __cplusplus
}
#endif
#endif
