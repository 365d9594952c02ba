package queue

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"vertebra/results"
)

// tidy keeps the checkpoints of the sweep within its budget. What goes is noted
// with the reason. Where nothing more may go, no trial begins.
func (c *coordinator) tidy(ctx context.Context) error {
	budget := int64(c.o.Config.Limits.Disk * 1e9)
	if budget == 0 {
		return nil
	}
	used := c.used()
	for _, d := range c.droppable() {
		if used <= budget {
			break
		}
		size := sizeOf(d.path)
		if size == 0 {
			continue
		}
		if err := os.Remove(d.path); err != nil {
			return fmt.Errorf("disk budget: %w", err)
		}
		used -= size
		text := fmt.Sprintf("dropped %s (%.1f MB) for the disk budget of %v GB: %s", d.path, float64(size)/1e6, c.o.Config.Limits.Disk, d.why)
		if err := c.event(ctx, d.trial.Number, "info", text); err != nil {
			return err
		}
	}
	was := c.full
	if c.full = used > budget; c.full && !was {
		return c.event(ctx, -1, "warning", fmt.Sprintf("the disk budget of %v GB is used up by what must stay: no new trial begins", c.o.Config.Limits.Disk))
	}
	return nil
}

// drop is a file that may go.
type drop struct {
	trial *results.Trial
	path  string
	why   string
	rank  int
}

// droppable lists what may go, the least missed first: states of trials that are
// over, then weights of trials that are not the best, the worst first.
func (c *coordinator) droppable() []drop {
	var out []drop
	best := c.best()
	for _, t := range c.trials {
		if t.Run == "" || !t.State.Over() {
			continue
		}
		for _, folder := range c.folders(t) {
			isBest := best != nil && best.Number == t.Number
			if !isBest || t.State == results.TrialDone { // else it may be evaluated from it in the end
				out = append(out, drop{t, filepath.Join(folder, "last.safetensors"), "the trial is over, and does not go on from it", 0})
			}
			if isBest {
				continue
			}
			for _, path := range weights(folder) {
				out = append(out, drop{t, path, "the trial is not the best", 1})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b drop) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return cmp.Compare(c.sofar(b.trial), c.sofar(a.trial))
	})
	return out
}

// weights are the files of a folder that hold weights alone: of epochs that
// train.checkpoints keeps, of the best epoch, and of the last predictions, which go last:
// where they are gone and the best are not, predictions would be made with those.
func weights(folder string) []string {
	epochs, _ := filepath.Glob(filepath.Join(folder, "epoch-*.safetensors")) // its only error is a bad pattern
	return append(epochs, filepath.Join(folder, "best.safetensors"), filepath.Join(folder, "final.safetensors"))
}

// folders are those of a trial's run: its own, and one for each fold.
func (c *coordinator) folders(t *results.Trial) []string {
	own := filepath.Join(c.o.Runs, t.Run)
	folds, err := filepath.Glob(filepath.Join(own, "fold-*"))
	if err != nil {
		return []string{own}
	}
	return append([]string{own}, folds...)
}

// used is what the runs of all trials take.
func (c *coordinator) used() (sum int64) {
	for _, t := range c.trials {
		if t.Run == "" {
			continue
		}
		_ = filepath.WalkDir(filepath.Join(c.o.Runs, t.Run), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				sum += sizeOf(path)
			}
			return nil // what cannot be read takes nothing that we know of
		})
	}
	return sum
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
