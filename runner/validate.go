package main

import (
	"context"

	"vertebra/finished/validate"
	"vertebra/results"
	"vertebra/stages/stage"
)

// validateCommand is runner validate.
type validateCommand struct {
	otherData
	FindPoints bool   `help:"Look for the points that nets look at with the run's own net (section locate), also where the data says where they are: what the nets are worth where nobody marks any."`
	Split      string `help:"Ask about the cases of one split of the file alone; without it, about all." enum:",train,validation,test" default:""`
}

// Run asks the nets of a finished run about other data, measures what they say, and stores that
// as a run: an external validation.
func (c validateCommand) Run(ctx context.Context, w world) error {
	run, program, err := c.find(ctx)
	if err != nil {
		return err
	}
	asked := c.request(w)
	asked.Split, asked.FindPoints = c.Split, c.FindPoints
	v, err := validate.Prepare(ctx, c.env(w, stage.Discard), run, asked, program)
	if err != nil {
		return err
	}
	return c.store(ctx, w, v.Info, func(db *results.DB, r *results.Run) error {
		if err := c.carryOut(ctx, w, r, v.Measure); err != nil {
			return err
		}
		record, err := db.Load(ctx, r.ID())
		if err != nil {
			return err
		}
		if mix, known := v.Mix(record); known {
			return r.Record(ctx, mix)
		}
		return nil
	})
}

// listener shows what comes up, and keeps the warnings among it for the report.
type listener struct {
	*console
	to       stage.Recorder
	warnings []stage.Record
}

// Record passes on what stages record. What comes up while nets are asked is told by the command itself.
func (l *listener) Record(ctx context.Context, records ...stage.Record) error {
	var rest []stage.Record
	for _, r := range records {
		e, is := r.(stage.Event)
		if !is || e.Stage != "" {
			rest = append(rest, r)
			continue
		}
		if err := l.console.Record(ctx, e); err != nil {
			return err
		}
		if e.Level == "warning" {
			l.warnings = append(l.warnings, stage.Event{Level: e.Level, Stage: "validate", Text: e.Text})
		}
	}
	if rest == nil {
		return nil
	}
	return l.to.Record(ctx, rest...)
}
