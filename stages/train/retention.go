package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"vertebra/stages/stage"
)

// kept is an epoch whose weights have a file of their own.
type kept struct {
	Phase  int             `json:"phase"`
	Epoch  int             `json:"epoch"`  // of the run
	Value  number          `json:"value"`  // of the number that the phase monitors
	Better stage.Direction `json:"better"` // which way that is better
	Bytes  int64           `json:"bytes"`
}

func epochName(epoch int) string { return fmt.Sprintf("epoch-%04d", epoch) }

// retain stores the weights of the epoch that has just ended, if a rule asks for
// them, and deletes what no rule asks for any more or what the disk has no room
// for. It decides by what the checkpoint holds, so a run that does the epoch again
// decides the same. best and last, which the next phase, the last predictions and
// resuming need, are never touched here.
func (t *trainer) retain(ctx context.Context, value float64) error {
	c := t.cfg.Checkpoints
	if t.env.RunDir == "" || c.Every == 0 && c.Best < 2 {
		return nil
	}
	one := kept{Phase: t.index, Epoch: t.epoch, Value: number(value), Better: t.state.Better}
	if t.wanted(one, append(slices.Clone(t.state.Kept), one)) {
		name := epochName(t.epoch)
		if err := t.averaged(ctx, func() error { return t.save(ctx, name) }); err != nil {
			return err
		}
		info, err := os.Stat(t.checkpoint(name))
		if err != nil {
			return err
		}
		one.Bytes = info.Size()
		t.state.Kept = append(slices.Clone(t.state.Kept), one)
	}
	for _, old := range slices.Clone(t.state.Kept) {
		if t.wanted(old, t.state.Kept) {
			continue
		}
		reason := fmt.Sprintf("%s was %.4g, and %d epochs of phase %s are better", t.monitor(), float64(old.Value), c.Best, t.cfg.Phases[old.Phase].Name)
		if err := t.discard(ctx, old, reason); err != nil {
			return err
		}
	}
	return t.fitDisk(ctx)
}

// wanted says whether a rule asks for an epoch among all that are kept.
func (t *trainer) wanted(one kept, all []kept) bool {
	return t.everyRule(one) || t.rank(one, all) < t.cfg.Checkpoints.Best && t.cfg.Checkpoints.Best > 1
}

func (t *trainer) everyRule(one kept) bool {
	every := t.cfg.Checkpoints.Every
	return every > 0 && one.Epoch%every == 0
}

// rank counts the epochs of the same phase that are better; of equals the first is.
func (t *trainer) rank(one kept, all []kept) (n int) {
	for _, other := range all {
		equal := other.Value == one.Value && other.Epoch < one.Epoch
		if other.Phase == one.Phase && (equal || better(one.Better, float64(other.Value), float64(one.Value), 0)) {
			n++
		}
	}
	return n
}

// discard deletes an epoch's weights, and says why.
func (t *trainer) discard(ctx context.Context, old kept, reason string) error {
	path := t.checkpoint(epochName(old.Epoch))
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete checkpoint: %w", err)
	}
	t.state.Kept = slices.DeleteFunc(slices.Clone(t.state.Kept), func(k kept) bool { return k == old })
	return t.env.Recorder.Record(ctx, stage.Event{Level: "info", Stage: "train", Text: fmt.Sprintf(
		"checkpoint of epoch %d deleted (%.3g MB): %s", old.Epoch, float64(old.Bytes)/1e6, reason)})
}

// fitDisk deletes kept epochs until everything fits the budget: first those that
// only the rule of every so many epochs asks for, from the oldest, then the worst.
func (t *trainer) fitDisk(ctx context.Context) error {
	budget := t.cfg.Checkpoints.Disk
	if budget == 0 {
		return nil
	}
	needed := t.needed()
	for len(t.state.Kept) > 0 {
		total := needed
		for _, k := range t.state.Kept {
			total += k.Bytes
		}
		if float64(total) <= budget*1e9 {
			return nil
		}
		first := slices.MinFunc(t.state.Kept, t.dispensable)
		reason := fmt.Sprintf("checkpoints took %.3g GB, train.checkpoints.disk allows %.3g", float64(total)/1e9, budget)
		if err := t.discard(ctx, first, reason); err != nil {
			return err
		}
	}
	if float64(needed) > budget*1e9 && !t.state.OverDisk {
		t.state.OverDisk = true
		return t.env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "train", Text: fmt.Sprintf(
			"best and last take %.3g GB, and train.checkpoints.disk allows %.3g: nothing else is kept, and they stay, since the run needs them", float64(needed)/1e9, budget)})
	}
	return nil
}

// dispensable puts what may go first in front.
func (t *trainer) dispensable(a, b kept) int {
	top := func(k kept) int {
		if t.rank(k, t.state.Kept) < t.cfg.Checkpoints.Best && t.cfg.Checkpoints.Best > 1 {
			return 1
		}
		return 0
	}
	if by := cmp.Compare(top(a), top(b)); by != 0 {
		return by
	}
	if top(a) == 1 && a.Phase == b.Phase && a.Value != b.Value {
		if better(a.Better, float64(a.Value), float64(b.Value), 0) {
			return 1
		}
		return -1
	}
	return cmp.Compare(a.Epoch, b.Epoch)
}

// needed is the size of best and last.
func (t *trainer) needed() (bytes int64) {
	for _, name := range []string{"best", "last"} {
		if info, err := os.Stat(t.checkpoint(name)); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}

// dropResumeState deletes the state that only resuming needs, where the experiment asks for
// that: after the last predictions are stored.
func (t *trainer) dropResumeState(ctx context.Context, predictions int) error {
	if t.cfg.Checkpoints.Last != "delete" || predictions == 0 || t.env.RunDir == "" {
		return nil
	}
	info, err := os.Stat(t.checkpoint("last"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.Remove(t.checkpoint("last"))
	}
	if err != nil {
		return fmt.Errorf("delete checkpoint: %w", err)
	}
	return t.env.Recorder.Record(ctx, stage.Event{Level: "info", Stage: "train", Text: fmt.Sprintf(
		"last.safetensors deleted (%.3g MB): the training is done and its predictions are stored", float64(info.Size())/1e6)})
}
