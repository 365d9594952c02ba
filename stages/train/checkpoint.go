package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// save writes weights, optimizer state and counters into one file, whole or not
// at all. Optimizer tensors are named optimizer.<slot>/<parameter>.
func (t *trainer) save(ctx context.Context, name string) error {
	if t.env.RunDir == "" {
		return nil
	}
	var f safetensors.File
	err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		f = safetensors.File{Tensors: t.net.Tensors(s), Metadata: t.metadata()}
		for _, p := range t.optimizer.Names() {
			state := t.optimizer.State(p)
			f.Metadata["optimizer.step/"+p] = strconv.FormatInt(state.Step, 10)
			for slot, tensor := range state.Slots {
				f.Tensors["optimizer."+slot+"/"+p] = safetensors.Tensor{Shape: s.Describe(tensor).Shape, Data: s.Float32s(tensor)}
			}
		}
		return s.Err()
	})
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", name, err)
	}
	if err := os.MkdirAll(t.env.RunDir, 0o755); err != nil {
		return fmt.Errorf("checkpoint %s: %w", name, err)
	}
	return safetensors.Write(filepath.Join(t.env.RunDir, name+".safetensors"), f)
}

func (t *trainer) metadata() map[string]string {
	return map[string]string{
		"format": "pt", "program": "vertebra", "phase": t.phase.Name,
		"epoch": strconv.Itoa(t.epoch), "step": strconv.Itoa(t.step),
		"monitor": t.cfg.Monitor, "best_value": strconv.FormatFloat(t.best.value, 'g', -1, 64),
		"best_epoch": strconv.Itoa(t.best.epoch), "seed": strconv.FormatUint(t.env.Seed, 10),
	}
}

// artefacts records the files that the training left.
func (t *trainer) artefacts(ctx context.Context) error {
	var records []stage.Record
	for _, name := range []string{"best", "last"} {
		path := filepath.Join(t.env.RunDir, name+".safetensors")
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
