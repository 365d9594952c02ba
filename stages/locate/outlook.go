package locate

import (
	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Outlook is what a training would do, known from tables and headers.
type Outlook struct {
	Names      []string // of points
	Series     int      // on which some are labelled, and single images
	Train      int      // slices that an epoch shows
	Validation int      // slices that are looked at after each epoch
	Shape      preprocess.Shape
	Task       model.Task
}

// Foresee says what a training on the cases would do.
func (c Config) Foresee(cases audit.Cases) (o Outlook, err error) {
	scans, err := c.scans(cases)
	if err != nil {
		return o, err
	}
	o.Names, o.Series = names(scans), len(scans)
	o.Shape, o.Task = c.Sees(len(o.Names))
	for _, s := range scans {
		switch n := len(s.shown(c.Elsewhere)); s.split {
		case stage.Train:
			o.Train += n
		case stage.Validation:
			o.Validation += n
		}
	}
	return o, nil
}

// Sees is what a net that looks for so many points is given, and what it is asked.
func (c Config) Sees(points int) (preprocess.Shape, model.Task) {
	task := model.Task{Targets: points, Each: c.places().Outputs(0), Places: true}
	return preprocess.Shape{Channels: 1, Height: c.Pixels, Width: c.Pixels}, task
}
