#include "call.h"
#include "recording.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <c10/cuda/CUDAStream.h>

#include <set>

namespace standin {

cudaStream_t current_stream(int device) { return c10::cuda::getCurrentCUDAStream(static_cast<c10::DeviceIndex>(device)).stream(); }

void waits(const char *what, int device) {
  note("wait", what);
  TORCH_CHECK(recording(device) == nullptr, "CUDA error: operation not permitted when stream is capturing (", what, ")");
  flush(current_stream(device));
}

bool takes_indices(const std::string &name) { return name.find("index_put") != std::string::npos || name == "aten::index"; }

namespace {

// Their results have as many elements as the numbers say, which the host must know.
const std::set<std::string> waiting = {
    "aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select", "aten::_unique2", "aten::unique_dim",
    "aten::unique_consecutive", "aten::bincount", "aten::equal", "aten::repeat_interleave"};

} // namespace

Done run(const c10::OperatorHandle &op, const std::vector<IValue> &args) {
  at::AutoDispatchBelowADInplaceOrView below;
  Call call(op);
  Stack stack;
  for (const IValue &v : args)
    stack.push_back(call.to_host(v));
  if (call.where < 0)
    call.where = current();
  if (waiting.count(call.name()) != 0)
    waits(call.name().c_str(), call.where);
  flush(current_stream(call.where));
  op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), &stack);
  call.changed();
  Done done;
  done.where = call.where;
  for (const IValue &v : stack)
    done.outs.push_back(call.to_device(v, done.fresh));
  return done;
}

} // namespace standin
