package main

import (
	"debug/elf"
	"fmt"
	"runtime"
	"strings"
)

// oldABI says whether a libtorch was built with _GLIBCXX_USE_CXX11_ABI=0: then
// c10::Error takes std::string (Ss in mangled names), not std::__cxx11::string.
func oldABI(libtorchCPU string) (bool, error) {
	path := strings.TrimSuffix(libtorchCPU, "libtorch_cpu.so") + "libc10.so"
	f, err := elf.Open(path)
	if err != nil {
		return false, fmt.Errorf("reading %s: %w", path, err)
	}
	defer f.Close()
	if want, known := machines[runtime.GOARCH]; known && f.Machine != want {
		return false, fmt.Errorf("%s was built for %v, this machine is %v", path, f.Machine, want)
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return false, fmt.Errorf("symbols of %s: %w", path, err)
	}
	names := make([]string, 0, len(symbols))
	for _, s := range symbols {
		names = append(names, s.Name)
	}
	return oldABINames(names), nil
}

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "riscv64": elf.EM_RISCV, "ppc64le": elf.EM_PPC64, "s390x": elf.EM_S390}

func oldABINames(names []string) bool {
	for _, name := range names {
		if strings.HasPrefix(name, "_ZN3c10") && strings.Contains(name, "__cxx11") {
			return false
		}
	}
	return true
}
