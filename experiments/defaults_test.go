package experiments

import (
	"reflect"
	"testing"

	"vertebra/stages/model"
)

// TestInputFollowsBackbone: nets of grey volumes take one channel where no file says how pixels
// enter, whoever names the net; what a file says holds.
func TestInputFollowsBackbone(t *testing.T) {
	t.Parallel()
	const base = `
data: {source: {rsna: {root: data}}, sample: series}
preprocess: [decode, {window: {percentiles: [1, 99], scope: series}}, {resize: {pixels: 32}}, {stack: {slices: 8, reach: series}}]
train: {phases: [{name: all, train: [all], epochs: 1}]}
`
	grey, colour := model.InputOf(model.MedicalNetResNet10{}), model.Default.Input
	if grey.Channels != 1 || colour.Channels != 3 {
		t.Fatalf("%+v and %+v", grey, colour)
	}
	three := grey
	three.Channels = 3
	for what, c := range map[string]struct {
		text string
		sets []string
		want model.Input
	}{
		"by name":          {text: "model: {backbone: medicalnet_resnet10}", want: grey},
		"with settings":    {text: "model: {backbone: {densenet121_3d: {weights: ''}}}\nset: {preprocess.stack.slices: 32}", want: grey},
		"of videos":        {text: "model: {backbone: mc3_18}", want: colour},
		"by --set":         {text: "model: {backbone: mc3_18}", sets: []string{"model.backbone=medicalnet_resnet10"}, want: grey},
		"by another --set": {text: "model: {backbone: medicalnet_resnet10}", sets: []string{"model.backbone=mc3_18"}, want: colour},
		"three channels":   {text: "model: {backbone: medicalnet_resnet10, input: {channels: 3}}", want: three},
	} {
		files := map[string]string{"base.yaml": base, "a.yaml": "name: volumes\nextends: base.yaml\n" + c.text}
		e, _, err := loadExperiment(inMemory(files), "a.yaml", c.sets)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if !reflect.DeepEqual(e.Model.Input, c.want) {
			t.Errorf("%s: got %+v, want %+v", what, e.Model.Input, c.want)
		}
		if again, err := Stored(string(Resolved(e))); err != nil || !reflect.DeepEqual(again.Model, e.Model) {
			t.Errorf("%s: read back as %+v (%v)", what, again.Model, err)
		}
	}
}
