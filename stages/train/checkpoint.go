package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"vertebra/stages/augment"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
)

// Checkpoints says when the state of a training is stored, and what is kept. The
// state is stored at the end of every epoch and when the run is interrupted in any
// case, as last.safetensors; the best weights of the phase are best.safetensors.
type Checkpoints struct {
	Minutes float64 `help:"within an epoch, store the state after so many minutes; 0 for at the ends of epochs only" min:"0"`
	Steps   int     `help:"within an epoch, store the state after so many optimizer steps; 0 for none" min:"0"`
	Every   int     `help:"keep the weights of every so many epochs, in a file each; 0 for none" min:"0"`
	Best    int     `help:"keep the weights of so many best epochs of each phase, in a file each; with 1 the best ones alone, as always" min:"1"`
	Last    string  `help:"what becomes of the state, which resuming needs, when the training is done: delete takes it away unless its weights are those that the last phase keeps" oneof:"keep delete"`
	Disk    float64 `help:"how much all checkpoints of a training may take, of each fold: of what every and best keep the oldest and the worst go first, and each deletion is an event; 0 for no limit" unit:"GB" min:"0"`
}

// DefaultCheckpoints loses at most ten minutes.
var DefaultCheckpoints = Checkpoints{Minutes: 10, Best: 1, Last: "keep"}

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
	f, err := t.content(ctx, name == "last") // others hold the weights
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
	at := t.state
	at.Step, at.Rate = t.step, number(t.rate)
	at.BestEpoch, at.BestValue = t.best.epoch, number(t.best.value)
	text, err := json.Marshal(at)
	out := map[string]string{
		"format": "pt", "program": "vertebra", "state": string(text),
		"data": t.data, "settings": t.settings(), "seed": strconv.FormatUint(t.env.Seed, 10),
		"phase": t.phase.Name, "epoch": strconv.Itoa(t.epoch), "step": strconv.Itoa(t.step), "monitor": t.monitor(),
		"best_epoch": strconv.Itoa(t.best.epoch), "best_value": strconv.FormatFloat(t.best.value, 'g', -1, 64),
	}
	model.Annotate(out, t.net.Notes)
	return out, err
}

// settings are those of training and augmentation that decide numbers, as YAML.
func (t *trainer) settings() string { return settingsOf(t.cfg, t.augment) }

func settingsOf(cfg Config, recipe augment.Config) string {
	cfg.Checkpoints, cfg.Features = DefaultCheckpoints, DefaultFeatures
	loss := ""
	if l, unnamed := cfg.Loss.Part.(interface{ Settings() string }); unnamed { // no train.loss of an experiment
		loss, cfg.Loss = l.Settings(), Default.Loss
	}
	training, err := yaml.Marshal(registry.Encode(cfg))
	augmentation, second := yaml.Marshal(registry.Encode(recipe))
	if err = errors.Join(err, second); err != nil {
		return err.Error() // cannot happen: Encode gives plain nodes
	}
	return string(training) + loss + beforeRecipe + string(augmentation)
}

const beforeRecipe = "augment:\n"

// settingsNow are the settings of a checkpoint as this program writes them: those that an older
// one did not know have their defaults. What cannot be read any more stays as it is.
func settingsNow(text string) string {
	training, augmentation, _ := strings.Cut(text, beforeRecipe)
	cfg, recipe := Default, augment.Config{}
	var trees [2]yaml.Node
	err := errors.Join(yaml.Unmarshal([]byte(training), &trees[0]), yaml.Unmarshal([]byte(augmentation), &trees[1]))
	if err == nil {
		err = errors.Join(registry.Decode(&trees[0], "", &cfg).Err(), registry.Decode(&trees[1], "", &recipe).Err())
	}
	if err != nil {
		return text
	}
	return settingsOf(cfg, recipe)
}
