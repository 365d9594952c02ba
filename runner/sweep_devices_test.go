package main

import (
	"runtime"
	"testing"
)

// TestTrialsShareTheCores: the threads of all trials together are no more than there
// are cores, also where the trials compute on GPUs.
func TestTrialsShareTheCores(t *testing.T) {
	var c sweepRun
	c.Device = "cuda:0,cuda:1"
	slots, _, err := c.slots(t.Context(), 2)
	if err != nil || len(slots) != 4 {
		t.Fatalf("got %v, %v, want four places", slots, err)
	}
	for i, want := range []string{"cuda:0#1", "cuda:1#1", "cuda:0#2", "cuda:1#2"} {
		if slots[i].Name != want || slots[i].Threads != max(1, runtime.NumCPU()/4) {
			t.Errorf("place %d: got %+v, want %s with a quarter of %d cores", i, slots[i], want, runtime.NumCPU())
		}
	}
	c.Threads = 3
	if slots, _, _ = c.slots(t.Context(), 1); slots[0].Threads != 3 {
		t.Errorf("--threads 3: got %d", slots[0].Threads)
	}
}
