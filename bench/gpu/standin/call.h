// One call of an operator: its tensors become the CPU's, which share their memory, and what
// the CPU's kernel makes of them goes back.
#pragma once
#include "standin.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <string>
#include <unordered_map>
#include <vector>

namespace standin {

using at::Tensor;
using c10::IValue;
using torch::jit::Stack;

cudaStream_t current_stream(int device);

inline Block *block_of(const Tensor &t) { return static_cast<Block *>(t.storage().data_ptr().get_context()); }

// The host must wait here, as it must for every number it reads.
void waits(const char *what, int device);

// Their index may lie on the host: CUDA copies it.
bool takes_indices(const std::string &name);

class Call {
  struct Pair {
    Tensor device, host;
  };
  const c10::OperatorHandle &op;
  std::vector<Pair> tensors;
  std::unordered_map<c10::StorageImpl *, c10::Storage> hosts; // by the device's storage
  std::unordered_map<c10::StorageImpl *, c10::Storage> origin; // by the host's
  std::vector<Block *> opened;

public:
  int where = -1; // the device, by number

  explicit Call(const c10::OperatorHandle &op) : op(op) {}

  ~Call() {
    for (Block *b : opened)
      close(b);
  }

  const std::string &name() const { return op.schema().name(); }

  IValue to_host(const IValue &v) {
    if (v.isTensor())
      return to_host(v.toTensor());
    if (v.isDevice() && v.toDevice().is_cuda()) {
      where = std::max<int>(0, v.toDevice().has_index() ? v.toDevice().index() : current());
      return c10::Device(c10::kCPU);
    }
    if (!v.isList())
      return v;
    c10::List<IValue> list = v.toList();
    c10::impl::GenericList out(list.elementType());
    for (size_t i = 0; i < list.size(); i++)
      out.push_back(to_host(IValue(list.get(i))));
    return out;
  }

  Tensor to_host(const Tensor &t) {
    if (!t.defined())
      return t;
    if (!t.is_cuda()) {
      same_device(t);
      return t;
    }
    TORCH_CHECK(where < 0 || where == t.get_device() || takes_indices(name()), "Expected all tensors to be on the same device, but found at least two devices, cuda:", where,
                " and cuda:", t.get_device(), "! (when checking ", name(), ")");
    where = t.get_device();
    Tensor host = at::detail::make_tensor<c10::TensorImpl>(host_storage(t), c10::DispatchKeySet(c10::DispatchKey::CPU), t.dtype());
    host.unsafeGetTensorImpl()->set_sizes_and_strides(t.sizes(), t.strides(), t.storage_offset());
    tensors.push_back({t, host});
    return host;
  }

  // Only a number may lie on the host: CUDA's elementwise kernels take it as an argument.
  void same_device(const Tensor &t) const {
    if (takes_indices(name()))
      return;
    TORCH_CHECK(t.dim() == 0, "Expected all tensors to be on the same device, but found at least two devices, cuda and ",
                t.device(), "! (when checking ", name(), ", a tensor of ", t.sizes(), ")");
    if (!t.unsafeGetTensorImpl()->is_wrapped_number())
      note("operand", name().c_str());
  }

  c10::Storage host_storage(const Tensor &t) {
    c10::StorageImpl *ours = t.storage().unsafeGetStorageImpl();
    auto found = hosts.find(ours);
    if (found != hosts.end())
      return found->second;
    void *at = ours->mutable_data();
    if (at != nullptr) {
      open(block_of(t));
      opened.push_back(block_of(t));
    }
    c10::Storage host(c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), ours->nbytes(),
                                                            c10::DataPtr(at, c10::Device(c10::kCPU)), at::getCPUAllocator(), true));
    hosts.emplace(ours, host);
    origin.emplace(host.unsafeGetStorageImpl(), t.storage());
    return host;
  }

  // What an operator did to the sizes of a tensor, or to its memory.
  void changed() {
    for (Pair &p : tensors) {
      c10::StorageImpl *host = p.host.storage().unsafeGetStorageImpl(), *ours = p.device.storage().unsafeGetStorageImpl();
      if (origin.find(host) != origin.end() && host->data() != ours->data()) {
        c10::DataPtr grown = copied(host->data(), host->nbytes());
        ours->set_data_ptr(std::move(grown));
        ours->set_nbytes(host->nbytes());
      }
      if (p.host.sizes() != p.device.sizes() || p.host.strides() != p.device.strides())
        p.device.unsafeGetTensorImpl()->set_sizes_and_strides(p.host.sizes(), p.host.strides(), p.host.storage_offset());
    }
  }

  c10::DataPtr copied(const void *from, size_t bytes) {
    c10::OptionalDeviceGuard guard(c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(where)));
    c10::DataPtr to = c10::GetAllocator(c10::kCUDA)->allocate(bytes);
    Block *b = static_cast<Block *>(to.get_context());
    open(b);
    if (bytes > 0)
      memcpy(b->at, from, bytes);
    close(b);
    return to;
  }

  IValue to_device(const IValue &v, bool &fresh) {
    if (v.isTensor())
      return to_device(v.toTensor(), fresh);
    if (!v.isTensorList())
      return v;
    c10::List<Tensor> out;
    for (const Tensor &t : v.toTensorVector())
      out.push_back(to_device(t, fresh));
    return out;
  }

  Tensor to_device(const Tensor &t, bool &fresh) {
    if (!t.defined())
      return t;
    for (Pair &p : tensors)
      if (p.host.is_same(t))
        return p.device;
    auto view = origin.find(t.storage().unsafeGetStorageImpl());
    c10::Storage storage;
    if (view != origin.end()) {
      storage = view->second;
    } else {
      fresh = true;
      size_t bytes = t.storage().nbytes();
      storage = c10::Storage(c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), bytes,
                                                                   copied(t.storage().data(), bytes), c10::GetAllocator(c10::kCUDA), true));
    }
    Tensor out = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(c10::DispatchKey::CUDA), t.dtype());
    out.unsafeGetTensorImpl()->set_sizes_and_strides(t.sizes(), t.strides(), t.storage_offset());
    return out;
  }
};

struct Done {
  std::vector<IValue> outs;
  bool fresh = false; // some output has memory of its own
  int where = 0;
};

// Runs an operator on the device; its copies aside, which know both sides.
Done run(const c10::OperatorHandle &, const std::vector<IValue> &args);

} // namespace standin
