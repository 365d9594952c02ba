package doctor

import (
	"context"
	"errors"
	"fmt"
	"math"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// tolerance is how far a float32 number of the device may be from the CPU's:
// sums run in another order there, which moves the last two or three digits.
const tolerance = 1e-4

// agreement does one training step of a small net on the device and on the CPU
// and compares loss and new weights.
func agreement(ctx context.Context, env stage.Env, engine *torch.Engine) (out []Finding, err error) {
	cpu, err := torch.Open(torch.Options{Device: "cpu", Threads: env.Threads, Deterministic: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cpu.Close()) }()
	want, err := oneStep(ctx, cpu)
	if err != nil {
		return nil, fmt.Errorf("training step on the CPU: %w", err)
	}
	got, err := oneStep(ctx, engine)
	if err != nil {
		return nil, fmt.Errorf("training step on %s: %w", engine.Device(), err)
	}
	worst := 0.0
	for i := range want {
		worst = math.Max(worst, math.Abs(got[i]-want[i]))
	}
	f := Finding{Name: "training step", Text: fmt.Sprintf("loss %.6f, on the CPU %.6f; largest difference of loss and %d weights %.1e (allowed %.0e)", got[0], want[0], len(want)-1, worst, tolerance)}
	if !(worst <= tolerance) || !(want[0] > 0) {
		f.Text, f.Wrong = f.Text+": this device computes something else; do not train on it", true
	}
	return []Finding{f}, nil
}

// oneStep gives the loss and all weights after one step of stochastic gradient
// descent.
func oneStep(ctx context.Context, engine *torch.Engine) (numbers []float64, err error) {
	const batch, size = 8, 16
	err = engine.Do(ctx, func(s *torch.Scope) error {
		store := torch.NewStore(s, 1)
		defer store.Free()
		net, optimizer := smallNet(store.Root(s)), torch.NewOptimizer(s, torch.Rule{Kind: torch.RuleSGD})
		defer optimizer.Free()
		images_BCHW := s.Zeros(torch.Float32, batch, 1, size, size)
		s.FillNormal(images_BCHW, 0, 1, 2)
		logits_BK := net.Forward(&torch.Pass{Scope: s, Train: true}, images_BCHW)
		loss := s.CrossEntropy(logits_BK, s.FromInt64([]int64{0, 1, 2, 0, 1, 2, 0, 1}, batch), torch.Tensor{}, torch.ReduceMean, 0)
		s.Backward(loss)
		var updates []torch.Update
		for _, p := range store.Parameters {
			if p.Trainable {
				updates = append(updates, torch.Update{Parameter: p, Rate: 0.1})
			}
		}
		optimizer.Step(s, updates)
		numbers = append(numbers, s.Float64(loss))
		for _, u := range updates {
			numbers = append(numbers, s.Float64s(u.Parameter.Tensor)...)
		}
		return s.Err()
	})
	return numbers, err
}

func smallNet(p torch.Path) torch.Module {
	return torch.Sequence{
		torch.NewConv2D(p.Sub("conv"), 1, 16, 3, torch.Conv2DOptions{Padding: 1}),
		torch.NewBatchNorm(p.Sub("bn"), 16), torch.ReLU, torch.MaxPool2D(2, 2, 0),
		torch.NewConv2D(p.Sub("conv2"), 16, 32, 3, torch.Conv2DOptions{Padding: 1}),
		torch.NewBatchNorm(p.Sub("bn2"), 32), torch.ReLU, torch.GlobalAverage,
		torch.NewLinear(p.Sub("fc"), 32, 3),
	}
}
