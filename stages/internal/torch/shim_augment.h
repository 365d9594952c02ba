// Operations of the augmentations, over whole batches. Shapes: B images, C
// channels, H height, W width; places are pixels from the image's centre, x to
// the right and y downwards. Conventions of errors and tensors: shim.h. The names
// begin with vta_, apart from those of the other files.
#ifndef VERTEBRA_TORCH_SHIM_AUGMENT_H
#define VERTEBRA_TORCH_SHIM_AUGMENT_H
#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

// geometry
char *vta_project(vt_tensor places, vt_tensor matrices, int64_t height, int64_t width, vt_tensor *out);
char *vta_displace(vt_tensor places, vt_tensor field, vt_tensor *out);
char *vta_sample(vt_tensor images, vt_tensor places, int mode, int border, double value, vt_tensor *out);

// random fields, from keys of two 32-bit words for each image
char *vta_random_field(vt_tensor keys, int64_t channels, int64_t height, int64_t width, int normal, vt_tensor *out);

// intensity
char *vta_smooth(vt_tensor images, vt_tensor sigmas, vt_tensor *out);
char *vta_power(vt_tensor images, vt_tensor exponents, vt_tensor *out);
char *vta_unary(vt_tensor x, int function, vt_tensor *out);
char *vta_turn_hue(vt_tensor images, vt_tensor turns, vt_tensor *out);
char *vta_image_means(vt_tensor images, vt_tensor *out);
char *vta_boxes(vt_tensor boxes, int64_t height, int64_t width, vt_tensor *out);
char *vta_where(vt_tensor mask, vt_tensor yes, vt_tensor no, vt_tensor *out);

// rows of a batch
char *vta_take_rows(vt_tensor x, vt_tensor indices, vt_tensor *out);
char *vta_put_rows(vt_tensor x, vt_tensor indices, vt_tensor rows, vt_tensor *out);
char *vta_take_columns(vt_tensor x, vt_tensor indices, vt_tensor *out);

#ifdef __cplusplus
}
#endif
#endif
