package experiments

import (
	"reflect"
	"testing"

	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// TestLayersOfThePlan: each layer has its parameters, its part of the arithmetic, and the
// phases that train it, with factors and the epoch that it joins in.
func TestLayersOfThePlan(t *testing.T) {
	t.Parallel()
	e := Default()
	e.Model.Backbone = registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 8}}}
	constant := registry.One[train.Schedule]{Name: "constant", Part: train.Constant{}}
	e.Train.Phases = []train.Phase{
		{Name: "thaw", Train: []string{"head"}, Epochs: 3, Schedule: constant, Unfreeze: &train.Unfreeze{Every: 2, Layers: 1}},
		{Name: "weights", Train: []string{"*.weight"}, Epochs: 1, Schedule: constant, Factors: map[string]float64{"blocks.0": 0.5}},
	}
	size, err := model.Measure(t.Context(), stage.Env{}, e.Model, preprocess.Shape{Channels: 3, Height: 8, Width: 8}, e.Task(stage.Questions{Classes: []string{"a", "b"}}, nil))
	if err != nil {
		t.Fatal(err)
	}
	all := func(phase string, from int) LayerTraining { return LayerTraining{phase, from, []float64{1}, false} }
	want := []LayerPlan{
		{"blocks.0", 4*3*9 + 2*4, 2 * 4, 2 * 4 * 3 * 9 * 64, []LayerTraining{{"weights", 1, []float64{0.5}, true}}},
		{"blocks.1", 8*4*9 + 2*8, 2 * 8, 2 * 8 * 4 * 9 * 16, []LayerTraining{all("thaw", 3), {"weights", 1, []float64{1}, true}}},
		{"head", 8*2 + 2, 0, 2 * 8 * 2, []LayerTraining{all("thaw", 1), {"weights", 1, []float64{1}, true}}},
	}
	if got := planLayers(e, size); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
