// The two passes of a net as CUDA graphs: recorded once, then started by one call
// each. See graph.go.
#ifndef VERTEBRA_TORCH_SHIM_GRAPH_H
#define VERTEBRA_TORCH_SHIM_GRAPH_H
#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void *vt_graph;

int vt_has_graphs(void);

// Makes room for inputs like the given one; out_input is where they will lie. The
// leaves are what the backward pass makes gradients for.
char *vt_graph_open(vt_tensor like, vt_tensor *leaves, int n, vt_graph *out, vt_tensor *out_input);
// From here on what the calling thread asks of the device is recorded, not done.
char *vt_graph_begin(vt_graph graph);
// Ends the forward pass, which made the output, and records the backward pass.
char *vt_graph_finish(vt_graph graph, vt_tensor output);
// Gives a recording up; the graph can only be closed then.
void vt_graph_abort(vt_graph graph);
// Runs the forward pass; out is a leaf that wants a gradient where the net has one.
char *vt_graph_forward(vt_graph graph, vt_tensor input, vt_tensor *out);
// Runs the backward pass from the gradient of what forward gave. The gradients of
// the leaves are then the graph's own memory (share), or added to what there is.
char *vt_graph_backward(vt_graph graph, vt_tensor output, int share);
void vt_graph_close(vt_graph graph);

#ifdef __cplusplus
}
#endif
#endif
