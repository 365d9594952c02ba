package experiments

import (
	"errors"
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// placesAreTold wants of the net that finds points a backbone that says where something is.
func placesAreTold(e Experiment, c *checker) {
	if e.Locate == nil {
		return
	}
	shape, task := e.Locate.Sees(1)
	if err := e.Locate.Model().PlacesFit(shape, task); err != nil {
		var fault stage.Fault
		hint := ""
		if errors.As(err, &fault) {
			err, hint = fault.Err, fault.Hint
		}
		c.fail("locate.backbone", err.Error(), hint)
	}
}

// pointsAreOfUse warns of a net that nobody asks, and of augmentations that do nothing to single
// slices, or begin too late.
func pointsAreOfUse(e Experiment, c *checker) {
	if e.Locate == nil {
		return
	}
	if e.Data.Sample == "series" || e.Data.Sample == "study" {
		c.warn("locate", "is of no use to nets whose sample is a "+e.Data.Sample+", which is seen whole", "leave it out, or take data.sample: point")
	}
	for _, f := range e.Locate.Augment.Idle(e.Locate.Epochs, augment.Stack{Colours: preprocess.InColour(e.Locate.Preprocess)}) {
		c.warn(join("locate.augment", f.Path), f.Text, "remove the entry")
	}
}

// pointsFit looks at what only the data shows of the net that finds points: it is trained after
// the others, which takes too long to be told then.
func pointsFit(e Experiment, cases audit.Cases) (out registry.Problems) {
	if e.Locate == nil {
		return nil
	}
	if err := e.Locate.Model().WeightsFile(0); err != nil {
		out = append(out, problemOf("locate.backbone."+e.Locate.Backbone.Name+".weights", err))
	}
	if cases.Folds > 0 {
		cases = cases.InFold(cases.FoldsToRun()[0])
	}
	o, err := e.Locate.Foresee(cases)
	wrong := stage.Wrong{Path: "locate"}
	if errors.As(err, &wrong); err != nil {
		return append(out, problemOf(wrong.Path, err))
	}
	if o.Train == 0 {
		out = append(out, registry.Problem{Path: "locate", Text: "no training case has a point", Hint: "look at data.split, and at what is dropped (runner audit FILE)"})
	}
	for i, entry := range e.Locate.Augment {
		if err := (augment.Config{entry}).CheckSides(augment.Names{Targets: o.Names}, planesOf(cases, stage.Train)); err != nil {
			out = append(out, problemOf(fmt.Sprintf("locate.augment.%d.%s", i, entry.Name), err))
		}
	}
	return out
}
