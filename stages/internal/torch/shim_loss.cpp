#include "shim_loss.h"
#include "shim_common.h"

#include <limits>

namespace {

// Losses are computed in float32 whatever the net computes in; doubles stay.
at::Tensor exact(const at::Tensor &t) { return t.scalar_type() == at::kDouble ? t : t.to(at::kFloat); }

// A batch with every optional thing filled in.
struct Batch {
  at::Tensor logits;  // (B, O)
  at::Tensor shares;  // (B, K)
  at::Tensor weights; // (B, K): of the classes, 1 where there are none
  at::Tensor cases;   // (B): of the samples, 0 for an ignored one
  at::Tensor counted; // (B): 1, or 0 for an ignored one
  at::Tensor divisor;
  int reduction;

  explicit Batch(const vt_targets &t) : logits(exact(ref(t.logits))), reduction(t.reduction) {
    auto like = logits.options();
    int64_t size = logits.size(0);
    if (t.shares != nullptr) {
      shares = ref(t.shares).to(like);
      counted = at::ones({size}, like);
    } else {
      const at::Tensor &labels = ref(t.labels);
      shares = at::zeros({size, t.classes}, like).scatter_(1, labels.clamp_min(0).unsqueeze(1), 1);
      counted = labels.ge(0).to(like.dtype());
    }
    TORCH_CHECK(shares.size(0) == size && shares.size(1) == t.classes, "targets of shape ", shares.sizes(), " for ", size,
                " outputs of ", t.classes, " classes");
    weights = t.class_weights != nullptr ? ref(t.class_weights).to(like).expand_as(shares) : at::ones_like(shares);
    cases = t.sample_weights != nullptr ? ref(t.sample_weights).to(like) * counted : counted;
    if (t.divisor != nullptr)
      divisor = ref(t.divisor).to(like.dtype());
  }

  int64_t classes() const { return shares.size(1); }
  at::Tensor weight() const { return (shares * weights).sum(1); } // (B)

  // tasks is how many numbers each case adds to the mean: (B), or undefined for one.
  at::Tensor divide_by(const at::Tensor &tasks = {}) const {
    at::Tensor each = reduction == VT_WEIGHTED_MEAN ? cases * weight() : counted;
    return (tasks.defined() ? each * tasks : each).sum();
  }

  // Reduces losses_B, which hold the class weights already.
  at::Tensor reduce(const at::Tensor &losses, const at::Tensor &tasks = {}) const {
    // A case that counts nothing must not bring in 0 · ∞.
    at::Tensor sum = at::where(cases.ne(0), losses * cases, at::zeros_like(losses)).sum();
    if (reduction == VT_SUM)
      return sum;
    at::Tensor by = divisor.defined() ? divisor : divide_by(tasks);
    return sum / by.clamp_min(std::numeric_limits<float>::min());
  }
};

// Cases of class k pass k conditional tasks, and one more unless it is the last.
at::Tensor corn_tasks(const Batch &b) {
  at::Tensor of_class = at::arange(1, b.classes() + 1, b.logits.options()).clamp_max(b.classes() - 1);
  return at::mv(b.shares, of_class);
}

// x^γ whose gradient stays finite at 0 for γ < 1.
at::Tensor power(const at::Tensor &x, double gamma) { return x.clamp_min(1e-12).pow(gamma); }

// above_BT: the share of class > task.
at::Tensor above(const Batch &b) {
  at::Tensor from = b.shares.flip(1).cumsum(1).flip(1); // share of class ≥ k
  return from.slice(1, 1);
}

void want_outputs(const Batch &b, int64_t n) {
  TORCH_CHECK(b.logits.dim() == 2 && b.logits.size(1) == n, "the loss wants ", n, " outputs for ", b.classes(),
              " classes, there are outputs of shape ", b.logits.sizes());
}

template <class F>
char *loss(const vt_targets *t, vt_tensor *out, F formula) {
  return guarded([&] {
    Batch b(*t);
    *out = give(formula(b));
  });
}

at::Tensor negative_log_likelihood(const Batch &b, const at::Tensor &log_probabilities) {
  return -(b.shares * b.weights * log_probabilities).sum(1);
}

} // namespace

char *vt_divisor(const vt_targets *t, int tasks, vt_tensor *out) {
  return guarded([&] {
    at::NoGradGuard quiet;
    Batch b(*t);
    *out = give(tasks != 0 ? b.divide_by(corn_tasks(b)) : b.divide_by());
  });
}

