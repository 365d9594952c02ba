package queue

import (
	"context"
	"fmt"

	"vertebra/results"
)

// Several trials share a GPU when a trial has shown how much memory it takes: as many
// as fit into what was free when the sweep began, by the largest need measured so far.
// Before anything is measured each GPU has one.
const (
	// spare is the part of a device's memory that is left alone: allocators round up,
	// and the next trial may need more than those before it.
	spare = 0.1
	// contextBytes is what a process takes on a GPU before its first tensor: the CUDA
	// context with libtorch's kernels, which the allocator does not count.
	contextBytes = 700e6
)

// sharing is what is known about trials on one GPU.
type sharing struct {
	need float64        // bytes of the largest trial measured; 0 before the first
	most map[string]int // by device, where too many ran out of memory
}

// mayTake says whether a slot may be used beside what computes on its device.
func (c *coordinator) mayTake(s Slot) bool {
	beside := c.computing(s.Device)
	if beside == 0 {
		return true
	}
	if most, known := c.sharing.most[s.Device]; known && beside >= most {
		return false
	}
	return c.o.Measure == nil || c.sharing.need > 0 && float64(beside+1)*c.sharing.need <= (1-spare)*s.Memory
}

// computing counts the trials on a device.
func (c *coordinator) computing(device string) (n int) {
	for _, p := range c.running {
		if p.slot.Device == device {
			n++
		}
	}
	return n
}

// measure learns from a run how much memory a trial takes.
func (c *coordinator) measure(ctx context.Context, t *results.Trial) error {
	if c.o.Measure == nil || t.Run == "" {
		return nil
	}
	bytes, err := c.o.Measure(ctx, t.Run)
	if err != nil || bytes <= 0 {
		return err
	}
	if need := bytes + contextBytes; need > c.sharing.need {
		c.sharing.need = need
		for _, s := range c.o.Slots {
			if n := int((1 - spare) * s.Memory / need); s.Memory > 0 && n > 1 {
				return c.event(ctx, t.Number, "info", fmt.Sprintf("takes %.2f GB of a GPU: %d trials fit on %s, with %.1f GB", need/1e9, n, s.Device, s.Memory/1e9))
			}
		}
	}
	return nil
}

// besides notes that trials share a GPU.
func (c *coordinator) besides(p *process) {
	if p.slot.Device == "cpu" {
		return
	}
	for _, other := range c.running {
		if other != p && other.slot.Device == p.slot.Device {
			other.beside, p.beside = true, true
		}
	}
}

// crowded puts a trial back into the queue that ran out of memory beside others, and
// lets fewer share the device. It is no fault of its settings.
func (c *coordinator) crowded(ctx context.Context, p *process) error {
	t, left := p.trial, max(1, c.computing(p.slot.Device))
	if c.sharing.most == nil {
		c.sharing.most = map[string]int{}
	}
	c.sharing.most[p.slot.Device] = left
	t.State, t.Spans[p.span].Outcome = results.Queued, "crowded"
	if err := c.event(ctx, t.Number, "warning", fmt.Sprintf("out of memory beside other trials on %s: tried again, and at most %d trials share it from now on", p.slot.Device, left)); err != nil {
		return err
	}
	return c.q.Store(ctx, t)
}
