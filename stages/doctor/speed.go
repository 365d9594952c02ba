package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// speed measures square matrix products: what convolutions cannot exceed.
func speed(ctx context.Context, env stage.Env, engine *torch.Engine) ([]Finding, error) {
	n, formats := int64(1024), []torch.Precision{torch.FP32}
	if engine.Device().CUDA {
		n, formats = 8192, []torch.Precision{torch.FP32, torch.TF32, torch.BF16}
	}
	var parts []string
	for _, p := range formats {
		rate, err := product(ctx, env, engine, n, p)
		if err != nil {
			return nil, fmt.Errorf("product in %s: %w", p, err)
		}
		parts = append(parts, fmt.Sprintf("%s %.3g TFLOP/s", p, rate/1e12))
	}
	return []Finding{{Name: "product", Text: fmt.Sprintf("%d × %d matrices: %s", n, n, strings.Join(parts, ", "))}}, nil
}

// product gives the rate of n × n products in operations a second; a product has
// 2·n³. It measures for a fifth of a second after one product of warming up.
func product(ctx context.Context, env stage.Env, engine *torch.Engine, n int64, p torch.Precision) (rate float64, err error) {
	err = engine.Do(ctx, func(s *torch.Scope) error {
		s.Use(p)
		defer s.Use(torch.FP32)
		x := s.Zeros(torch.Float32, n, n)
		s.FillNormal(x, 0, 1, 1)
		if p == torch.BF16 {
			x = s.To(x, torch.BFloat16)
		}
		done, start := 0, time.Time{}
		for done == 0 || env.Now().Sub(start) < time.Second/5 {
			s.Inner(func(in *torch.Scope) torch.Tensor { return in.MatMul(x, x) })
			s.Synchronize()
			if start.IsZero() {
				start = env.Now()
				continue
			}
			done++
			if s.Err() != nil {
				return s.Err()
			}
		}
		rate = 2 * float64(n) * float64(n) * float64(n) * float64(done) / env.Now().Sub(start).Seconds()
		return s.Err()
	})
	return rate, err
}
