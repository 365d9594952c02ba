// What gotch lacks, as plain C. Every function catches whatever C++ throws and
// returns it as a malloc'ed message in the same call (NULL: all is well), so no
// error can land on another thread. Tensors are at::Tensor*; a vt_tensor that a
// function hands out belongs to the caller.
#ifndef VERTEBRA_TORCH_SHIM_H
#define VERTEBRA_TORCH_SHIM_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void *vt_tensor;

// Where and what a tensor is: device_type 0 is the CPU, 1 is CUDA; dtype is
// PyTorch's ScalarType.
typedef struct {
  int64_t dims[8];
  int ndim;
  int dtype;
  int device_type;
  int device_index;
  int requires_grad;
} vt_info;

// process
const char *vt_version(void);
char *vt_set_threads(int n);
int vt_threads(void);
int64_t vt_heap(void); // bytes that C and C++ hold of the heap; −1 where the C library does not tell
int vt_cuda_devices(void);
int vt_built_for_cuda(void);
char *vt_device_name(int index, char *out, size_t size);
char *vt_synchronize(int device_type, int device_index);
char *vt_device_memory(int device_index, int64_t *allocated, int64_t *reserved, int64_t *peak);
char *vt_deterministic(int on);

// autograd
char *vt_set_grad_mode(int on, int *previous);
char *vt_requires_grad(vt_tensor t, int on);
char *vt_backward(vt_tensor loss);
char *vt_backward_from(vt_tensor made, vt_tensor slope);
// A leaf's gradient as the backward pass brings it, in its own order in memory: that of grad()
// is the leaf's.
typedef void *vt_slope;
char *vt_slope_open(vt_tensor leaf, vt_slope *out);
char *vt_slope_close(vt_slope slope, vt_tensor *out); // null where none came
char *vt_grad(vt_tensor t, vt_tensor *out); // *out is NULL where there is no gradient
char *vt_clear_grads(vt_tensor *ts, int n);

// making, freeing and moving
void vt_free(vt_tensor t);
char *vt_from_data(const void *data, size_t bytes, const int64_t *dims, int ndim, int dtype,
                   int device_type, int device_index, vt_tensor *out);
char *vt_zeros(const int64_t *dims, int ndim, int dtype, int device_type, int device_index, vt_tensor *out);
char *vt_read(vt_tensor t, void *out, size_t bytes, int dtype);
char *vt_clone(vt_tensor t, vt_tensor *out);
char *vt_detach(vt_tensor t, vt_tensor *out);
char *vt_to(vt_tensor t, int dtype, int device_type, int device_index, vt_tensor *out);
char *vt_describe(vt_tensor t, vt_info *out);
char *vt_pixels(vt_tensor bytes, int64_t channels, int64_t height, int64_t width,
                int bytes_per_pixel, double scale, vt_tensor *out);

// in place; never recorded by autograd
char *vt_copy_(vt_tensor dst, vt_tensor src);
char *vt_fill_(vt_tensor t, double value);
char *vt_uniform_(vt_tensor t, double low, double high, uint64_t seed);
char *vt_normal_(vt_tensor t, double mean, double std, uint64_t seed);

// operations
// rows: whole rows are dropped, and no single elements
char *vt_dropout(vt_tensor x, double p, uint64_t seed, int rows, vt_tensor *out);
char *vt_cross_entropy(vt_tensor logits, vt_tensor targets, vt_tensor weight, int reduction,
                       double label_smoothing, vt_tensor *out);
char *vt_affine(vt_tensor x, vt_tensor factor, vt_tensor addend, vt_tensor *out);
char *vt_clamp(vt_tensor x, double low, double high, vt_tensor *out);
char *vt_times(vt_tensor x, double factor, vt_tensor *out);
// softmax(q·kᵀ/√D)·v in one kernel, which keeps no scores; libtorch has it from 2.0 on
int vt_has_fused_attention(void);
char *vt_fused_attention(vt_tensor queries, vt_tensor keys, vt_tensor values, vt_tensor *out);
char *vt_view(vt_tensor x, const int64_t *dims, int ndim, vt_tensor *out);

#ifdef __cplusplus
}
#endif
#endif
