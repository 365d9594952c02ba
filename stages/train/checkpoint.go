package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Checkpoints says when the state of a training is stored. It is stored at the
// end of every epoch and when the run is interrupted in any case.
type Checkpoints struct {
	Minutes float64 `help:"within an epoch, store the state after so many minutes; 0 for at the ends of epochs only" min:"0"`
	Steps   int     `help:"within an epoch, store the state after so many optimizer steps; 0 for none" min:"0"`
}

// DefaultCheckpoints loses at most ten minutes.
var DefaultCheckpoints = Checkpoints{Minutes: 10}

// due says whether the state is to be stored now, in the middle of an epoch.
func (c Checkpoints) due(step int, since time.Duration) bool {
	return c.Steps > 0 && step%c.Steps == 0 || c.Minutes > 0 && since.Minutes() >= c.Minutes
}

// bestPrefix begins the names of the best weights so far in last.safetensors.
const bestPrefix = "best/"

// save writes a checkpoint: one file, whole or not at all. "best" holds the
// weights; "last" holds everything that the rest of the training depends on.
func (t *trainer) save(ctx context.Context, name string) error {
	if t.env.RunDir == "" {
		return nil
	}
	f, err := t.content(ctx, name == "last")
	if err == nil {
		err = os.MkdirAll(t.env.RunDir, 0o755)
	}
	if err == nil {
		err = safetensors.Write(t.checkpoint(name), f)
	}
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", name, err)
	}
	t.saved = t.env.Now()
	return nil
}

func (t *trainer) checkpoint(name string) string {
	return filepath.Join(t.env.RunDir, name+".safetensors")
}

func (t *trainer) content(ctx context.Context, whole bool) (f safetensors.File, err error) {
	f.Metadata, err = t.metadata()
	if err != nil {
		return f, err
	}
	err = t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		f.Tensors = t.net.Tensors(s)
		if whole {
			for _, k := range t.keepers() {
				k.store(s, f)
			}
			for n, tensor := range t.best.tensors {
				f.Tensors[bestPrefix+n] = tensor
			}
		}
		return s.Err()
	})
	return f, err
}

func (t *trainer) metadata() (map[string]string, error) {
	at := t.at
	at.Step, at.Rate = t.step, number(t.rate)
	at.BestEpoch, at.BestValue = t.best.epoch, number(t.best.value)
	text, err := json.Marshal(at)
	return map[string]string{
		"format": "pt", "program": "vertebra", "state": string(text),
		"data": t.data, "settings": t.settings(), "seed": strconv.FormatUint(t.env.Seed, 10),
		"phase": t.phase.Name, "epoch": strconv.Itoa(t.epoch), "step": strconv.Itoa(t.step), "monitor": t.monitor(),
		"best_epoch": strconv.Itoa(t.best.epoch), "best_value": strconv.FormatFloat(t.best.value, 'g', -1, 64),
	}, err
}

// settings are those of training and augmentation, as YAML.
func (t *trainer) settings() string {
	train, err := yaml.Marshal(registry.Encode(t.cfg))
	recipe, second := yaml.Marshal(registry.Encode(t.augment))
	if err = errors.Join(err, second); err != nil {
		return err.Error() // cannot happen: Encode gives plain nodes
	}
	return string(train) + "augment:\n" + string(recipe)
}

// open reads the checkpoint to go on from; without one the training begins anew.
func (t *trainer) open() error {
	if !t.env.Resume || t.env.RunDir == "" {
		return nil
	}
	f, err := safetensors.Read(t.checkpoint("last"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = t.accept(f)
	}
	if err != nil {
		return fmt.Errorf("going on from %s: %w", t.checkpoint("last"), err)
	}
	t.loaded = &f
	return nil
}

// accept takes over the state of a checkpoint of the same training.
func (t *trainer) accept(f safetensors.File) error {
	hint := "start a new run instead, or put back what was changed"
	if seed := strconv.FormatUint(t.env.Seed, 10); f.Metadata["seed"] != seed {
		return stage.Fault{Err: fmt.Errorf("its seed is %s, the experiment's is %s", f.Metadata["seed"], seed), Hint: hint}
	}
	if was := f.Metadata["settings"]; was != t.settings() {
		return stage.Fault{Err: fmt.Errorf("it is of another experiment:\n%s", difference(was, t.settings())), Hint: hint}
	}
	if f.Metadata["data"] != t.data {
		return stage.Fault{Err: errors.New("images, labels or splits are no longer those that it was trained on"), Hint: hint}
	}
	if err := json.Unmarshal([]byte(f.Metadata["state"]), &t.at); err != nil {
		return fmt.Errorf("its state: %w", err)
	}
	if t.at.Phase < 0 || t.at.Phase >= len(t.cfg.Phases) || t.at.Before < 0 || t.at.Batch < 0 {
		return fmt.Errorf("its state is damaged: phase %d of %d, batch %d", t.at.Phase+1, len(t.cfg.Phases), t.at.Batch)
	}
	t.step, t.rate, t.epoch = t.at.Step, float64(t.at.Rate), t.at.Before+len(t.at.Values)
	t.best = mark{epoch: t.at.BestEpoch, value: float64(t.at.BestValue)}
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

// keepers are the pieces with a state of their own.
func (t *trainer) keepers() []keeper { return []keeper{optimizerState{t}, averageState{t}} }

// optimizerState keeps the optimizer: tensors optimizer.<slot>/<parameter>, and
// the steps of each parameter among the metadata.
type optimizerState struct{ t *trainer }

func (o optimizerState) store(s *torch.Scope, f safetensors.File) {
	for _, p := range o.t.optimizer.Names() {
		state := o.t.optimizer.State(p)
		f.Metadata["optimizer.step/"+p] = strconv.FormatInt(state.Step, 10)
		for slot, tensor := range state.Slots {
			f.Tensors["optimizer."+slot+"/"+p] = safetensors.Tensor{Shape: s.Describe(tensor).Shape, Data: s.Float32s(tensor)}
		}
	}
}

func (o optimizerState) load(s *torch.Scope, f safetensors.File) {
	for _, p := range o.t.net.Store.Parameters {
		text, ok := f.Metadata["optimizer.step/"+p.Name]
		if !ok {
			continue
		}
		step, err := strconv.ParseInt(text, 10, 64)
		s.Fail(err)
		slots := map[string][]float32{}
		for name, tensor := range f.Tensors {
			if slot, found := strings.CutSuffix(strings.TrimPrefix(name, "optimizer."), "/"+p.Name); found {
				slots[slot] = tensor.Data
			}
		}
		o.t.optimizer.Restore(s, p, step, slots)
	}
}

// artefacts records the files that the training left.
func (t *trainer) artefacts(ctx context.Context) error {
	var records []stage.Record
	for _, name := range []string{"best", "last"} {
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
