// Optimizer steps and averages of weights, each one call over all parameters.
// Conventions are those of shim.h. Nothing is read back from the device.
#ifndef VERTEBRA_TORCH_SHIM_OPTIM_H
#define VERTEBRA_TORCH_SHIM_OPTIM_H
#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { VT_ADAM, VT_SGD, VT_RMSPROP, VT_RADAM, VT_LION, VT_NADAM, VT_LAMB, VT_SCHEDULE_FREE };

typedef struct {
  double rate;
  double weight_decay;
  double l2;    // l2 · |w|² joins the loss: 2 · l2 · w joins the gradient, before clipping
  int64_t step; // counts from 1
  double share; // schedule-free AdamW: of the step in the average of all
} vt_param_options;

typedef struct {
  int kind;
  int decoupled;            // decay shrinks the weight instead of joining the gradient
  double beta1, beta2, eps; // Adam, RAdam, Lion, NAdam, LAMB; RMSprop's smoothing is beta2
  double momentum, dampening;
  double momentum_decay; // NAdam
  int always_adapt;      // LAMB: also where there is no decay
  int nesterov, centered, eps_before_correction;
  int64_t lookahead_every; // 0: no lookahead
  double lookahead_share;
} vt_rule;

// What is done to all gradients before the update.
typedef struct {
  double clip_value; // 0: off
  double clip_norm;  // 0: off
  int want_norm;     // the norm is given back even where nothing is clipped
} vt_step_options;

// slots holds the state: first one tensor for each parameter, then the next kind
// of tensor for each, in the order of Rule.Slots. A parameter without a gradient
// is passed over. *norm becomes the norm of all gradients together before
// clipping, or NULL.
char *vt_step(const vt_rule *rule, vt_tensor *params, vt_tensor *slots, int nslots,
              const vt_param_options *options, int n, const vt_step_options *step, vt_tensor *norm);

// Moves each parameter along its gradient, or with adaptive along its gradient times its own square,
// so that all moves together are radius long; with adaptive, as lengths are measured in parts of the
// parameters (Foret et al. 2021, equation 2; Kwon et al. 2021, equation 8).
char *vt_ascend_(vt_tensor *params, int n, double radius, int adaptive);

char *vt_zeros_like(vt_tensor t, vt_tensor *out);
char *vt_average_(vt_tensor *averages, vt_tensor *weights, int n, double decay);
char *vt_exchange_(vt_tensor *a, vt_tensor *b, int n);
char *vt_penalty(vt_tensor *weights, const vt_param_options *options, int n, vt_tensor *out);

#ifdef __cplusplus
}
#endif
#endif
