package train

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// countedPlaces is counted for places.
type countedPlaces struct {
	Places
	log   string
	waits *[]int
}

func (l countedPlaces) Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor {
	text, err := os.ReadFile(l.log)
	if err != nil {
		s.Fail(err)
	}
	*l.waits = append(*l.waits, bytes.Count(text, []byte("wait ")))
	return l.Places.Of(s, logits_BO, t)
}

// TestStepsOfPlacesNeverWait: nor do those of a net that learns where points are, which
// augmentations move.
func TestStepsOfPlacesNeverWait(t *testing.T) {
	log := strings.ReplaceAll(os.Getenv("STANDIN_LOG"), "%p", strconv.Itoa(os.Getpid()))
	if log == "" {
		t.Skip("bench/gpu/standin.sh runs this")
	}
	b := benchOn(t, t.TempDir(), "cuda")
	b.env.RunDir = "" // no checkpoint: nobody writes down this loss
	images, err := imagesOf(t.Context(), b.env, 32)
	if err != nil {
		t.Fatal(err)
	}
	defer images.Close()
	for i := range images.Cases {
		images.Cases[i].Point = &stage.Point{X: float64(i % 32), Y: 9}
	}
	var waits []int
	p := Places{torch.Grid{Height: 32, Width: 32, Stride: 4}, 1}
	net := netOf(t, b.env, model.Config{
		Backbone: registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 8}}},
		Input:    model.Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}},
	}, images, model.Task{Targets: 1, Each: p.Outputs(3), Places: true})
	cfg := config(1e-2, phase("all", 1, "all"))
	cfg.Balance = Balance{}
	cfg.Batch, cfg.Monitor, cfg.Compute.Precision = 4, "train.loss", "fp32"
	cfg.Loss = registry.One[Loss]{Name: "places", Part: countedPlaces{p, log, &waits}}
	recipe := augment.Config{
		{Name: "rotate", Part: augment.Rotate{Degrees: 10, When: augment.Always}}, {Name: "elastic", Part: augment.Elastic{Alpha: 10, Sigma: 4, When: augment.Always}},
	}
	if _, err := Run(t.Context(), b.env, cfg, net, images, recipe, func([]stage.Prediction) ([]stage.Scalar, error) { return nil, nil }); err != nil {
		t.Fatal(err)
	}
	const first, last = 2, 2
	if len(waits) < 2*first+last || waits[first] != waits[len(waits)-last] {
		t.Errorf("waits so far, at each step: %v", waits)
	}
}
