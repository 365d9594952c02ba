package train

import (
	"math"
	"path/filepath"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/registry"
)

func freeOfSchedule() registry.One[Optimizer] {
	return registry.One[Optimizer]{Name: "schedule_free", Part: ScheduleFree{Rate: 1e-2, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Statistics: 2}}
}

// TestScheduleFreeHandsOnItsAverage: what a phase keeps is x = y + (1 − 1/β1)·(z − y) of the y and z that are stored
// for going on, with statistics of batch-norm that were measured for it.
func TestScheduleFreeHandsOnItsAverage(t *testing.T) {
	t.Parallel()
	b := newBench(t).withoutDropout(t)
	p := phase("all", 3, "all")
	p.Keep = "last"
	cfg := config(0, p)
	cfg.Batch = 1000
	cfg.Optimizer = registry.One[Optimizer]{Name: "schedule_free", Part: ScheduleFree{Rate: 1e-2, Beta1: 0.8, Beta2: 0.999, Eps: 1e-8, Statistics: 50}}
	got := b.train(t, cfg, nil)
	file, err := safetensors.Read(filepath.Join(b.env.RunDir, "last.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	moved := 0.0
	for _, p := range b.net.Store.Parameters {
		if p.Buffer {
			continue
		}
		y, z := file.Tensors[p.Name].Data, file.Tensors["optimizer.z/"+p.Name].Data
		for i, v := range got[p.Name].Data {
			want := float64(y[i]) + (1-1/0.8)*(float64(z[i])-float64(y[i]))
			moved = max(moved, math.Abs(want-float64(y[i])))
			if !(math.Abs(float64(v)-want) <= 1e-6) {
				t.Errorf("%s[%d]: %v, want %v", p.Name, i, v, want)
				break
			}
		}
	}
	if moved < 1e-3 {
		t.Errorf("x and y are %g apart: nothing is tested", moved)
	}
	if d := fromTheBatch(t, b); !(d <= 1e-2) {
		t.Errorf("logits by the batch and by the statistics are %g apart", d)
	}
	for name := range file.Tensors {
		if filepath.Dir(name) == "average" {
			t.Errorf("%s is stored, which follows from the optimizer's state", name)
		}
	}
}
