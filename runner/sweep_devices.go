package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"vertebra/stages/model"
	"vertebra/stages/stage"
	"vertebra/sweeps/queue"
)

// slots are the places where trials compute.
func (c sweepRun) slots(ctx context.Context) ([]queue.Slot, error) {
	devices := strings.Split(c.Device, ",")
	if c.Device == "auto" || c.Device == "cuda" {
		found, err := findGPUs(ctx)
		if err != nil {
			return nil, err
		}
		switch {
		case len(found) > 0:
			devices = found
		case c.Device == "cuda":
			return nil, stage.Fault{Err: errors.New("there is no GPU"), Hint: "runner doctor says why; --device cpu computes on the CPU"}
		default:
			devices = []string{"cpu"}
		}
	}
	var out []queue.Slot
	for _, d := range devices {
		parallel, threads := c.Parallel, c.Threads
		if d == "cpu" {
			parallel, threads = divideCores(runtime.NumCPU(), parallel, threads)
		}
		for i := range max(1, parallel) {
			out = append(out, queue.Slot{Device: d, Name: fmt.Sprintf("%s#%d", d, i+1), Threads: threads})
		}
	}
	return out, nil
}

// divideCores gives how many trials compute at once on a CPU, and their threads.
func divideCores(cores, parallel, threads int) (int, int) {
	if parallel == 0 {
		if parallel = max(1, cores/4); threads > 0 {
			parallel = max(1, cores/threads)
		}
	}
	if threads == 0 {
		threads = max(1, cores/parallel)
	}
	return parallel, threads
}

// findGPUs asks a process of its own: whoever opens a GPU takes some of its
// memory until the end.
func findGPUs(ctx context.Context) ([]string, error) {
	if _, err := os.Stat("/dev/nvidia0"); err != nil {
		return nil, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := exec.CommandContext(ctx, self, "gpus").Output()
	if err != nil {
		return nil, fmt.Errorf("look for GPUs: %w", err)
	}
	return strings.Fields(string(text)), nil
}

// gpusCommand lists the GPUs that can be used, for findGPUs.
type gpusCommand struct{}

// Run tries one after the other.
func (gpusCommand) Run(ctx context.Context, w world) error {
	for i := 0; ; i++ {
		device := fmt.Sprintf("cuda:%d", i)
		if _, err := model.FindMachine(ctx, device); err != nil {
			return nil // there is no further one
		}
		fmt.Fprintln(w.out, device)
	}
}
