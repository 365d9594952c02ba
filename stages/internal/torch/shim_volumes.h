// Operations on volumes (B, C, D, H, W). Conventions of errors and tensors: shim.h.
#ifndef VERTEBRA_TORCH_SHIM_VOLUMES_H
#define VERTEBRA_TORCH_SHIM_VOLUMES_H
#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

// The largest number of each window within slices (H, W), and of each window through them (D).
char *vt_max_within(vt_tensor x, int64_t kernel, int64_t stride, int64_t padding, vt_tensor *out);
char *vt_max_through(vt_tensor x, int64_t kernel, int64_t stride, int64_t padding, vt_tensor *out);

#ifdef __cplusplus
}
#endif
#endif
