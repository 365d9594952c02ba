#include "shim_graph.h"
#include "shim_common.h"

#include <torch/version.h>

// CUDAGraph's modes of recording came with libtorch 2.1.
#if defined(VERTEBRA_CUDA) && (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1))
#define VERTEBRA_GRAPHS
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <map>
#endif

#ifdef VERTEBRA_GRAPHS
namespace {

using c10::cuda::CUDAStream;

// One stream for all recordings of a thread: libtorch keeps a workspace of up to 32 MB for
// cuBLAS for each stream that it was ever used on, and never lets go of it.
CUDAStream recording_stream(c10::DeviceIndex device) {
  thread_local std::map<c10::DeviceIndex, CUDAStream> streams;
  auto at = streams.find(device);
  if (at == streams.end())
    at = streams.emplace(device, c10::cuda::getStreamFromPool(false, device)).first;
  return at->second;
}

struct Graph {
  at::cuda::CUDAGraph forward, backward;
  at::cuda::CUDAGraph *recording = nullptr;
  CUDAStream side, before; // recording needs a stream that is not the default one
  at::Tensor input, output, slope;
  std::vector<at::Tensor> leaves, grads;
  std::vector<at::Tensor> held; // the leaves' gradients from before the recording
  std::vector<void *> places; // of the leaves when they were recorded

  Graph(at::Tensor like, std::vector<at::Tensor> all)
      : side(recording_stream(like.device().index())),
        before(c10::cuda::getCurrentCUDAStream(like.device().index())), input(at::empty_like(like)),
        leaves(std::move(all)) {
    for (at::Tensor &leaf : leaves)
      places.push_back(leaf.data_ptr());
  }

  // Other threads go on while this one records: the feed's waits for its copies.
  void begin(at::cuda::CUDAGraph &which, at::cuda::MempoolId_t pool) {
    which.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
    recording = &which;
  }

  void end() {
    at::cuda::CUDAGraph *which = recording;
    recording = nullptr;
    which->capture_end();
  }

  // The recorded backward pass must find no gradients, or it would record that it adds
  // to them. Those of earlier parts of a batch come back when it is done.
  void set_aside() {
    for (at::Tensor &leaf : leaves) {
      held.push_back(leaf.grad());
      leaf.mutable_grad().reset();
    }
  }

  void put_back() {
    for (size_t i = 0; i < held.size(); i++)
      leaves[i].mutable_grad() = held[i];
    held.clear();
  }
};

Graph &graph_of(vt_graph g) { return *static_cast<Graph *>(g); }

// A gradient of the graph's own memory is overwritten by the next pass.
void hand_on(at::Tensor &grad, const at::Tensor &fresh, bool share) {
  if (share)
    grad = fresh;
  else if (grad.defined())
    grad.add_(fresh);
  else
    grad = fresh.clone();
}

} // namespace

int vt_has_graphs(void) { return 1; }

char *vt_graph_open(vt_tensor like, vt_tensor *leaves, int n, vt_graph *out, vt_tensor *out_input) {
  return guarded([&] {
    at::NoGradGuard quiet;
    TORCH_CHECK(ref(like).is_cuda(), "a graph is recorded on a CUDA device alone");
    auto g = std::make_unique<Graph>(ref(like), refs(leaves, n));
    g->input.copy_(ref(like));
    *out_input = give(g->input);
    *out = g.release();
  });
}

char *vt_graph_begin(vt_graph graph) {
  return guarded([&] {
    Graph &g = graph_of(graph);
    TORCH_CHECK(cudaDeviceSynchronize() == cudaSuccess, "the device failed before the recording");
    g.set_aside();
    c10::cuda::setCurrentCUDAStream(g.side);
    g.begin(g.forward, {0, 0});
  });
}

// Both passes take their memory from one pool: they always run in this order.
char *vt_graph_finish(vt_graph graph, vt_tensor output) {
  return guarded([&] {
    Graph &g = graph_of(graph);
    g.end();
    at::Tensor made = ref(output);
    if (made.requires_grad()) {
      g.slope = at::zeros_like(made);
      g.begin(g.backward, g.forward.pool());
      made.backward(g.slope);
      g.end();
      for (at::Tensor &leaf : g.leaves)
        g.grads.push_back(leaf.grad());
    }
    g.put_back();
    g.output = made.detach();
    c10::cuda::setCurrentCUDAStream(g.before);
    // The zeros of the slope were written on the other stream.
    TORCH_CHECK(cudaDeviceSynchronize() == cudaSuccess, "the device failed after the recording");
  });
}

void vt_graph_abort(vt_graph graph) {
  Graph &g = graph_of(graph);
  if (g.recording != nullptr)
    free(guarded([&] { g.end(); }));
  free(guarded([&] {
    c10::cuda::setCurrentCUDAStream(g.before);
    g.put_back();
    cudaGetLastError(); // the failed recording's, which the next call would be told
  }));
}

char *vt_graph_forward(vt_graph graph, vt_tensor input, vt_tensor *out) {
  return guarded([&] {
    Graph &g = graph_of(graph);
    for (size_t i = 0; i < g.leaves.size(); i++)
      TORCH_CHECK(g.leaves[i].data_ptr() == g.places[i], "parameter ", i, " has moved since the graph was recorded");
    at::NoGradGuard quiet;
    g.input.copy_(ref(input));
    g.forward.replay();
    at::Tensor leaf = g.output.detach();
    leaf.set_requires_grad(g.slope.defined());
    *out = give(leaf);
  });
}

char *vt_graph_backward(vt_graph graph, vt_tensor output, int share) {
  return guarded([&] {
    Graph &g = graph_of(graph);
    if (!g.slope.defined())
      return;
    at::NoGradGuard quiet;
    at::Tensor slope = ref(output).grad();
    if (slope.defined())
      g.slope.copy_(slope);
    else
      g.slope.zero_();
    g.backward.replay();
    for (size_t i = 0; i < g.leaves.size(); i++)
      if (g.grads[i].defined())
        hand_on(g.leaves[i].mutable_grad(), g.grads[i], share != 0);
  });
}

// What still runs on the device may read what the graph holds.
void vt_graph_close(vt_graph graph) {
  cudaDeviceSynchronize();
  free(guarded([&] { delete static_cast<Graph *>(graph); }));
}

#else

namespace {
char *none() { return message("CUDA graphs need a program that was built for CUDA, with libtorch 2.1 or later"); }
} // namespace

int vt_has_graphs(void) { return 0; }
char *vt_graph_open(vt_tensor, vt_tensor *, int, vt_graph *, vt_tensor *) { return none(); }
char *vt_graph_begin(vt_graph) { return none(); }
char *vt_graph_finish(vt_graph, vt_tensor) { return none(); }
void vt_graph_abort(vt_graph) {}
char *vt_graph_forward(vt_graph, vt_tensor, vt_tensor *) { return none(); }
char *vt_graph_backward(vt_graph, vt_tensor, int) { return none(); }
void vt_graph_close(vt_graph) {}

#endif
