package experiments

import (
	"fmt"

	"vertebra/stages/augment"
	"vertebra/stages/preprocess"
)

// middleFits wants images and stacks that have the middle that the net sees, and says whether they
// have.
func middleFits(e Experiment, c *checker, layout preprocess.Layout) bool {
	crop, stack := e.Model.CropFits(layout.Shape), e.Model.Input.SlicesFit(layout.Slices)
	c.fault("model.input.center_crop", crop)
	c.fault("model.input.middle_slices", stack)
	mixesWhole(e, c)
	return crop == nil && stack == nil
}

// mixesWhole refuses cutmix where the net sees the middle of images: the shares of classes are those
// of whole ones.
func mixesWhole(e Experiment, c *checker) {
	for i, part := range e.Augment {
		if _, is := part.Part.(augment.CutMix); is && e.Model.Input.CenterCrop > 0 {
			c.fail(fmt.Sprintf("augment.%d.%s", i, part.Name), "counts what the pieces share of the whole image, and the net sees its middle alone", "take mixup, or leave model.input.center_crop out")
		}
	}
}

// windowMoves warns where slices beside the middle are kept that nothing brings into view, and where
// the window moves further than they reach.
func windowMoves(e Experiment, c *checker) {
	held := preprocess.SlicesOf(e.Preprocess)
	if held < 2 || e.Model.Input.SlicesFit(held) != nil {
		return // told elsewhere
	}
	seen := e.Model.Input.SlicesSeen(held)
	beside := (held - seen) / 2
	if beside > 0 && e.Augment.SliceReach() == 0 {
		c.warn("model.input.middle_slices", fmt.Sprintf("%d of %d slices are kept and never seen: nothing moves the window", 2*beside, held), "add slice_shift to augment, or stack fewer")
	}
	if beside == 0 && preprocess.StacksSeries(e.Preprocess) {
		return // beside a whole series there are no slices
	}
	for i, entry := range e.Augment {
		if reach := e.Augment[i : i+1].SliceReach(); reach > beside {
			c.warn(fmt.Sprintf("augment.%d.%s", i, entry.Name), fmt.Sprintf("the window moves by up to %d slices, beside it are %d on each side, and beyond them the outermost comes again", reach, beside),
				fmt.Sprintf("write stack: {slices: %d} in preprocess and model.input.middle_slices: %d", seen+2*reach, seen))
		}
	}
}
