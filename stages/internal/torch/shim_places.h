// Operations of nets that say where something is. Shapes: B images, H height, W
// width, N rows that are asked of them, h and w rows and columns of a grid of cells.
// Conventions of errors and tensors: shim.h.
#ifndef VERTEBRA_TORCH_SHIM_PLACES_H
#define VERTEBRA_TORCH_SHIM_PLACES_H
#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

// shares_N(h·w + 1): what a point is to each cell, and to nowhere where no cell is within reach
char *vt_cells(vt_tensor places, vt_tensor images, vt_tensor points, int64_t height, int64_t width, int64_t stride, double reach, vt_tensor *out);
// found_N(3·modes) of logits_N(h·w + 1)
char *vt_found(vt_tensor logits, int64_t columns, int64_t stride, int64_t radius, int64_t modes, vt_tensor *out);

#ifdef __cplusplus
}
#endif
#endif
