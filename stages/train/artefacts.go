package train

import (
	"context"
	"os"

	"vertebra/stages/stage"
)

// artefacts records the files that the training left.
func (t *trainer) artefacts(ctx context.Context) error {
	names := []string{"best", "last", "final"}
	for _, k := range t.state.Kept {
		names = append(names, epochName(k.Epoch))
	}
	var records []stage.Record
	for _, name := range names {
		artefact, err := stage.FileArtefact("checkpoint", t.checkpoint(name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		records = append(records, artefact)
	}
	return t.env.Recorder.Record(ctx, records...)
}
