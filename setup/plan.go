package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// recipe counts the changes of what setup writes: old results are redone.
const recipe = 3

// build is everything that decides what the compiler is told.
type build struct {
	Recipe   int
	Lib      libtorch
	Tools    tools
	Stamp    string // sizes and times of the libtorch's files
	CUDA     bool   // the program itself talks to CUDA
	CUDAHead string // folder of cuda_runtime_api.h
	CUDALib  string // the CUDA runtime library
	// StandIn says that NVIDIA's crt headers, which the Python packages of the
	// CUDA runtime lack, are replaced by ours.
	StandIn bool   `json:",omitempty"`
	Note    string `json:"-"` // why a driver that is there goes unused
}

func (b build) kind() string {
	switch {
	case b.CUDA:
		return "CUDA"
	case b.Note != "":
		return "CPU: " + b.Note
	case b.Lib.CUDA:
		return "CUDA build used on the CPU: no NVIDIA driver here"
	}
	return "CPU"
}

// plan decides between CPU and CUDA and stamps the libtorch that is there.
func plan(h host, lib libtorch, t tools, cuda string) build {
	b := build{Recipe: recipe, Lib: lib, Tools: t, Stamp: stamp(lib)}
	wanted := cuda == "1" || (cuda != "0" && driver(h))
	switch {
	case cuda == "0" && lib.CUDA:
		b.Note = "VERTEBRA_CUDA=0"
	case wanted && !lib.CUDA:
		b.Note = "this libtorch has no CUDA; for the GPU: pip install torch, or LIBTORCH=<folder of a CUDA build>"
	case wanted:
		b.CUDAHead, b.CUDALib = cudaRuntime(h, lib)
		b.CUDA = b.CUDAHead != "" && b.CUDALib != ""
	}
	if b.CUDA {
		b.StandIn = !h.Exists(filepath.Join(b.CUDAHead, "crt", "host_config.h"))
	} else if wanted && lib.CUDA {
		b.Note = "cuda_runtime_api.h and libcudart.so were not found; for the GPU: pip install nvidia-cuda-runtime beside torch, or NVIDIA's toolkit in /usr/local/cuda"
	}
	return b
}

// driver says whether NVIDIA's is there; Windows lends its own to its Linux, and nothing in /dev.
func driver(h host) bool {
	signs := []string{"/proc/driver/nvidia/version", "/dev/nvidiactl", "/usr/lib/wsl/lib/libcuda.so.1"}
	return slices.ContainsFunc(signs, h.Exists)
}

// cudaRuntime finds the CUDA runtime's header and library: beside a Python
// torch, or where NVIDIA's installer puts them. Some wheels lack the folder crt;
// stand-ins take its place.
func cudaRuntime(h host, lib libtorch) (headers, library string) {
	packages := filepath.Dir(filepath.Dir(lib.LibDir))
	folders := []string{filepath.Join(packages, "nvidia", "cuda_runtime"), "/usr/local/cuda"}
	newer, _ := filepath.Glob(filepath.Join(packages, "nvidia", "cu[0-9]*"))
	for _, dir := range append(newer, folders...) {
		header := filepath.Join(dir, "include")
		if !h.Exists(filepath.Join(header, "cuda_runtime_api.h")) {
			continue
		}
		for _, sub := range []string{"lib", "lib64"} {
			found, _ := filepath.Glob(filepath.Join(dir, sub, "libcudart.so*"))
			sort.Strings(found)
			if len(found) > 0 {
				return header, found[0]
			}
		}
	}
	return "", ""
}

func stamp(lib libtorch) string {
	var parts []string
	for _, path := range []string{filepath.Join(lib.LibDir, "libtorch_cpu.so"), filepath.Join(lib.LibDir, "libc10.so"), filepath.Join(lib.Include, api, "torch", "version.h")} {
		if info, err := os.Stat(path); err == nil {
			parts = append(parts, fmt.Sprintf("%d@%d", info.Size(), info.ModTime().UnixNano()))
		}
	}
	return strings.Join(parts, " ")
}

// id names the build; Go's build cache does not look into the header that the
// flags name, so its folder's name must change with its content.
func (b build) id() string {
	text, _ := json.Marshal(b)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// folder is where header and stub archives go: in the user's cache, so that
// every checkout has the same flags and gotch is compiled once for all.
func (b build) folder(out string) string {
	cache, err := os.UserCacheDir()
	if err == nil {
		dir := filepath.Join(cache, "vertebra", "libtorch-"+b.Lib.Version+"-"+b.id())
		if os.MkdirAll(dir, 0o755) == nil {
			return dir
		}
	}
	return filepath.Join(out, "libtorch-"+b.Lib.Version+"-"+b.id())
}

func (b build) includes() []string {
	flags := []string{"-I" + b.Lib.Include, "-I" + filepath.Join(b.Lib.Include, "torch", "csrc", "api", "include")}
	if b.CUDA {
		flags = append(flags, "-DVERTEBRA_CUDA", "-I"+b.CUDAHead)
	}
	if b.Lib.Include == "/usr/include" { // naming it would reorder the system's own
		flags = flags[1:]
	}
	return flags
}

func (b build) cxxFlags(folder string) string {
	flags := append([]string{"-O2", "-g0", "-w", "-include", filepath.Join(folder, "gotch.h")}, b.includes()...)
	if b.StandIn {
		flags = append(flags, "-I"+filepath.Join(folder, "cuda"))
	}
	return strings.Join(flags, " ")
}

func (b build) ldFlags(folder string) string {
	flags := []string{"-O2", "-L" + filepath.Join(folder, "stubs"), "-L" + b.Lib.LibDir, "-Wl,-rpath," + b.Lib.LibDir}
	if b.CUDA {
		// Nothing of gotch refers to libtorch_cuda; loading it is what makes
		// libtorch see the device.
		flags = append(flags, "-Wl,--no-as-needed", "-Wl,-rpath,"+filepath.Dir(b.CUDALib))
	}
	return strings.Join(flags, " ")
}