char *vt_loss_cross_entropy(const vt_targets *t, double smoothing, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes());
    at::Tensor targets = b.shares * (1 - smoothing) + smoothing / static_cast<double>(b.classes());
    return b.reduce(-(targets * b.weights * at::log_softmax(b.logits, 1)).sum(1));
  });
}

char *vt_loss_of_costs(const vt_targets *t, vt_tensor costs, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    at::Tensor each = exact(ref(costs));
    TORCH_CHECK(each.sizes() == b.shares.sizes(), "costs of shape ", each.sizes(), " for targets of shape ", b.shares.sizes());
    return b.reduce((b.shares * b.weights * each).sum(1));
  });
}

// 1 − p is computed as −expm1(log p), which keeps its digits where p is near 1.
char *vt_loss_focal(const vt_targets *t, double gamma, vt_tensor alpha, double clip, int class_mean, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes());
    at::Tensor logs = at::log_softmax(b.logits, 1), rest = -at::expm1(logs);
    if (clip > 0) {
      at::Tensor p = logs.exp().clamp(clip, 1 - clip);
      logs = p.log();
      rest = 1 - p;
    }
    at::Tensor terms = -b.shares * b.weights * logs;
    if (gamma != 0)
      terms = terms * power(rest, gamma);
    if (alpha != nullptr)
      terms = terms * ref(alpha).to(b.logits.dtype());
    return b.reduce(class_mean != 0 ? terms.mean(1) : terms.sum(1));
  });
}

char *vt_loss_asymmetric(const vt_targets *t, double gamma_positive, double gamma_negative, double smoothing, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes());
    at::Tensor logs = at::log_softmax(b.logits, 1), p = logs.exp(), rest = -at::expm1(logs);
    at::Tensor focus = at::ones_like(p);
    if (gamma_positive != 0)
      focus = focus * (b.shares * power(rest, gamma_positive) + (1 - b.shares));
    if (gamma_negative != 0)
      focus = focus * ((1 - b.shares) * power(p, gamma_negative) + b.shares);
    at::Tensor targets = b.shares * (1 - smoothing) + smoothing / static_cast<double>(b.classes());
    return b.reduce(-(targets * b.weights * focus * logs).sum(1));
  });
}

char *vt_loss_asymmetric_sigmoid(const vt_targets *t, double gamma_positive, double gamma_negative, double margin, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes());
    at::Tensor p = at::sigmoid(b.logits), not_p = at::sigmoid(-b.logits);
    at::Tensor log_not = at::log_sigmoid(-b.logits), shifted = p;
    if (margin > 0) { // easy negatives, of p below the margin, count nothing
      shifted = (p - margin).clamp_min(0);
      log_not = at::log(1 - shifted);
    }
    at::Tensor positive = at::log_sigmoid(b.logits), negative = log_not;
    if (gamma_positive != 0)
      positive = positive * power(not_p, gamma_positive);
    if (gamma_negative != 0)
      negative = negative * power(shifted, gamma_negative);
    return b.reduce(-(b.weights * (b.shares * positive + (1 - b.shares) * negative)).sum(1));
  });
}

char *vt_loss_ldam(const vt_targets *t, vt_tensor margins, double scale, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes());
    at::Tensor shifted = (b.logits - b.shares * ref(margins).to(b.logits.dtype())) * scale;
    return b.reduce(negative_log_likelihood(b, at::log_softmax(shifted, 1)));
  });
}

char *vt_loss_coral(const vt_targets *t, vt_tensor importance, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes() - 1);
    at::Tensor yes = above(b);
    at::Tensor terms = yes * at::log_sigmoid(b.logits) + (1 - yes) * at::log_sigmoid(-b.logits);
    if (importance != nullptr)
      terms = terms * ref(importance).to(b.logits.dtype());
    return b.reduce(-terms.sum(1) * b.weight());
  });
}

char *vt_loss_corn(const vt_targets *t, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes() - 1);
    at::Tensor yes = above(b), no = b.shares.slice(1, 0, b.classes() - 1); // class > task; class = task
    at::Tensor terms = yes * at::log_sigmoid(b.logits) + no * at::log_sigmoid(-b.logits);
    return b.reduce(-terms.sum(1) * b.weight(), corn_tasks(b));
  });
}

