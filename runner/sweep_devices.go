package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"vertebra/results"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/sweeps/queue"
)

// mostOnGPU is how many trials share a GPU at most where its memory decides: more
// only wait for each other.
const mostOnGPU = 8

// slots are the places where trials compute. measured says that how many of a GPU's
// are used depends on what trials take.
func (c sweepRun) slots(ctx context.Context, perGPU registry.Count) (slots []queue.Slot, measured bool, err error) {
	devices, free, err := c.devices(ctx)
	if err != nil {
		return nil, false, err
	}
	most := 0
	count := map[string]int{}
	threads, all := c.Threads, 0
	for _, d := range devices {
		switch {
		case d == "cpu":
			count[d], threads = divideCores(runtime.NumCPU(), c.Parallel, c.Threads)
		case c.Parallel > 0:
			count[d] = c.Parallel
		case perGPU == registry.Auto:
			count[d], measured = mostOnGPU, true
		default:
			count[d] = int(perGPU)
		}
		most, all = max(most, count[d]), all+count[d]
	}
	if threads == 0 { // each taking all cores, trials would wait for each other there
		threads = max(1, runtime.NumCPU()/max(1, all))
	}
	for i := range most { // each device gets one before any gets a second
		for _, d := range devices {
			if i < count[d] {
				slots = append(slots, queue.Slot{Device: d, Name: fmt.Sprintf("%s#%d", d, i+1), Threads: threads, Memory: free[d]})
			}
		}
	}
	return slots, measured, nil
}

// devices are those that were asked for, and the free memory of GPUs in bytes.
func (c sweepRun) devices(ctx context.Context) ([]string, map[string]float64, error) {
	if c.Device == "cpu" {
		return []string{"cpu"}, nil, nil
	}
	found, free, err := findGPUs(ctx)
	switch {
	case err != nil:
		return nil, nil, err
	case c.Device != "auto" && c.Device != "cuda":
		return strings.Split(c.Device, ","), free, nil
	case len(found) > 0:
		return found, free, nil
	case c.Device == "cuda":
		return nil, nil, stage.Fault{Err: errors.New("there is no GPU"), Hint: "runner doctor says why; --device cpu computes on the CPU"}
	}
	return []string{"cpu"}, nil, nil
}

// deviceMemory gives what a run took of its GPU's memory at most, in bytes.
func deviceMemory(db *results.DB) func(context.Context, string) (float64, error) {
	return func(ctx context.Context, run string) (float64, error) {
		megabytes, _, err := db.Objective(ctx, run, "device, reserved.memory")
		if err != nil || len(megabytes) == 0 {
			return 0, err
		}
		return 1e6 * slices.Max(megabytes), nil
	}
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
// memory until the end. Their files in /dev are no sign: a container may have the fourth
// alone, and Windows' Linux has none.
func findGPUs(ctx context.Context) (devices []string, free map[string]float64, err error) {
	if !model.TakesGPUs() {
		return nil, nil, nil
	}
	self, err := ownPath()
	if err != nil {
		return nil, nil, err
	}
	text, err := exec.CommandContext(ctx, self, "gpus").Output()
	if err != nil {
		return nil, nil, fmt.Errorf("look for GPUs: %w", err)
	}
	return readGPUs(string(text))
}

// readGPUs reads what gpusCommand wrote.
func readGPUs(text string) (devices []string, free map[string]float64, err error) {
	free = map[string]float64{}
	for line := range strings.Lines(text) {
		var device string
		var bytes float64
		if _, err := fmt.Sscan(line, &device, &bytes); err != nil {
			return nil, nil, fmt.Errorf("look for GPUs: %q: %w", line, err)
		}
		devices, free[device] = append(devices, device), bytes
	}
	return devices, free, nil
}

// gpusCommand lists the GPUs that can be used with their free memory, for findGPUs.
type gpusCommand struct{}

// Run tries one after the other.
func (gpusCommand) Run(ctx context.Context, w world) error {
	for i := 0; ; i++ {
		device := fmt.Sprintf("cuda:%d", i)
		machine, err := model.FindMachine(ctx, device)
		if err != nil {
			return nil // there is no further one
		}
		fmt.Fprintln(w.out, device, machine.Free)
	}
}
