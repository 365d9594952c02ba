package train

import (
	"context"
	"fmt"
	"strings"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// beginPhase freezes and thaws, and makes the optimizer. When a checkpoint was
// loaded, it brings everything to where that was.
func (t *trainer) beginPhase(ctx context.Context) (stage.PhaseRecord, error) {
	if t.loaded == nil {
		t.state, t.best = state{Phase: t.index, Before: t.epoch, Parts: t.state.Parts, Kept: t.state.Kept, OverDisk: t.state.OverDisk, Scale: t.state.Scale, Numerics: t.state.Numerics}, mark{}
	}
	err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		t.setTrainable(s, t.state.begun())
		t.openOptimizer(s)
		t.startAverages(s)
		if t.loaded != nil {
			return t.load(s)
		}
		return s.Err()
	})
	note := t.phaseRecord()
	if err == nil && note.Trainable == 0 {
		err = fmt.Errorf("train %v selects no parameter; there are the groups %s", note.Groups, strings.Join(t.net.Groups, ", "))
	}
	if err != nil {
		return note, err
	}
	return note, t.env.Recorder.Record(ctx, note)
}

// setTrainable freezes and thaws for an epoch of the phase. Gradients of earlier steps are
// let go of: those of what is frozen now would stay in memory.
func (t *trainer) setTrainable(s *torch.Scope, epoch int) {
	t.dropGraph(s)
	t.work = work{}
	var all []torch.Tensor
	for _, p := range t.net.Store.Parameters {
		all = append(all, p.Tensor)
	}
	s.ClearGrads(all)
	t.net.Store.Train(s, t.phase.Trains(t.net.Groups, epoch), torch.Statistics(t.phase.BatchNorm))
}

// phaseRecord describes the phase as it is in the last epoch that has begun.
func (t *trainer) phaseRecord() stage.PhaseRecord {
	note := stage.PhaseRecord{Name: t.phase.Name, Index: t.index, Groups: t.phase.Words(t.net.Groups, t.state.begun()), FirstEpoch: t.state.Before + 1}
	for _, p := range t.net.Store.Parameters {
		if !p.Buffer {
			note.Total += p.Elements()
		}
		if p.Trainable {
			note.Trainable += p.Elements()
		}
	}
	return note
}

// openOptimizer makes the phase's optimizer, or goes on with that of the phase
// before; it then forgets what is frozen now, or trained by another rule.
func (t *trainer) openOptimizer(s *torch.Scope) {
	if t.optimizer != nil && t.phase.OptimizerState == "kept" {
		t.optimizer.Keep(s, t.keepsRule)
		return
	}
	if t.optimizer != nil {
		t.optimizer.Free()
	}
	t.optimizer = torch.NewOptimizerOf(s, func(name string) torch.Rule {
		o, _ := t.cfg.optimizerOf(t.phase, name)
		return o.Rule()
	})
}

// keepsRule says whether a parameter is trained by the rule of the phase before.
func (t *trainer) keepsRule(name string) bool {
	before, _ := t.cfg.optimizerOf(t.cfg.Phases[t.index-1], name)
	now, _ := t.cfg.optimizerOf(t.phase, name)
	return t.phase.Trains(t.net.Groups, 1)(name) && before.Rule() == now.Rule()
}

func (t *trainer) closeOptimizer() error {
	if t.optimizer == nil {
		return nil
	}
	return t.optimizer.Close()
}

// unfreeze lets more layers join the training, where the phase says so.
func (t *trainer) unfreeze(ctx context.Context) error {
	epoch := len(t.state.Values) + 1
	if t.phase.Unfreeze == nil || t.state.Batch > 0 {
		return nil
	}
	before := len(t.phase.Words(t.net.Groups, max(1, epoch-1)))
	joined := t.phase.Words(t.net.Groups, epoch)[before:]
	if len(joined) == 0 {
		return nil
	}
	err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		t.setTrainable(s, epoch)
		if t.averages != nil {
			t.averages.Add(s, moving(t.net.Store))
		}
		return s.Err()
	})
	if err != nil {
		return err
	}
	return t.env.Recorder.Record(ctx, stage.Event{Level: "info", Stage: "train",
		Text: fmt.Sprintf("phase %s, epoch %d: %s joins the training", t.phase.Name, t.epoch, strings.Join(joined, ", "))})
}
