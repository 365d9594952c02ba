package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
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
		path := t.checkpoint(name)
		sum, size, err := digest(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		records = append(records, stage.Artefact{Kind: "checkpoint", Path: path, Bytes: size, SHA256: sum})
	}
	return t.env.Recorder.Record(ctx, records...)
}

func digest(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