namespace {

// log P(class): the first output is z₁ = logit P(class > 0), each later one
// makes z_k = z_{k−1} − softplus(o_k). As σ(a) − σ(a − softplus(o)) =
// σ(a) · σ(softplus(o) − a) · σ(o), no difference of sigmoids is computed.
at::Tensor cumulative_logs(const at::Tensor &outputs) {
  at::Tensor gaps = outputs.slice(1, 1), first = outputs.slice(1, 0, 1);
  at::Tensor z = at::cat({first, first - at::softplus(gaps).cumsum(1)}, 1);
  at::Tensor up = at::log_sigmoid(z), down = at::log_sigmoid(-z);
  int64_t n = z.size(1);
  at::Tensor middle = up.slice(1, 0, n - 1) + down.slice(1, 1) + at::log_sigmoid(gaps);
  return at::cat({down.slice(1, 0, 1), middle, up.slice(1, n - 1)}, 1);
}

} // namespace

char *vt_loss_cumulative(const vt_targets *t, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes() - 1);
    return b.reduce(negative_log_likelihood(b, cumulative_logs(b.logits)));
  });
}

namespace {

// log(1 − p) of each class, from log p: the logarithm of the sum over the other classes,
// which keeps its digits where p is near 1.
at::Tensor log_rest(const at::Tensor &logs) {
  int64_t k = logs.size(1);
  at::Tensor itself = at::eye(k, logs.options()).to(at::kBool);
  at::Tensor others = logs.unsqueeze(1).expand({-1, k, k}).masked_fill(itself, -std::numeric_limits<double>::infinity());
  return at::logsumexp(others, 2);
}

} // namespace

char *vt_loss_of_table(const vt_targets *t, vt_tensor table, int rest, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes());
    at::Tensor logs = at::log_softmax(b.logits, 1);
    if (rest != 0)
      logs = log_rest(logs);
    // No matrix product, which a GPU may round to TF32.
    at::Tensor costs = -(logs.unsqueeze(1) * ref(table).to(b.logits.dtype())).sum(2);
    return b.reduce((b.shares * b.weights * costs).sum(1));
  });
}

char *vt_loss_earth_mover(const vt_targets *t, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes());
    at::Tensor moved = (at::softmax(b.logits, 1) - b.shares).cumsum(1);
    return b.reduce(moved.square().sum(1) * b.weight());
  });
}

// Of each class in each group: the mean over pairs of a case of the class and one of another,
// whose weights are the products of the cases'; then the mean over what has pairs.
char *vt_loss_pairs(const vt_targets *t, vt_tensor members, double margin, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes());
    at::Tensor logs = at::log_softmax(b.logits, 1), odds = logs - log_rest(logs);
    at::Tensor places = ref(members).clamp_min(0), there = ref(members).ge(0).to(b.logits.dtype());
    at::Tensor scores = odds.index({places}), yes = b.shares.index({places}); // (G, L, K)
    at::Tensor cases = (b.cases.index({places}) * there).unsqueeze(2);
    at::Tensor weights = (yes * cases).unsqueeze(2) * ((1 - yes) * cases).unsqueeze(1); // (G, L, L, K)
    int64_t rows = places.size(1);
    weights = weights * (1 - at::eye(rows, weights.options())).unsqueeze(2); // a mixed case is no pair with itself
    at::Tensor costs = (margin - (scores.unsqueeze(2) - scores.unsqueeze(1))).clamp_min(0).square();
    at::Tensor sums = (weights * costs).sum({1, 2}), pairs = weights.sum({1, 2}); // (G, K)
    at::Tensor of_class = (b.weights.index({places}) * there.unsqueeze(2)).amax(1); // a group has the weights of its target
    of_class = of_class * pairs.gt(0).to(of_class.dtype());
    // By 1 where there is nothing: a tiny number would make gradients infinite, and 0 of these no number.
    auto some = [](const at::Tensor &x) { return at::where(x.gt(0), x, at::ones_like(x)); };
    return (of_class * (sums / some(pairs))).sum() / some(of_class.sum());
  });
}

