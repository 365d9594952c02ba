// Nets as graphs of their operations: traced, saved as TorchScript, loaded, and
// described for other formats.
#ifndef VERTEBRA_TORCH_SHIM_TRACE_H
#define VERTEBRA_TORCH_SHIM_TRACE_H
#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void *vt_script;

// A trace records what the calling thread does with the inputs until vt_trace_end or
// vt_trace_abort. Weights become parameters of the module, at their dotted names.
char *vt_trace_begin(const vt_tensor *inputs, const char **input_names, int n_inputs, const vt_tensor *weights,
                     const char **names, int n_weights, vt_script *out);
char *vt_trace_end(vt_script s, const vt_tensor *outputs, int n);
void vt_trace_abort(void);
void vt_trace_pause(int on);

// The graph as JSON, as trace.go reads it; tensors of it by their place in its list.
// The text lives as long as the script.
const char *vt_script_graph(vt_script s);
char *vt_script_tensor(vt_script s, int at, vt_tensor *out);

// Extra files lie beside the module in its archive. Loading fills the values of those
// keys, which the caller frees; one that is not there stays null.
char *vt_script_save(vt_script s, const char *path, const char **keys, const char **values, int n);
char *vt_script_load(const char *path, const char **keys, char **values, int n, vt_script *out);
char *vt_script_forward(vt_script s, vt_tensor *inputs, int given, vt_tensor *outputs, int n);
void vt_script_free(vt_script s);

#ifdef __cplusplus
}
#endif
#endif
