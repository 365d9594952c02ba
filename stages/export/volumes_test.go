package export

import (
	"path/filepath"
	"testing"

	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// TestVolumesAgree: of a net for volumes, too, both files say what the net says, of batches of
// other sizes than the trace's. That of 18 layers pools volumes by their largest numbers and by
// their mean, and pads channels.
func TestVolumesAgree(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes large files")
	}
	r := request(t, func(r *tiny) {
		r.Model.Backbone.Name, r.Model.Backbone.Part = "medicalnet_resnet18", model.MedicalNetResNet18{Stride: 2}
		r.Model.Input = model.InputOf(r.Model.Backbone.Part)
		r.Layout.Shape, r.Layout.Slices = preprocess.Shape{Channels: 5, Height: 12, Width: 12}, 5
	})
	dir := t.TempDir()
	for _, file := range []string{"net.pt", "net.onnx"} {
		if _, err := Write(t.Context(), stage.Env{}, r, filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	net := beside(t, r)
	for _, batch := range []int64{1, 2} {
		compare(t, net, dir, batch)
	}
}
