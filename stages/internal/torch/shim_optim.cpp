#include "shim_optim.h"
#include "shim_common.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <cmath>
#include <map>
#include <tuple>
#include <vector>

namespace {

using Tensors = std::vector<at::Tensor>;

// Weights that share rate, decay and step count, with all that belongs to them.
struct Group {
  Tensors weights, grads;
  std::vector<Tensors> state; // by slot
};

struct Setting {
  double rate, decay, share;
  int64_t step;
  double momenta = 0; // NAdam's product of all up to the step, which follows from it
  bool operator<(const Setting &o) const { return std::tie(rate, decay, share, step) < std::tie(o.rate, o.decay, o.share, o.step); }
};

// libtorch 1.13 lacks some operations on lists.
void sign_(Tensors &ts) {
#if __has_include(<ATen/ops/_foreach_sign.h>)
  at::_foreach_sign_(ts);
#else
  for (at::Tensor &t : ts)
    t.sign_();
#endif
}

void lerp_(Tensors &ts, const Tensors &to, double share) {
#if __has_include(<ATen/ops/_foreach_lerp.h>)
  at::_foreach_lerp_(ts, to, share);
#else
  for (size_t i = 0; i < ts.size(); i++)
    ts[i].lerp_(to[i], share);
#endif
}

void scale_(Tensors &ts, const at::Tensor &factor) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
  at::_foreach_mul_(ts, factor);
#else
  for (at::Tensor &t : ts)
    t.mul_(factor);
#endif
}

void clamp_(Tensors &ts, double limit) {
#if __has_include(<ATen/ops/_foreach_clamp_max.h>)
  at::_foreach_clamp_min_(ts, -limit);
  at::_foreach_clamp_max_(ts, limit);
#else
  for (at::Tensor &t : ts)
    t.clamp_(-limit, limit);
#endif
}

// ---- the rules; each changes g.weights and g.state ----

// Adam (Kingma and Ba 2015, algorithm 1) as torch.optim.Adam computes it: the
// second bias correction is applied to the root before eps is added. Keras adds
// eps first.
void adam(const vt_rule &r, const Setting &at, Group &g) {
  double t = static_cast<double>(at.step);
  at::_foreach_mul_(g.state[0], r.beta1);
  at::_foreach_add_(g.state[0], g.grads, 1 - r.beta1);
  at::_foreach_mul_(g.state[1], r.beta2);
  at::_foreach_addcmul_(g.state[1], g.grads, g.grads, 1 - r.beta2);
  auto roots = at::_foreach_sqrt(g.state[1]);
  double correction = std::sqrt(1 - std::pow(r.beta2, t));
  at::_foreach_div_(roots, correction);
  at::_foreach_add_(roots, r.eps_before_correction ? r.eps / correction : r.eps);
  at::_foreach_addcdiv_(g.weights, g.state[0], roots, -at.rate / (1 - std::pow(r.beta1, t)));
}

// RAdam (Liu et al. 2020, algorithm 2) as torch.optim.RAdam computes it: Adam
// whose step is held back while the second moment rests on few gradients.
void radam(const vt_rule &r, const Setting &at, Group &g) {
  double t = static_cast<double>(at.step), decay = std::pow(r.beta2, t);
  double longest = 2 / (1 - r.beta2) - 1, length = longest - 2 * t * decay / (1 - decay);
  double rate = at.rate / (1 - std::pow(r.beta1, t));
  at::_foreach_mul_(g.state[0], r.beta1);
  at::_foreach_add_(g.state[0], g.grads, 1 - r.beta1);
  at::_foreach_mul_(g.state[1], r.beta2);
  at::_foreach_addcmul_(g.state[1], g.grads, g.grads, 1 - r.beta2);
  if (length <= 5) {
    at::_foreach_add_(g.weights, g.state[0], -rate);
    return;
  }
  double share = std::sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
  auto roots = at::_foreach_sqrt(g.state[1]);
  at::_foreach_add_(roots, r.eps);
  at::_foreach_addcdiv_(g.weights, g.state[0], roots, -rate * share * std::sqrt(1 - decay));
}

