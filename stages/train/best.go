package train

import (
	"context"
	"fmt"
	"math"
	"strings"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// mark is the best epoch of a phase, with its weights kept on the host.
type mark struct {
	epoch   int
	value   float64
	tensors map[string]safetensors.Tensor
}

// keep remembers the best weights, and stores both checkpoints. The best are
// strictly better: of equals the first stays.
func (t *trainer) keep(ctx context.Context, value float64, d stage.Direction) error {
	if t.best.tensors == nil || better(d, value, t.best.value, 0) {
		t.best = mark{epoch: t.epoch, value: value}
		if err := t.averaged(ctx, func() error { return t.keepBest(ctx) }); err != nil {
			return err
		}
	}
	if err := t.retain(ctx, value); err != nil {
		return err
	}
	return t.save(ctx, "last")
}

func (t *trainer) keepBest(ctx context.Context) error {
	err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		t.best.tensors = t.net.Tensors(s)
		return s.Err()
	})
	if err != nil {
		return err
	}
	return t.save(ctx, "best")
}

// restore leaves the net with the weights that the phase hands on: the next
// phase's from, or this one's keep where none comes after it.
func (t *trainer) restore(ctx context.Context) error {
	which := t.phase.Keep
	if t.index+1 < len(t.cfg.Phases) && !t.enough {
		which = t.cfg.Phases[t.index+1].From
	}
	if which != "best" || t.best.epoch == t.epoch {
		if free, is := t.cfg.ScheduleFree(t.phase); is && t.averages == nil { // the process began after the last epoch
			if err := t.averagePoints(ctx, free); err != nil {
				return err
			}
		}
		return t.swap(ctx) // for good: the averages end with the phase
	}
	return t.net.Engine().Do(ctx, func(s *torch.Scope) error { return t.net.Load(s, t.best.tensors) })
}

// saveFinal stores the weights that make the last predictions, unless they are the
// best of the last phase, which have a file.
func (t *trainer) saveFinal(ctx context.Context) error {
	if t.phase.Keep == "best" && t.best.tensors != nil {
		return nil
	}
	return t.save(ctx, "final")
}

// monitored finds the number that monitor names: <series>.<name>.
func monitored(monitor string, scalars []stage.Scalar) (float64, stage.Direction, error) {
	series, name, _ := strings.Cut(monitor, ".")
	var have []string
	for _, s := range scalars {
		if s.Series == series && s.Name == name {
			if math.IsNaN(s.Value) {
				return 0, s.Better, stage.Fault{
					Err:  stage.Failure{What: stage.NotANumber, Err: fmt.Errorf("monitor: %s does not exist in this split", monitor)},
					Hint: "perhaps no case of its class is there; watch another number, such as validation.loss, or make the split larger",
				}
			}
			return s.Value, s.Better, nil
		}
		have = append(have, s.Series+"."+s.Name)
	}
	return 0, "", fmt.Errorf("monitor: there is no %s; have %s", monitor, strings.Join(have, ", "))
}