char *vt_loss_kappa(const vt_targets *t, double power, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, b.classes());
    at::Tensor p = at::softmax(b.logits, 1), own = b.cases * b.weight();
    at::Tensor place = at::arange(b.classes(), b.logits.options());
    at::Tensor cost = (place.unsqueeze(0) - place.unsqueeze(1)).abs().pow(power);
    at::Tensor weighed = b.shares * own.unsqueeze(1); // (B, K)
    at::Tensor observed = (at::mm(weighed, cost) * p).sum();
    at::Tensor truth = weighed.sum(0), guesses = (p * own.unsqueeze(1)).sum(0);
    at::Tensor expected = (at::mv(cost, guesses) * truth).sum() / own.sum().clamp_min(std::numeric_limits<float>::min());
    return at::log(observed / (expected + 1e-10) + 1e-6);
  });
}

namespace {

at::Tensor ratio(const at::Tensor &sum, const at::Tensor &by) { return sum / by.clamp_min(std::numeric_limits<float>::min()); }

// The canal's rows of each study of a batch.
struct Canals {
  const Batch &b;
  at::Tensor logs, places, missing; // (B, 3), (G, L), (G, L)

  Canals(const Batch &b, const at::Tensor &logs, const at::Tensor &members) : b(b), logs(logs), places(members.clamp_min(0)) {
    missing = members.lt(0).logical_or(b.counted.index({places}).eq(0));
  }

  // (G, L) of values (B), other where there is no row.
  at::Tensor rows(const at::Tensor &values, double other) const { return values.index({places}).masked_fill(missing, other); }

  // The losses (G) of "some row is severe". The largest probability has the
  // largest logarithm, and its complement the smallest one.
  at::Tensor any_severe(double temperature) const {
    at::Tensor severe = logs.select(1, 2), y = std::get<0>(rows(b.shares.select(1, 2), 0).max(1));
    at::Tensor yes, no;
    if (temperature > 0) {
      at::Tensor p = rows(severe.exp(), 0), share = at::softmax(p.masked_fill(missing, -1e4) / temperature, 1);
      at::Tensor mean = (p * share).sum(1).clamp(1e-7, 1 - 1e-7);
      yes = mean.log();
      no = at::log1p(-mean);
    } else {
      yes = rows(severe, -1e30).amax(1);
      no = rows(at::logsumexp(logs.slice(1, 0, 2), 1), 0).amin(1);
    }
    return -y * yes - (1 - y) * no;
  }
};

} // namespace

char *vt_loss_rsna(const vt_targets *t, vt_tensor conditions, vt_tensor members, double any_weight,
                   double temperature, vt_tensor *out) {
  return loss(t, out, [&](const Batch &b) {
    want_outputs(b, 3);
    at::Tensor logs = at::log_softmax(b.logits, 1), own = b.cases * b.weight(); // (B)
    at::Tensor each = b.cases * negative_log_likelihood(b, logs);
    at::Tensor sum = at::zeros({}, b.logits.options()), terms = at::zeros({}, b.logits.options());
    for (int c = 0; c < 3; c++) {
      at::Tensor in = ref(conditions).eq(c).to(own.dtype()), weight = (in * own).sum();
      sum = sum + ratio((in * each).sum(), weight);
      terms = terms + weight.gt(0).to(own.dtype());
    }
    if (members != nullptr && any_weight > 0) {
      Canals canals(b, logs, ref(members));
      at::Tensor weight = std::get<0>(canals.rows(own, 0).max(1)), total = weight.sum(); // (G)
      sum = sum + ratio((weight * canals.any_severe(temperature)).sum(), total) * any_weight;
      terms = terms + total.gt(0).to(own.dtype()) * any_weight;
    }
    return ratio(sum, terms);
  });
}

char *vt_probabilities(vt_tensor logits, int kind, vt_tensor *out) {
  return guarded([&] {
    at::Tensor z = exact(ref(logits));
    if (kind == VT_CUMULATIVE) {
      *out = give(cumulative_logs(z).exp());
      return;
    }
    at::Tensor p = at::sigmoid(z);
    if (kind == VT_SIGMOIDS) {
      *out = give(p / p.sum(1, true).clamp_min(std::numeric_limits<float>::min()));
      return;
    }
    // P(class > k), which must not rise with k: CORN's outputs are conditional,
    // CORAL's fall by themselves where its weights are shared.
    p = kind == VT_CORN ? p.cumprod(1) : std::get<0>(p.cummin(1));
    at::Tensor one = at::ones_like(p.slice(1, 0, 1)); // without naming the batch's size, which a trace would keep
    *out = give(at::cat({one, p}, 1) - at::cat({p, at::zeros_like(one)}, 1));
  });
}