// Stochastic gradient descent with momentum as torch.optim.SGD computes it: the
// first step fills the momentum with the gradient itself, undampened.
void sgd(const vt_rule &r, const Setting &at, Group &g) {
  if (r.momentum == 0) {
    at::_foreach_add_(g.weights, g.grads, -at.rate);
    return;
  }
  at::_foreach_mul_(g.state[0], r.momentum);
  at::_foreach_add_(g.state[0], g.grads, at.step == 1 ? 1.0 : 1 - r.dampening);
  if (r.nesterov)
    at::_foreach_add_(g.weights, at::_foreach_add(g.grads, g.state[0], r.momentum), -at.rate);
  else
    at::_foreach_add_(g.weights, g.state[0], -at.rate);
}

// RMSprop (Tieleman and Hinton 2012; centred: Graves 2013) as torch.optim.RMSprop
// computes it: eps is added to the root.
void rmsprop(const vt_rule &r, const Setting &at, Group &g) {
  at::_foreach_mul_(g.state[0], r.beta2);
  at::_foreach_addcmul_(g.state[0], g.grads, g.grads, 1 - r.beta2);
  Tensors roots;
  if (r.centered) {
    lerp_(g.state[1], g.grads, 1 - r.beta2);
    roots = at::_foreach_addcmul(g.state[0], g.state[1], g.state[1], -1);
    at::_foreach_sqrt_(roots);
  } else {
    roots = at::_foreach_sqrt(g.state[0]);
  }
  at::_foreach_add_(roots, r.eps);
  if (r.momentum == 0) {
    at::_foreach_addcdiv_(g.weights, g.grads, roots, -at.rate);
    return;
  }
  Tensors &momentum = g.state[r.centered ? 2 : 1];
  at::_foreach_mul_(momentum, r.momentum);
  at::_foreach_addcdiv_(momentum, g.grads, roots);
  at::_foreach_add_(g.weights, momentum, -at.rate);
}

// Lion (Chen et al. 2023, program 1): the sign of an average decides.
void lion(const vt_rule &r, const Setting &at, Group &g) {
  auto update = at::_foreach_mul(g.state[0], r.beta1);
  at::_foreach_add_(update, g.grads, 1 - r.beta1);
  sign_(update);
  at::_foreach_add_(g.weights, update, -at.rate);
  at::_foreach_mul_(g.state[0], r.beta2);
  at::_foreach_add_(g.state[0], g.grads, 1 - r.beta2);
}

// The momentum of NAdam at a step, and the product of all up to it.
double momentum_at(const vt_rule &r, int64_t step) { return r.beta1 * (1 - 0.5 * std::pow(0.96, step * r.momentum_decay)); }

double momenta_until(const vt_rule &r, int64_t step) {
  double product = 1;
  for (int64_t i = 1; i <= step && product > 1e-20; i++) // 1 less smaller ones is 1
    product *= momentum_at(r, i);
  return product;
}

// NAdam (Dozat 2016) as torch.optim.NAdam computes it: Adam that looks a step ahead, with
// a momentum that rises.
void nadam(const vt_rule &r, const Setting &at, Group &g) {
  double product = at.momenta, next = momentum_at(r, at.step + 1);
  lerp_(g.state[0], g.grads, 1 - r.beta1);
  at::_foreach_mul_(g.state[1], r.beta2);
  at::_foreach_addcmul_(g.state[1], g.grads, g.grads, 1 - r.beta2);
  auto roots = at::_foreach_sqrt(g.state[1]);
  at::_foreach_div_(roots, std::sqrt(1 - std::pow(r.beta2, static_cast<double>(at.step))));
  at::_foreach_add_(roots, r.eps);
  at::_foreach_addcdiv_(g.weights, g.grads, roots, -at.rate * (1 - momentum_at(r, at.step)) / (1 - product));
  at::_foreach_addcdiv_(g.weights, g.state[0], roots, -at.rate * next / (1 - product * next));
}

