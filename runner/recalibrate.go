package main

import (
	"context"

	"vertebra/finished/validate"
	"vertebra/results"
	"vertebra/stages/stage"
)

// recalibrateCommand is runner recalibrate. The test split of the file measures; all other cases
// are learnt from.
type recalibrateCommand struct {
	otherData
	By   string  `help:"The calibrator: temperature, vector or threshold, with settings as evaluate.calibrate takes them, such as 'threshold: {best: sensitivity, least: 0.95}'." default:"vector" placeholder:"CALIBRATOR"`
	Sets float64 `help:"Make prediction sets of this coverage, such as 0.9; without it, as the run does." placeholder:"COVERAGE"`
}

// Run asks the nets about other data, learns from a part of them how their probabilities are to be
// corrected there, measures that on the rest, and stores it as an ensemble, which predicts.
func (c recalibrateCommand) Run(ctx context.Context, w world) error {
	how := validate.How{Sets: c.Sets}
	var err error
	if how.By, err = calibratorOf("--by", c.By); err != nil {
		return err
	}
	run, program, err := c.find(ctx)
	if err != nil {
		return err
	}
	r, err := validate.Recalibrate(ctx, c.env(w, stage.Discard), run, c.request(w), how, program)
	if err != nil {
		return err
	}
	return c.store(ctx, w, r.Info, func(_ *results.DB, run *results.Run) error { return c.carryOut(ctx, w, run, r.Measure) })
}
