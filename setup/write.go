package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// cudaLibraries are what gotch links whether they are there or not.
var cudaLibraries = []string{"cuda", "cudart", "cublas", "cudnn", "caffe2_nvrtc", "nvrtc-builtins", "nvrtc", "nvToolsExt", "c10_cuda", "torch_cuda"}

// upToDate says whether the last setup was for the same build and is all there.
func upToDate(out string, b build) bool {
	text, err := os.ReadFile(filepath.Join(out, "state.json"))
	if err != nil {
		return false
	}
	var last struct{ ID, Folder string }
	if json.Unmarshal(text, &last) != nil || last.ID != b.id() || last.Folder != b.folder(out) {
		return false
	}
	if env, err := os.ReadFile(filepath.Join(out, "env")); err != nil || string(env) != b.env(last.Folder) {
		return false
	}
	for _, path := range []string{filepath.Join(last.Folder, "gotch.h"), filepath.Join(last.Folder, "stubs", "libcuda.a")} {
		if _, err := os.Stat(path); err != nil {
			return false
		}
	}
	return true
}

// write stores header, stubs, env and last of all the state that vouches for
// the others.
func write(out string, b build, missing []absent) error {
	folder := b.folder(out)
	if err := os.MkdirAll(filepath.Join(folder, "stubs"), 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, name := range cudaLibraries {
		path := filepath.Join(folder, "stubs", "lib"+name+".a")
		text, err := b.library(name)
		if err != nil {
			return err
		}
		if err := replace(path, text); err != nil {
			return err
		}
	}
	state, err := json.MarshalIndent(map[string]any{"ID": b.id(), "Folder": folder, "Build": b, "Missing": missing}, "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(b.writeCompiler(folder), b.writeStandIns(folder)); err != nil {
		return err
	}
	for _, f := range [][2]string{
		{filepath.Join(folder, "gotch.h"), protect(missing, b.Lib.Version)},
		{filepath.Join(out, "env"), b.env(folder)},
		{filepath.Join(out, "state.json"), string(state) + "\n"},
	} {
		if err := replace(f[0], f[1]); err != nil {
			return err
		}
	}
	return nil
}

// library is what the linker finds under a CUDA library's name: an empty archive,
// or a linker script that names the real file. Only gotch asks for these names,
// so programs without torch do not load CUDA.
func (b build) library(name string) (string, error) {
	if !b.CUDA {
		return "!<arch>\n", nil
	}
	switch name {
	case "c10_cuda", "torch_cuda":
		return "INPUT(" + filepath.Join(b.Lib.LibDir, "lib"+name+".so") + ")\n", nil
	case "cudart":
		path, err := filepath.EvalSymlinks(b.CUDALib)
		if err != nil {
			return "", fmt.Errorf("the CUDA runtime: %w", err)
		}
		return "INPUT(" + path + ")\n", nil
	}
	return "!<arch>\n", nil
}

func (b build) env(folder string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "# Made by setup for libtorch %s (%s). Before a plain go build: source .libtorch/env\n", b.Lib.Version, b.kind())
	for _, v := range [][2]string{
		{"CGO_ENABLED", "1"},
		{"CXX", b.compiler(folder)},
		{"CGO_CFLAGS", "-O2 -g0 -w"},
		{"CGO_CXXFLAGS", b.cxxFlags(folder)},
		{"CGO_LDFLAGS", b.ldFlags(folder)},
	} {
		fmt.Fprintf(&s, "export %s='%s'\n", v[0], v[1])
	}
	return s.String()
}

// replace writes a file so that a reader sees the old or the new one, whole.
func replace(path, text string) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, []byte(text), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