// The first half of LAMB: Adam's direction, with decay, takes the place of the gradient.
void lamb_direction(const vt_rule &r, const Setting &at, Group &g) {
  double t = static_cast<double>(at.step);
  lerp_(g.state[0], g.grads, 1 - r.beta1);
  at::_foreach_mul_(g.state[1], r.beta2);
  at::_foreach_addcmul_(g.state[1], g.grads, g.grads, 1 - r.beta2);
  auto roots = at::_foreach_sqrt(g.state[1]);
  at::_foreach_div_(roots, std::sqrt(1 - std::pow(r.beta2, t)));
  at::_foreach_add_(roots, r.eps);
  for (size_t i = 0; i < g.grads.size(); i++)
    g.grads[i].copy_(g.state[0][i]);
  at::_foreach_div_(g.grads, roots);
  at::_foreach_div_(g.grads, 1 - std::pow(r.beta1, t));
  if (at.decay != 0)
    at::_foreach_add_(g.grads, g.weights, at.decay);
}

// Schedule-free AdamW (Defazio et al. 2024, algorithm 1) as facebookresearch/schedule_free
// computes it: the weights are y, the first state is z, and their average x is not kept.
void schedule_free(const vt_rule &r, const Setting &at, Group &g) {
  at::_foreach_mul_(g.state[1], r.beta2);
  at::_foreach_addcmul_(g.state[1], g.grads, g.grads, 1 - r.beta2);
  auto roots = at::_foreach_div(g.state[1], 1 - std::pow(r.beta2, static_cast<double>(at.step)));
  at::_foreach_sqrt_(roots);
  at::_foreach_add_(roots, r.eps);
  auto directions = at::_foreach_div(g.grads, roots);
  if (at.decay != 0)
    at::_foreach_add_(directions, g.weights, at.decay);
  lerp_(g.weights, g.state[0], at.share);
  at::_foreach_add_(g.weights, directions, at.rate * (r.beta1 * (1 - at.share) - 1));
  at::_foreach_add_(g.state[0], directions, -at.rate);
}

// Lookahead (Zhang et al. 2019): every few steps the slow weights, which are
// the last slot, go a share of the way, and the fast ones begin there again.
void lookahead(const vt_rule &r, const Setting &at, Group &g) {
  if (r.lookahead_every == 0 || at.step % r.lookahead_every != 0)
    return;
  lerp_(g.state.back(), g.weights, r.lookahead_share);
  for (size_t i = 0; i < g.weights.size(); i++)
    g.weights[i].copy_(g.state.back()[i]);
}

// The second half of LAMB (You et al. 2020, algorithm 2; timm's Lamb): each tensor goes as
// far along its direction as it is long itself. As in timm, one without decay goes as far as Adam.
void lamb_steps(const vt_rule &r, const Setting &at, Group &g) {
  if (at.decay == 0 && r.always_adapt == 0) {
    at::_foreach_add_(g.weights, g.grads, -at.rate);
  } else {
    auto weights = at::_foreach_norm(g.weights), directions = at::_foreach_norm(g.grads);
    for (size_t i = 0; i < g.weights.size(); i++) {
      at::Tensor both = weights[i].gt(0).logical_and(directions[i].gt(0));
      at::Tensor ratio = at::where(both, weights[i] / directions[i], at::ones_like(weights[i]));
      g.weights[i].addcmul_(g.grads[i], ratio, -at.rate);
    }
  }
  lookahead(r, at, g);
}

