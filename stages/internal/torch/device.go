package torch

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Device is where a tensor lives.
type Device struct {
	CUDA  bool
	Index int
}

func (d Device) String() string {
	if d.CUDA {
		return fmt.Sprintf("cuda:%d", d.Index)
	}
	return "cpu"
}

// pickDevice turns the word of a user into a device that is there.
func pickDevice(word string) (Device, error) {
	n := cudaDevices()
	switch {
	case word == "cpu", (word == "" || word == "auto") && n == 0:
		return Device{}, nil
	case word == "" || word == "auto":
		return Device{CUDA: true}, nil
	}
	index, err := cudaIndex(word)
	if err != nil {
		return Device{}, err
	}
	if index >= n {
		return Device{}, fmt.Errorf("device %q is not there: libtorch %s sees %d CUDA devices", word, Version(), n)
	}
	return Device{CUDA: true, Index: index}, nil
}

func cudaIndex(word string) (int, error) {
	rest, ok := strings.CutPrefix(word, "cuda")
	if ok && rest == "" {
		return 0, nil
	}
	index, err := strconv.Atoi(strings.TrimPrefix(rest, ":"))
	if !ok || err != nil || index < 0 || !strings.HasPrefix(rest, ":") {
		return 0, fmt.Errorf("device %q is not known; want auto, cpu, cuda or cuda:<index>", word)
	}
	return index, nil
}

// Memory is how much memory the process and its device use, in bytes.
type Memory struct {
	Resident  int64 // of the process, on the host
	Allocated int64 // by tensors on the CUDA device
	Reserved  int64 // by the caching allocator on the CUDA device
	Peak      int64 // the most ever allocated on the CUDA device
}

// ReadMemory measures it. On a CPU engine the device's figures are 0.
func (s *Scope) ReadMemory() (Memory, error) {
	m := Memory{Resident: resident()}
	if !s.engine.device.CUDA {
		return m, nil
	}
	var err error
	m.Allocated, m.Reserved, m.Peak, err = deviceMemory(s.engine.device.Index)
	return m, err
}

// resident reads the second field of /proc/self/statm, in pages.
func resident() int64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
