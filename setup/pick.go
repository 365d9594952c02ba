package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// libtorch is an installed libtorch.
type libtorch struct {
	Why     string // why this one: "$LIBTORCH", "inside the Python torch", …
	Include string // holds torch/ and ATen/
	LibDir  string // holds libtorch_cpu.so
	Version string // "1.13.1"
	CUDA    bool   // has libtorch_cuda.so
	// Standard is the C++ standard that the headers ask for where gotch's own
	// -std=c++17 is not enough: "c++20".
	Standard string `json:",omitempty"`
}

// pick finds a libtorch, in the order that ARCHITECTURE.md promises, and
// installs the system's where there is none.
func pick(ctx context.Context, h host, from string, out io.Writer) (libtorch, error) {
	switch from {
	case "", "python", "system":
	default:
		return libtorch{}, fmt.Errorf("-from %q is not known; want python or system", from)
	}
	if root := h.Getenv("LIBTORCH"); root != "" && from == "" {
		return describe(h, root, filepath.Join(root, "lib"), "named by $LIBTORCH")
	}
	if from != "system" {
		if root := pythonTorch(ctx, h); root != "" {
			lib, err := describe(h, root, filepath.Join(root, "lib"), "it lies inside the installed Python torch")
			if err == nil || from == "python" {
				return lib, err
			}
			fmt.Fprintf(out, "setup: passing over the Python torch: %v\n", err)
		}
		if from == "python" {
			return libtorch{}, errHint("python3 has no torch", "install it: pip install torch")
		}
	}
	return system(ctx, h, out)
}

// pythonTorch asks where torch lies without importing it, which takes seconds.
func pythonTorch(ctx context.Context, h host) string {
	const ask = `import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s and s.submodule_search_locations else "")`
	out, err := h.Run(ctx, "python3", "-c", ask)
	root := strings.TrimSpace(out)
	if err != nil || root == "" || !h.Exists(filepath.Join(root, "lib", "libtorch_cpu.so")) {
		return ""
	}
	// Debian's python3-torch holds links into the system's libtorch, no headers.
	if !h.Exists(filepath.Join(root, "include", "torch")) {
		return ""
	}
	return root
}

func system(ctx context.Context, h host, out io.Writer) (libtorch, error) {
	triplet, err := h.Run(ctx, "gcc", "-print-multiarch")
	if err != nil {
		return libtorch{}, noCompiler()
	}
	dir := filepath.Join("/usr/lib", strings.TrimSpace(triplet))
	installed := h.Exists("/usr/include/torch") && h.Exists(filepath.Join(dir, "libtorch_cpu.so"))
	if !installed || !fastBLAS(h, dir) {
		if err := install(ctx, h, out); err != nil && installed {
			fmt.Fprintf(out, "setup: going on with the slow reference BLAS, a step takes about seven times as long: %v\n", err)
		} else if err != nil {
			return libtorch{}, err
		}
	}
	return describe(h, "/usr", dir, "the system's package libtorch-dev")
}

// fastBLAS says whether any BLAS but the reference one is there.
func fastBLAS(h host, dir string) bool {
	for _, path := range []string{"openblas-pthread/libblas.so.3", "openblas-openmp/libblas.so.3", "openblas-serial/libblas.so.3", "atlas/libblas.so.3", "libmkl_rt.so"} {
		if h.Exists(filepath.Join(dir, path)) {
			return true
		}
	}
	return false
}

// install takes Debian's packages. The second is for speed: with the reference
// BLAS that libtorch-dev pulls, a training step takes about seven times as long.
func install(ctx context.Context, h host, out io.Writer) error {
	command := []string{"apt-get", "install", "-y", "-q", "libtorch-dev", "libopenblas0-pthread"}
	hint := "as root: apt-get update && " + strings.Join(command, " ") +
		"\n  or unpack libtorch (cxx11 ABI) from pytorch.org and set LIBTORCH to its folder; or: pip install torch"
	if _, err := h.Run(ctx, "apt-get", "--version"); err != nil {
		return errHint("there is no libtorch here, and no apt-get to install one", hint)
	}
	if !h.Root() {
		if _, err := h.Run(ctx, "sudo", "-n", "true"); err != nil {
			return errHint("libtorch-dev and libopenblas0-pthread are to be installed, which needs root", hint)
		}
		command = append([]string{"sudo", "-n"}, command...)
	}
	fmt.Fprintln(out, "setup: installing libtorch-dev and libopenblas0-pthread (about 130 MB)")
	update := append(slices.Clone(command[:slices.Index(command, "install")]), "update", "-q")
	if _, err := h.Run(ctx, update[0], update[1:]...); err != nil {
		fmt.Fprintln(out, "setup: apt-get update did not work, going on with the lists there are:", err)
	}
	if _, err := h.Run(ctx, command[0], command[1:]...); err != nil {
		return errHint(err.Error(), hint)
	}
	return nil
}

// describe reads what a libtorch is, and refuses what cannot be built against.
func describe(h host, root, libDir, why string) (libtorch, error) {
	lib := libtorch{Why: why, Include: filepath.Join(root, "include"), LibDir: libDir}
	so := filepath.Join(libDir, "libtorch_cpu.so")
	if !h.Exists(so) {
		return lib, errHint(fmt.Sprintf("%s: there is no %s", why, so), "LIBTORCH must name a folder with include/ and lib/")
	}
	if err := lib.readHeaders(root); err != nil {
		return lib, err
	}
	lib.CUDA = h.Exists(filepath.Join(libDir, "libtorch_cuda.so"))
	old, err := oldABI(so)
	if err != nil {
		return lib, err
	}
	if old {
		return lib, errHint(fmt.Sprintf("libtorch %s in %s was built with the old C++ ABI, which this compiler's library does not speak", lib.Version, libDir),
			"take the download named cxx11-abi, or a wheel of torch 2.7 or newer: pip install -U torch")
	}
	return lib, nil
}