void update(const vt_rule &r, const Setting &at, Group &g) {
  if (r.kind == VT_LAMB) {
    lamb_direction(r, at, g);
    return;
  }
  if (r.kind == VT_SCHEDULE_FREE) { // its decay is its own
    schedule_free(r, at, g);
    return;
  }
  if (at.decay != 0 && r.decoupled)
    at::_foreach_mul_(g.weights, 1 - at.rate * at.decay);
  if (at.decay != 0 && !r.decoupled)
    g.grads = at::_foreach_add(g.grads, g.weights, at.decay);
  switch (r.kind) {
  case VT_ADAM:
    adam(r, at, g);
    break;
  case VT_RADAM:
    radam(r, at, g);
    break;
  case VT_SGD:
    sgd(r, at, g);
    break;
  case VT_RMSPROP:
    rmsprop(r, at, g);
    break;
  case VT_LION:
    lion(r, at, g);
    break;
  case VT_NADAM:
    nadam(r, at, g);
    break;
  default:
    TORCH_CHECK(false, "there is no optimizer rule ", r.kind);
  }
  lookahead(r, at, g);
}

// ---- cutting into pieces that stay in a CPU's cache ----

constexpr int64_t piece = 1 << 15; // elements

bool alike(const Tensors &ts) {
  for (const at::Tensor &t : ts)
    if (!t.is_cpu() || !t.is_non_overlapping_and_dense() || t.sizes() != ts[0].sizes() || t.strides() != ts[0].strides())
      return false;
  return true;
}

// Runs work over rows of tensors, the i-th of each list together. On the CPU
// they are cut into pieces, so that the operations of work find their operands
// in the cache, and the pieces are shared out to the threads. Where the cuts are
// does not depend on the threads.
template <class F>
void in_pieces(const std::vector<Tensors> &lists, const F &work) {
  std::vector<std::vector<Tensors>> items;
  int64_t room = 0;
  for (size_t i = 0; i < lists[0].size(); i++) {
    Tensors row;
    for (const Tensors &list : lists)
      row.push_back(list[i].detach());
    int64_t total = row[0].numel();
    bool cut = alike(row);
    for (int64_t from = 0; from < total; from += piece) {
      int64_t length = cut ? std::min(piece, total - from) : total;
      if (length > room) {
        items.emplace_back(lists.size());
        room = piece;
      }
      room -= length;
      for (size_t j = 0; j < row.size(); j++)
        items.back()[j].push_back(cut ? row[j].as_strided({length}, {1}, row[j].storage_offset() + from) : row[j]);
      if (!cut)
        break;
    }
  }
  at::parallel_for(0, static_cast<int64_t>(items.size()), 1, [&](int64_t from, int64_t to) {
    at::NoGradGuard quiet;
    for (int64_t i = from; i < to; i++)
      work(items[i]);
  });
}

template <class F>
void everywhere(const std::vector<Tensors> &lists, const F &work) {
  if (lists[0].empty())
    return;
  if (lists[0][0].is_cpu()) {
    in_pieces(lists, work);
    return;
  }
  std::vector<Tensors> whole = lists;
  work(whole);
}

void run(const vt_rule &r, Setting at, const Group &g) {
  if (r.kind == VT_NADAM)
    at.momenta = momenta_until(r, at.step);
  std::vector<Tensors> lists = {g.weights, g.grads};
  lists.insert(lists.end(), g.state.begin(), g.state.end());
  everywhere(lists, [&](std::vector<Tensors> &part) {
    Group own{part[0], part[1], {part.begin() + 2, part.end()}};
    update(r, at, own);
  });
  if (r.kind == VT_LAMB) { // norms are those of whole tensors
    Group whole = g;
    lamb_steps(r, at, whole);
  }
}

// A gradient whose elements lie in another order than the weight's would send
// every list operation down its slow path.
void align(at::Tensor &weight) {
  at::Tensor &g = weight.mutable_grad();
  if (g.strides() != weight.strides() && weight.is_non_overlapping_and_dense())
    g = at::empty_like(weight).copy_(g);
}

