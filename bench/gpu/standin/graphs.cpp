// CUDA graphs: operators that are recorded instead of done, and done in a row later.
#include "recording.h"

#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAStream.h>

#include <mutex>
#include <unordered_map>

namespace {

std::mutex &lock = *new std::mutex;
auto &recorded = *new std::unordered_map<const void *, standin::Recording>;

standin::Recording &recording_of(const void *graph) {
  std::lock_guard<std::mutex> guard(lock);
  return recorded[graph];
}

} // namespace

namespace at::cuda {

CUDAGraph::CUDAGraph(bool keep) : capture_stream_(getCurrentCUDAStream()), keep_graph_(keep) {}

CUDAGraph::~CUDAGraph() {
  std::lock_guard<std::mutex> guard(lock);
  recorded.erase(this);
}

void CUDAGraph::capture_begin(MempoolId_t pool, cudaStreamCaptureMode) {
  capture_stream_ = getCurrentCUDAStream();
  TORCH_CHECK(capture_stream_ != getDefaultCUDAStream(), "CUDA graphs must be captured on a non-default stream.");
  mempool_id_ = pool.first != 0 ? pool : MempoolId_t{1, 0};
  standin::record(capture_stream_.stream(), &recording_of(this));
}

void CUDAGraph::capture_end() {
  TORCH_CHECK(getCurrentCUDAStream() == capture_stream_, "Capture must end on the same stream it began on.");
  standin::record(capture_stream_.stream(), nullptr);
  recording_of(this).restore();
  has_graph_exec_ = true;
}

void CUDAGraph::replay() {
  TORCH_CHECK(has_graph_exec_, "Called CUDAGraph::replay without a preceding successful capture.");
  recording_of(this).replay();
}

MempoolId_t CUDAGraph::pool() { return mempool_id_; }

} // namespace at::cuda
