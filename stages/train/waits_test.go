package train

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// counted is a loss that notes at each step how often the host has waited for the device so
// far, as the stand-in for a GPU logs it.
type counted struct {
	CrossEntropy
	log   string
	waits *[]int
	reads bool // a number at each step, which the host waits for
}

func (l counted) Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor {
	text, err := os.ReadFile(l.log)
	if err != nil {
		s.Fail(err)
	}
	*l.waits = append(*l.waits, bytes.Count(text, []byte("wait ")))
	loss := l.CrossEntropy.Of(s, logits_BO, t)
	if l.reads {
		s.Float64(loss)
	}
	return loss
}

// TestStepsNeverWaitForTheDevice: from the third step of an epoch to its last nothing is read
// from a GPU, and nothing goes there but from pinned memory.
func TestStepsNeverWaitForTheDevice(t *testing.T) {
	log := strings.ReplaceAll(os.Getenv("STANDIN_LOG"), "%p", strconv.Itoa(os.Getpid()))
	if log == "" {
		t.Skip("bench/gpu/standin.sh runs this")
	}
	const first, last = 4, 3 // calls of the loss: two steps of up to two parts; the formats are compared behind the last
	reads := false
	for name, change := range map[string]func(*Config){
		"plain":       func(*Config) {},
		"bf16":        func(c *Config) { c.Compute.Precision, c.Compute.ChannelsLast = "bf16", "on" },
		"parts":       func(c *Config) { c.Accumulate = 2 },
		"averages":    func(c *Config) { c.EMA = &EMA{Decay: 0.9} },
		"clipped":     func(c *Config) { c.Clip = Clip{Norm: 1} },
		"balanced":    func(c *Config) { c.Balance.Sampling = "over" },
		"graphs":      func(c *Config) { c.Compute.Graphs = true },
		"read":        func(*Config) { reads = true },
		"sam":         uphillSAM,
		"sam, graphs": func(c *Config) { uphillSAM(c); c.Compute.Graphs = true },
		"free":        func(c *Config) { c.Optimizer = freeOfSchedule() },
		"recomputed":  func(c *Config) { c.Compute.Recompute = true },
	} {
		var waits []int
		cfg := config(1e-2, phase("all", 1, "all"))
		cfg.Batch, cfg.Compute.Precision = 4, "fp32"
		reads = false
		change(&cfg)
		cfg.Loss = registry.One[Loss]{Name: "cross_entropy", Part: counted{CrossEntropy{Reduction: "weighted_mean"}, log, &waits, reads}}
		trainOn(t, "cuda", cfg)
		if waited := waits[first] != waits[len(waits)-last]; len(waits) < 2*first+last || waited != (name == "read") {
			t.Errorf("%s: waits so far, at each step: %v", name, waits)
		}
	}
}
