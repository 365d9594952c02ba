// Classification losses, each one call that gives one number with gradients.
// Conventions are those of shim.h; a tensor that may be missing is NULL.
#ifndef VERTEBRA_TORCH_SHIM_LOSS_H
#define VERTEBRA_TORCH_SHIM_LOSS_H
#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

// A batch of B outputs and what they should be, of K classes.
typedef struct {
  vt_tensor logits;         // (B, O); O is K unless the loss says otherwise
  vt_tensor labels;         // (B) int64, negative: ignored; NULL where there are shares
  vt_tensor shares;         // (B, K), rows sum to 1; NULL where there are labels
  vt_tensor class_weights;  // (K) or NULL
  vt_tensor sample_weights; // (B) or NULL
  vt_tensor divisor;        // () or NULL: computed from the batch
  int64_t classes;
  int reduction; // see VT_MEAN
} vt_targets;

// Of Σ weight · loss: divided by the cases, by the weights, or not at all.
enum { VT_MEAN, VT_WEIGHTED_MEAN, VT_SUM };

char *vt_divisor(const vt_targets *t, int tasks, vt_tensor *out);
// costs: (B, K), of taking each class for the true one.
char *vt_loss_of_costs(const vt_targets *t, vt_tensor costs, vt_tensor *out);
char *vt_loss_cross_entropy(const vt_targets *t, double smoothing, vt_tensor *out);
char *vt_loss_focal(const vt_targets *t, double gamma, vt_tensor alpha, double clip, int class_mean, vt_tensor *out);
char *vt_loss_asymmetric(const vt_targets *t, double gamma_positive, double gamma_negative, double smoothing, vt_tensor *out);
char *vt_loss_asymmetric_sigmoid(const vt_targets *t, double gamma_positive, double gamma_negative, double margin, vt_tensor *out);
char *vt_loss_ldam(const vt_targets *t, vt_tensor margins, double scale, vt_tensor *out);
char *vt_loss_coral(const vt_targets *t, vt_tensor importance, vt_tensor *out);
char *vt_loss_corn(const vt_targets *t, vt_tensor *out);
char *vt_loss_cumulative(const vt_targets *t, vt_tensor *out);
// table: (K, K), of class k the numbers that −log p, or −log(1 − p) where rest is not 0, of
// each class is multiplied by.
char *vt_loss_of_table(const vt_targets *t, vt_tensor table, int rest, vt_tensor *out);
char *vt_loss_earth_mover(const vt_targets *t, vt_tensor *out);
// members: (G, L) int64, the rows that are ranked among each other, negative where there are fewer.
char *vt_loss_pairs(const vt_targets *t, vt_tensor members, double margin, vt_tensor *out);
char *vt_loss_kappa(const vt_targets *t, double power, vt_tensor *out);

// conditions: (B) int64, one of 0, 1, 2, or negative: in none. members: (G, L)
// int64, the rows of each study's canal, negative where a study has fewer.
char *vt_loss_rsna(const vt_targets *t, vt_tensor conditions, vt_tensor members, double any_weight,
                   double temperature, vt_tensor *out);

// Probabilities (B, K) of the outputs of ordinal losses and of independent
// sigmoids.
enum { VT_CORAL, VT_CORN, VT_CUMULATIVE, VT_SIGMOIDS };
char *vt_probabilities(vt_tensor logits, int kind, vt_tensor *out);

#ifdef __cplusplus
}
#endif
#endif
