#include "recording.h"

#include <algorithm>
#include <functional>
#include <mutex>

namespace standin {

namespace {

std::mutex &lock = *new std::mutex;
auto &recordings = *new std::map<cudaStream_t, Recording *>;

Tensor same_memory(const Tensor &t) {
  if (!t.defined() || !t.is_cuda())
    return t;
  Tensor out = at::detail::make_tensor<c10::TensorImpl>(c10::Storage(t.storage()), c10::DispatchKeySet(c10::DispatchKey::CUDA), t.dtype());
  out.unsafeGetTensorImpl()->set_sizes_and_strides(t.sizes(), t.strides(), t.storage_offset());
  return out;
}

IValue same_memory(const IValue &v) {
  if (v.isTensor())
    return same_memory(v.toTensor());
  if (!v.isList())
    return v;
  c10::List<IValue> list = v.toList();
  c10::impl::GenericList out(list.elementType());
  for (size_t i = 0; i < list.size(); i++)
    out.push_back(same_memory(IValue(list.get(i))));
  return out;
}

void each_tensor(const IValue &v, const std::function<void(const Tensor &)> &f) {
  if (v.isTensor() && v.toTensor().defined() && v.toTensor().is_cuda())
    f(v.toTensor());
  if (v.isTensorList())
    for (const Tensor &t : v.toTensorVector())
      each_tensor(t, f);
}

bool writes(const c10::FunctionSchema &schema, size_t i) {
  return schema.arguments()[i].alias_info() != nullptr && schema.arguments()[i].alias_info()->isWrite();
}

void keep(Recording &r, const Tensor &t) {
  Block *b = block_of(t);
  if (b == nullptr || r.before.count(b) != 0 || std::count(r.fresh.begin(), r.fresh.end(), b) != 0)
    return;
  open(b);
  r.before[b].assign(b->at, b->at + b->bytes);
  close(b);
}

} // namespace

Done Recording::run(const c10::OperatorHandle &op, const std::vector<IValue> &args) {
  bool touches = false, written = false;
  for (size_t i = 0; i < args.size(); i++) {
    TORCH_CHECK(!args[i].isGenerator(), "Cannot use a generator of its own while a graph is captured (", op.schema().name(), ")");
    each_tensor(args[i], [&](const Tensor &t) {
      touches = true;
      written = written || writes(op.schema(), i);
      keep(*this, t); // whatever the schema says: batch-norm's hides that it writes statistics
    });
  }
  std::vector<IValue> saved;
  for (const IValue &v : args)
    saved.push_back(same_memory(v));
  Done done = standin::run(op, args);
  if (done.fresh)
    for (const IValue &v : done.outs)
      each_tensor(v, [&](const Tensor &t) { fresh.push_back(block_of(t)); });
  std::vector<IValue> outs; // not the tensors themselves, which lead to all that made them
  for (const IValue &v : done.outs)
    outs.push_back(same_memory(v));
  if (touches && (written || done.fresh))
    steps.push_back({op, std::move(saved), std::move(outs)});
  else if (done.fresh) // empty memory: it must outlive the recording
    steps.push_back({op, {}, std::move(outs)});
  return done;
}

namespace {

void overwrite(const IValue &to, const IValue &from) {
  std::vector<Tensor> a, b;
  each_tensor(to, [&](const Tensor &t) { a.push_back(t); });
  each_tensor(from, [&](const Tensor &t) { b.push_back(t); });
  for (size_t i = 0; i < a.size(); i++) {
    Block *into = block_of(a[i]), *of = block_of(b[i]);
    if (into == of || into == nullptr)
      continue;
    open(into), open(of);
    memcpy(into->at, of->at, std::min(into->bytes, of->bytes));
    close(into), close(of);
  }
}

} // namespace

void record(cudaStream_t s, Recording *r) {
  std::lock_guard<std::mutex> guard(lock);
  if (r == nullptr)
    recordings.erase(s);
  else
    recordings[s] = r;
}

Recording *recording(int device) {
  std::lock_guard<std::mutex> guard(lock);
  auto r = recordings.find(current_stream(device));
  return r == recordings.end() ? nullptr : r->second;
}

void Recording::restore() {
  for (auto &b : before) {
    open(b.first);
    memcpy(b.first->at, b.second.data(), b.second.size());
    close(b.first);
  }
  before.clear();
}

void Recording::replay() {
  for (Step &s : steps) {
    if (s.args.empty())
      continue;
    std::vector<IValue> outs = standin::run(s.op, s.args).outs;
    for (size_t i = 0; i < outs.size(); i++)
      overwrite(s.outs[i], outs[i]);
  }
}

} // namespace standin