at::Tensor clip(Tensors &grads, const vt_step_options &o) {
  if (o.clip_value > 0)
    everywhere({grads}, [&](std::vector<Tensors> &part) { clamp_(part[0], o.clip_value); });
  if (o.clip_norm <= 0 && !o.want_norm)
    return {};
  at::Tensor norm = at::stack(at::_foreach_norm(grads)).norm();
  if (o.clip_norm > 0) { // as torch.nn.utils.clip_grad_norm_
    at::Tensor factor = (o.clip_norm / (norm + 1e-6)).clamp_max(1);
    everywhere({grads}, [&](std::vector<Tensors> &part) { scale_(part[0], factor); });
  }
  return norm;
}

} // namespace

char *vt_step(const vt_rule *rule, vt_tensor *params, vt_tensor *slots, int nslots,
              const vt_param_options *options, int n, const vt_step_options *step, vt_tensor *norm) {
  return guarded([&] {
    at::NoGradGuard quiet;
    *norm = nullptr;
    Tensors grads;
    std::map<Setting, Group> groups;
    for (int i = 0; i < n; i++) {
      at::Tensor &weight = ref(params[i]);
      if (!weight.grad().defined())
        continue;
      align(weight);
      if (options[i].l2 != 0)
        weight.mutable_grad().add_(weight, 2 * options[i].l2);
      grads.push_back(weight.grad());
      Group &g = groups[Setting{options[i].rate, options[i].weight_decay, options[i].share, options[i].step}];
      g.weights.push_back(weight.detach());
      g.grads.push_back(weight.grad());
      g.state.resize(nslots);
      for (int j = 0; j < nslots; j++)
        g.state[j].push_back(ref(slots[j * n + i]));
    }
    if (grads.empty())
      return;
    if (at::Tensor total = clip(grads, *step); total.defined())
      *norm = give(total);
    for (auto &[setting, group] : groups)
      run(*rule, setting, group);
  });
}

char *vt_ascend_(vt_tensor *params, int n, double radius, int adaptive) {
  return guarded([&] {
    at::NoGradGuard quiet;
    Tensors weights, norms;
    for (at::Tensor &w : refs(params, n)) {
      if (!w.grad().defined())
        continue;
      weights.push_back(w);
      norms.push_back((adaptive != 0 ? w.abs() * w.grad() : w.grad()).norm());
    }
    if (weights.empty())
      return;
    at::Tensor factor = radius / (at::stack(norms).norm() + 1e-12);
    for (at::Tensor &w : weights) {
      if (adaptive != 0)
        w.addcmul_(w.square() * w.grad(), factor);
      else
        w.addcmul_(w.grad(), factor);
    }
  });
}

char *vt_zeros_like(vt_tensor t, vt_tensor *out) {
  return guarded([&] {
    at::NoGradGuard quiet;
    *out = give(at::zeros_like(ref(t).detach()));
  });
}

char *vt_average_(vt_tensor *averages, vt_tensor *weights, int n, double decay) {
  return guarded([&] {
    at::NoGradGuard quiet;
    everywhere({refs(averages, n), refs(weights, n)},
               [&](std::vector<Tensors> &part) { lerp_(part[0], part[1], 1 - decay); });
  });
}

char *vt_exchange_(vt_tensor *a, vt_tensor *b, int n) {
  return guarded([&] {
    at::NoGradGuard quiet;
    for (int i = 0; i < n; i++) {
      at::Tensor kept = ref(a[i]).detach().clone();
      ref(a[i]).copy_(ref(b[i]));
      ref(b[i]).copy_(kept);
    }
  });
}

char *vt_penalty(vt_tensor *weights, const vt_param_options *options, int n, vt_tensor *out) {
  return guarded([&] {
    at::NoGradGuard quiet;
    at::Tensor sum = at::zeros({}, ref(weights[0]).options());
    for (int i = 0; i < n; i++)
      if (options[i].l2 != 0)
        sum = sum + ref(weights[i]).square().sum() * options[i].l2;
    *out = give(sum);
  });
}
