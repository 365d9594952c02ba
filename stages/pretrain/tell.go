package pretrain

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// section is where the report shows what it was.
const section = Name

// LossName is the name of the loss of an epoch, of the series train.
const LossName = "pretraining_loss"

// teller passes on of a pretraining what tells of it, named so that it is not taken for that of the
// phases, and keeps it in the journal of the store: each run that finds it there tells the same.
type teller struct {
	to      stage.Recorder
	store   *store
	journal []stage.Scalar
}

// again tells what was told before.
func (t *teller) again(ctx context.Context) error {
	t.journal = t.store.readJournal()
	var records []stage.Record
	for _, one := range t.journal {
		records = append(records, one)
	}
	if records == nil {
		return nil
	}
	return t.to.Record(ctx, records...)
}

// Record keeps losses and rates, and passes events on.
func (t *teller) Record(ctx context.Context, records ...stage.Record) error {
	var out []stage.Record
	for _, record := range records {
		switch v := record.(type) {
		case stage.Scalar:
			switch v.Name {
			case "loss":
				v.Name, v.Title = LossName, "Loss of pretraining"
				t.journal = append(slices.DeleteFunc(t.journal, func(s stage.Scalar) bool { return s.Epoch >= v.Epoch }), v)
				out = append(out, v)
			case "epoch_seconds": // of this run alone
				v.Name, v.Title = "pretraining_seconds", "Time of one epoch of pretraining"
				out = append(out, v)
			}
		case stage.Event:
			v.Text = "pretraining: " + v.Text
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return nil
	}
	if err := t.store.writeJournal(t.journal); err != nil {
		return fmt.Errorf("journal of pretraining: %w", err)
	}
	return t.to.Record(ctx, out...)
}

// Progress says what is in progress.
func (t *teller) Progress(p stage.Progress) {
	p.Label = strings.Replace(p.Label, Name+", ", "pretraining, ", 1)
	t.to.Progress(p)
}
