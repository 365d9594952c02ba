package experiments

import (
	"fmt"

	"vertebra/stages/preprocess"
)

// volumesFitNet wants slices for a net whose convolutions go through them.
func volumesFitNet(e Experiment, c *checker, layout preprocess.Layout) {
	name := e.Model.Backbone.Name
	if e.Model.Slices != nil {
		c.fail("model.slices", name+" sees all slices of a volume at once", "remove it, or take a backbone for single images")
	}
	if len(e.Data.Views) > 0 && e.Model.Views != "shared" {
		c.fail("model.views", name+" would see the views as slices of one volume", "write views: shared")
	}
	if layout.Shape.Channels > 1 {
		c.fault("model.backbone", e.Model.VolumeFits(e.Model.Input.Seen(layout.Shape, layout.Slices)))
	} else {
		c.fail("model.backbone", name+" sees volumes, and an image here is one slice", "add - stack: {slices: 16, reach: series} to preprocess, or take a backbone for single images")
	}
	if n := e.Model.Input.Channels; n != 1 && n != 3 {
		c.fail("model.input.channels", fmt.Sprintf("a place of a volume has one number, which %d channels would repeat", n), "write 1, or 3 for weights of videos")
	}
	if _, err := e.Model.Input.Follow(layout.Normalisation); err != nil {
		c.fail("model.input", err.Error(), "")
	}
}
