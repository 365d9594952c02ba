package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strconv"
	"strings"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// openCheckpoint reads the checkpoint to go on from; without one the training begins anew.
func (t *trainer) openCheckpoint() error {
	if !t.env.Resume || t.env.RunDir == "" {
		return nil
	}
	f, err := safetensors.Read(t.checkpoint("last"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = t.takeOver(f)
	}
	if err != nil {
		err = fmt.Errorf("going on from %s: %w", t.checkpoint("last"), err)
		if fault := (stage.Fault{}); !errors.As(err, &fault) {
			err = stage.Fault{Err: err, Hint: "put back a whole copy of the file; or delete it, and training begins again from its first epoch"}
		}
		return err
	}
	t.loaded = &f
	return nil
}

// takeOver takes over the state of a checkpoint of the same training.
func (t *trainer) takeOver(f safetensors.File) error {
	hint := "start a new run instead, or put back what was changed"
	if f.Metadata["state"] == "" {
		return stage.Fault{Err: errors.New("it does not say where the training was: one of the first versions of this program wrote it, or another one"),
			Hint: "start a new run instead; its weights can be read: backbone: {…: {weights: FILE}}"}
	}
	if seed := strconv.FormatUint(t.env.Seed, 10); f.Metadata["seed"] != seed {
		return stage.Fault{Err: fmt.Errorf("its seed is %s, the experiment's is %s", f.Metadata["seed"], seed), Hint: hint}
	}
	if was, is := f.Metadata["settings"], t.settings(); was != is && settingsNow(was) != is {
		return stage.Fault{Err: fmt.Errorf("it is of another experiment:\n%s", difference(settingsNow(was), is)), Hint: hint}
	}
	if f.Metadata["data"] != t.data {
		return stage.Fault{Err: errors.New("images, labels or splits are no longer those that it was trained on"), Hint: hint}
	}
	if err := json.Unmarshal([]byte(f.Metadata["state"]), &t.state); err != nil {
		return fmt.Errorf("its state: %w", err)
	}
	if t.state.Answers == 0 { // written when an image had one answer
		t.state.Answers = t.state.Images
	}
	if t.state.Phase < 0 || t.state.Phase >= len(t.cfg.Phases) || t.state.Before < 0 || t.state.Batch < 0 {
		return fmt.Errorf("its state is damaged: phase %d of %d, batch %d", t.state.Phase+1, len(t.cfg.Phases), t.state.Batch)
	}
	if t.state.Scale != (torch.LossScale{}) && !t.state.Scale.Valid() {
		return fmt.Errorf("its state is damaged: the loss is scaled by %g", t.state.Scale.Value)
	}
	for _, k := range t.state.Kept {
		if k.Phase < 0 || k.Phase >= len(t.cfg.Phases) {
			return fmt.Errorf("its state is damaged: weights of epoch %d are of phase %d of %d", k.Epoch, k.Phase+1, len(t.cfg.Phases))
		}
	}
	t.step, t.rate, t.epoch = t.state.Step, float64(t.state.Rate), t.state.Before+len(t.state.Values)
	t.best = mark{epoch: t.state.BestEpoch, value: float64(t.state.BestValue)}
	return nil
}

// difference lists the lines that differ between two texts.
func difference(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	var out []string
	for i := range max(len(a), len(b)) {
		was, is := at(a, i), at(b, i)
		if was != is {
			out = append(out, "  was: "+strings.TrimSpace(was), "  is:  "+strings.TrimSpace(is))
		}
		if len(out) >= 12 {
			break
		}
	}
	return strings.Join(out, "\n")
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// load brings the tensors of the checkpoint to where they belong. The phase has
// begun: what is frozen is frozen, and the optimizer is there.
func (t *trainer) load(s *torch.Scope) error {
	f := *t.loaded
	t.loaded = nil
	best := map[string]safetensors.Tensor{}
	for name, tensor := range f.Tensors {
		if rest, ok := strings.CutPrefix(name, bestPrefix); ok {
			best[rest] = tensor
		}
	}
	if len(best) > 0 {
		t.best.tensors = maps.Clone(best)
	}
	if err := t.net.Load(s, f.Tensors); err != nil {
		return err
	}
	for _, k := range t.keepers() {
		k.load(s, f)
	}
	return s.Err()
}
