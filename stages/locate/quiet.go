package locate

import (
	"context"
	"strings"

	"vertebra/stages/stage"
)

// quiet passes on of a training what tells of finding points, named so that it is not taken for
// the run's own.
type quiet struct{ to stage.Recorder }

// Record keeps losses, what validation measures, and events.
func (q quiet) Record(ctx context.Context, records ...stage.Record) error {
	var out []stage.Record
	for _, record := range records {
		switch v := record.(type) {
		case stage.Scalar:
			switch v.Name {
			case "loss":
				v.Name, v.Title = "point_loss", "Loss of the net that finds points"
				out = append(out, v)
			case distanceName, "points_found":
				out = append(out, v)
			}
		case stage.Event:
			v.Text = "finding points: " + v.Text
			out = append(out, v)
		case stage.Artefact:
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return q.to.Record(ctx, out...)
}

// Progress says what is in progress.
func (q quiet) Progress(p stage.Progress) {
	if !strings.HasPrefix(p.Label, Name) {
		p.Label = "finding points, " + p.Label
	}
	q.to.Progress(p)
}
