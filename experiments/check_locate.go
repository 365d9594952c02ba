package experiments

import (
	"errors"

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
