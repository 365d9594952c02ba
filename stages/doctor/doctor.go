// Package doctor looks at the machine as training will see it: which libtorch,
// which device, how fast, and whether it computes what a CPU computes. It takes
// about two seconds.
package doctor

import (
	"context"
	"errors"
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// Finding is one line of the doctor's report.
type Finding struct {
	Name, Text string
	Wrong      bool // the machine should not be trained on before this is mended
}

// Examine looks at the device that env names.
func Examine(ctx context.Context, env stage.Env) (findings []Finding, err error) {
	engine, err := torch.Open(torch.Options{Device: env.Device, Threads: env.Threads, Deterministic: true})
	if err != nil {
		return nil, stage.Fault{Err: err, Hint: "a GPU needs its driver (nvidia-smi answers) and a CUDA build of libtorch: see Which libtorch in docs/machine.md"}
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	for _, look := range []func(context.Context, stage.Env, *torch.Engine) ([]Finding, error){library, device, speed, agreement} {
		more, err := look(ctx, env, engine)
		if err != nil {
			return findings, err
		}
		findings = append(findings, more...)
	}
	return findings, nil
}

func library(_ context.Context, _ stage.Env, _ *torch.Engine) ([]Finding, error) {
	kind := "without CUDA"
	if torch.BuiltForCUDA() {
		kind = "with CUDA"
	}
	return []Finding{{Name: "libtorch", Text: fmt.Sprintf("%s, program built %s", torch.Version(), kind)}}, nil
}

func device(ctx context.Context, env stage.Env, engine *torch.Engine) (out []Finding, err error) {
	err = engine.Do(ctx, func(s *torch.Scope) error {
		f, err := s.Facts()
		if err != nil {
			return err
		}
		best, err := f.Resolve("auto")
		out = append(describe(engine.Device(), f, torch.CUDADevices()), Finding{Name: "precision", Text: fmt.Sprintf("auto is %s", best)},
			Finding{Name: "threads", Text: fmt.Sprint(s.Threads())})
		return err
	})
	return out, err
}

const gibi = 1 << 30

// describe tells of one device of so many.
func describe(d torch.Device, f torch.Facts, among int) []Finding {
	if !f.CUDA {
		return []Finding{{Name: "device", Text: d.String()}}
	}
	driver := Finding{Name: "CUDA", Text: fmt.Sprintf("driver for %s, runtime %s, cuDNN %d", torch.CUDAVersion(f.Driver), torch.CUDAVersion(f.Runtime), f.CuDNN)}
	if f.Driver/1000 < f.Runtime/1000 {
		driver.Text, driver.Wrong = driver.Text+": the driver is older than the runtime; update it, or take a libtorch for an older CUDA", true
	}
	if f.CuDNN == 0 {
		driver.Text, driver.Wrong = driver.Text+": without cuDNN convolutions are many times slower", true
	}
	others := ""
	if among > 1 {
		others = fmt.Sprintf("; there are %d: --device cuda:%d is the last, and sweeps take all", among, among-1)
	}
	return []Finding{
		{Name: "device", Text: fmt.Sprintf("%s: %s, compute capability %d.%d, %d multiprocessors%s", d, f.Name, f.Major, f.Minor, f.Multiprocessors, others)},
		{Name: "memory", Text: fmt.Sprintf("%.1f GiB, %.1f GiB free", float64(f.Total)/gibi, float64(f.Free)/gibi)},
		driver,
	}
}
