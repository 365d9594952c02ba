package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const standInNote = `// Stands in for NVIDIA's file of this name, which the Python packages of the
// CUDA runtime lack. Enough for host code that calls the runtime.
#pragma once
`

// standIns are the files that cuda_runtime.h includes from NVIDIA's compiler,
// with what code for the host needs of them: empty marks, and alignment.
var standIns = map[string]string{
	"host_config.h": `#define CUDARTAPI
#define CUDARTAPI_CDECL
#define CUDART_CB
`,
	"host_defines.h": `#include "crt/host_config.h"
#define __no_return__ __attribute__((noreturn))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_align__(n) __align__(n)
#define __thread__ __thread
#define __specialization_static static
#define __location__(a)
#define __host__
#define __device__
#define __global__
#define __shared__
#define __constant__
#define __managed__
#define __grid_constant__
#define __nv_pure__
#define __cluster_dims__(...)
#define __launch_bounds__(...)
#define __device_builtin__
#define __device_builtin_texture_type__
#define __device_builtin_surface_type__
#define __cudart_builtin__
`,
}

func (b build) writeStandIns(folder string) error {
	if !b.StandIn {
		return nil
	}
	dir := filepath.Join(folder, "cuda", "crt")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("stand-ins for CUDA's headers: %w", err)
	}
	for name, text := range standIns {
		if err := replace(filepath.Join(dir, name), standInNote+text); err != nil {
			return fmt.Errorf("stand-ins for CUDA's headers: %w", err)
		}
	}
	return nil
}
