package main

import (
	"slices"
	"testing"
)

func TestReadGPUs(t *testing.T) {
	t.Parallel()
	devices, free, err := readGPUs("cuda:0 84000000000\ncuda:1 12.5e9\n")
	if err != nil || !slices.Equal(devices, []string{"cuda:0", "cuda:1"}) || free["cuda:0"] != 84e9 || free["cuda:1"] != 12.5e9 {
		t.Errorf("got %v, %v, %v", devices, free, err)
	}
	if _, _, err := readGPUs("cuda:0 many\n"); err == nil {
		t.Error("a line without a number was read")
	}
	if devices, _, err := readGPUs(""); err != nil || len(devices) != 0 {
		t.Errorf("got %v, %v", devices, err)
	}
}
