package model

import (
	"context"
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// Compute says how a net computes: faster ways that give other last digits.
type Compute struct {
	Precision     string `help:"number format of products and convolutions: auto is bf16 where the GPU has it (compute capability 8.0), fp16 on GPUs of 7.x, else fp32; tf32 rounds factors on GPUs; fp16, on GPUs, scales the loss and leaves out updates whose gradients overflow" oneof:"auto fp32 tf32 bf16 fp16"`
	ChannelsLast  string `help:"keeps the channels of a pixel together in memory, as tensor cores want: auto does so on GPUs" oneof:"auto on off"`
	Graphs        bool   `help:"records the passes of a step as CUDA graphs, which spares the host most of its work: the same numbers, sooner where batches, images or nets are small. Without effect on the CPU"`
	Recompute     bool   `help:"computes most layers again in the backward pass instead of keeping what they gave (Chen et al. 2016; known as activation or gradient checkpointing): the same numbers, much less memory, and up to a third more time. Without CUDA graphs"`
	Deterministic bool   `help:"takes only algorithms that give the same bits each time; on a GPU the others are faster, and attention of ViT and of slices needs less memory"`
}

// DefaultCompute lets the device decide and keeps runs repeatable.
var DefaultCompute = Compute{Precision: "auto", ChannelsLast: "auto", Graphs: true, Deterministic: true}

// Compute makes the net compute so from now on, and records it.
func (n *Net) Compute(ctx context.Context, env stage.Env, c Compute) error {
	err := n.engine.Do(ctx, func(s *torch.Scope) error {
		facts, err := s.Facts()
		if err != nil {
			return err
		}
		if n.precision, err = facts.Resolve(torch.Precision(c.Precision)); err != nil {
			return stage.Fault{Err: err, Hint: "set train.compute.precision to auto"}
		}
		n.channelsLast = c.ChannelsLast == "on" || c.ChannelsLast == "auto" && facts.CUDA
		if n.channelsLast {
			n.Store.ChannelsLast(s)
		}
		s.Use(n.precision)
		s.Deterministic(c.Deterministic)
		return s.Err()
	})
	if err != nil {
		return err
	}
	return env.Recorder.Record(ctx,
		stage.Fact{Name: "precision", Value: string(n.precision)},
		stage.Fact{Name: "channels last", Value: yes(n.channelsLast)},
		stage.Fact{Name: "deterministic", Value: n.determinism(c.Deterministic)})
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// determinism says in words what a second run may differ in.
func (n *Net) determinism(asked bool) string {
	if !n.engine.Device().CUDA {
		return "yes: on the CPU with one libtorch and one number of threads"
	}
	if asked {
		return "asked for: the same bits on this GPU model with this libtorch, but for operations that libtorch has no such algorithm for"
	}
	return fmt.Sprintf("no: cuDNN picks the fastest algorithm on %s anew in each run, and attention may be fused", n.engine.Device())
}

// Precision is what the net computes in.
func (n *Net) Precision() torch.Precision { return n.precision }

// In runs work while the net computes in another precision, on the engine's thread.
func (n *Net) In(s *torch.Scope, p torch.Precision, work func()) {
	before := n.precision
	defer func() {
		n.precision = before
		s.Use(before)
	}()
	n.precision = p
	s.Use(p)
	work()
}
