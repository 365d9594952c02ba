// libtorch's operators for the device: all are the CPU's, but for copies, and for what
// libtorch has for CUDA alone.
#include "recording.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/native/transformers/attention.h>
#include <torch/library.h>

namespace standin {

namespace {

void fallback(const c10::OperatorHandle &op, Stack *stack) {
  std::vector<IValue> args = torch::jit::pop(*stack, op.schema().arguments().size());
  Recording *r = recording(current());
  Done done = r != nullptr ? r->run(op, args) : run(op, args);
  for (IValue &v : done.outs)
    stack->push_back(std::move(v));
}

const c10::OperatorHandle &copy_op() {
  static auto op = c10::Dispatcher::singleton().findSchemaOrThrow("aten::copy_", "");
  return op;
}

// Between host and device. What is asynchronous there is put off, as long as CUDA might.
Tensor &copy_(Tensor &self, const Tensor &src, bool non_blocking) {
  if (self.is_cuda() && src.is_cuda() && self.get_device() == src.get_device()) {
    Stack stack = {self, src, non_blocking};
    fallback(copy_op(), &stack);
    return self;
  }
  at::AutoDispatchBelowADInplaceOrView below;
  const Tensor &there = self.is_cuda() ? self : src, &here = self.is_cuda() ? src : self;
  const bool later = non_blocking && here.is_cpu() && is_pinned(here.data_ptr());
  auto move = [self, src, there]() mutable {
    Call call(copy_op());
    Tensor host = call.to_host(there);
    self.is_cuda() ? host.copy_(src) : self.copy_(host);
  };
  if (here.is_cuda()) { // from one device to another
    Call a(copy_op()), b(copy_op());
    Tensor to = a.to_host(self);
    flush_all();
    to.copy_(b.to_host(src));
  } else if (!later) {
    waits(self.is_cuda() ? "copy_ of unpinned memory to the device" : "copy_ to the host", there.get_device());
    move();
  } else if (self.is_cuda()) {
    enqueue(current_stream(self.get_device()), move);
  } else {
    flush(current_stream(src.get_device()));
    Call call(copy_op());
    Tensor now = call.to_host(src).clone();
    Tensor to = self;
    enqueue(current_stream(src.get_device()), [to, now]() mutable {
      at::AutoDispatchBelowADInplaceOrView inner;
      to.copy_(now);
    });
  }
  return self;
}

int64_t by_products(const Tensor &, const Tensor &, const Tensor &, const std::optional<Tensor> &, double, bool,
                    std::optional<double>, bool) {
  return 0; // SDPBackend::math
}

// An LSTM's step and its slopes, which the CPU has no kernel for. Gates in libtorch's order:
// input, forget, cell, output.
std::tuple<Tensor, Tensor, Tensor> lstm_cell(const Tensor &from_input, const Tensor &from_hidden, const Tensor &c,
                                             const std::optional<Tensor> &bias_input, const std::optional<Tensor> &bias_hidden) {
  Tensor all = from_input + from_hidden;
  for (const auto &bias : {bias_input, bias_hidden})
    if (bias && bias->defined())
      all = all + *bias;
  auto gates = all.chunk(4, 1);
  Tensor i = gates[0].sigmoid(), f = gates[1].sigmoid(), g = gates[2].tanh(), o = gates[3].sigmoid();
  Tensor next = f * c + i * g;
  return {o * next.tanh(), next, at::cat({i, f, g, o}, 1)};
}

std::tuple<Tensor, Tensor, Tensor> lstm_cell_backward(const std::optional<Tensor> &grad_h, const std::optional<Tensor> &grad_c,
                                                      const Tensor &c, const Tensor &next, const Tensor &workspace, bool bias) {
  auto gates = workspace.chunk(4, 1);
  const Tensor &i = gates[0], &f = gates[1], &g = gates[2], &o = gates[3];
  Tensor t = next.tanh();
  Tensor slope_h = grad_h && grad_h->defined() ? *grad_h : at::zeros_like(c);
  Tensor slope_c = slope_h * o * (1 - t * t);
  if (grad_c && grad_c->defined())
    slope_c = slope_c + *grad_c;
  Tensor all = at::cat({slope_c * g * i * (1 - i), slope_c * c * f * (1 - f), slope_c * i * (1 - g * g), slope_h * t * o * (1 - o)}, 1);
  return {all, slope_c * f, bias ? all.sum(0) : Tensor()};
}

} // namespace
} // namespace standin

namespace at::native {
REGISTER_CUDA_DISPATCH(_fused_sdp_choice_stub, &standin::by_products);
}

TORCH_LIBRARY_IMPL(_, CUDA, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&standin::fallback>()); }

// These have kernels for all devices, which ask for what CUDA alone has.
TORCH_LIBRARY_IMPL(aten, CUDA, m) {
  m.impl("copy_", &standin::copy_);
  m.impl("convolution", torch::CppFunction::makeFromBoxedFunction<&standin::fallback>());
  m.impl("_thnn_fused_lstm_cell", &standin::lstm_cell);
  m.impl("_thnn_fused_lstm_cell_backward_impl", &standin::lstm_cell_backward);
  m.impl("convolution_backward", torch::CppFunction::makeFromBoxedFunction<&standin::fallback>());
}

