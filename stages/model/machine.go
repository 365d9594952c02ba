package model

import (
	"context"
	"errors"

	"vertebra/stages/internal/torch"
)

// Machine says what a net would compute on.
type Machine struct {
	LibTorch string // its version
	// Device is "CPU", or the model of the GPU: what decides the last digits.
	Device string
	// Free is how many bytes of a GPU's memory nobody uses; 0 on the CPU.
	Free int64
}

// TakesGPUs says whether the program was built for GPUs, without looking for any.
func TakesGPUs() bool { return torch.BuiltForCUDA() }

// FindMachine opens a device ("auto", "cpu", "cuda:1") and closes it again.
func FindMachine(ctx context.Context, device string) (m Machine, err error) {
	engine, err := torch.Open(torch.Options{Device: device})
	if err != nil {
		return m, err
	}
	m.LibTorch = torch.Version()
	err = engine.Do(ctx, func(s *torch.Scope) error {
		facts, err := s.Facts()
		m.Device, m.Free = facts.Name, facts.Free
		return err
	})
	return m, errors.Join(err, engine.Close())
}
