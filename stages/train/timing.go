package train

import (
	"context"
	"time"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// The parts of an epoch's time, in the order of a step. While a step waits for
// data its device is idle; other is what lies between the steps.
const (
	ofData         = "data"
	ofAugmentation = "augmentation"
	ofForward      = "forward"
	ofBackward     = "backward"
	ofUpdate       = "update"
	ofValidation   = "validation"
	ofOther        = "other"
)

var ofSteps = []string{ofData, ofAugmentation, ofForward, ofBackward, ofUpdate}

// measureEvery is how many steps lie between those that are measured on a GPU, where
// work goes on while the host does other things: each lap then waits for the device.
const measureEvery = 16

// stopwatch measures where the time of an epoch goes. Its zero value measures
// nothing.
type stopwatch struct {
	now        func() time.Time
	on         bool // the step under way is measured
	taken      int  // steps of the epoch, with it
	first      int  // the first of the epoch's that is measured on a GPU
	last       time.Time
	steps      int
	spent      map[string]time.Duration // in the measured steps
	validation time.Duration
}

// startEpoch forgets the epoch before. Of the new one's steps the second is measured,
// and others after it: the first may wait for the device to be ready.
func (w *stopwatch) startEpoch(now func() time.Time, steps int) {
	*w = stopwatch{now: now, first: min(2, steps), spent: map[string]time.Duration{}}
}

func (w *stopwatch) startStep(s *torch.Scope) {
	w.taken++
	if w.on = w.now != nil && (!s.Device().CUDA || w.taken%measureEvery == w.first); w.on {
		w.steps++
		w.last = w.read(s)
	}
}

// lap counts the time since the lap before as that of a part.
func (w *stopwatch) lap(s *torch.Scope, part string) {
	if !w.on {
		return
	}
	now := w.read(s)
	w.spent[part] += now.Sub(w.last)
	w.last = now
}

func (w *stopwatch) read(s *torch.Scope) time.Time {
	if s.Device().CUDA {
		s.Synchronize()
	}
	return w.now()
}

// shares turns the measured steps into seconds of an epoch of so many steps.
// Waiting for the device makes measured steps longer, so all is scaled down to the
// epoch where it would be more.
func (w *stopwatch) shares(steps int, epoch float64) map[string]float64 {
	out, sum := map[string]float64{}, 0.0
	if w.steps == 0 {
		return out
	}
	for _, part := range ofSteps {
		out[part] = w.spent[part].Seconds() / float64(w.steps) * float64(steps)
		sum += out[part]
	}
	if sum > epoch && sum > 0 {
		for part := range out {
			out[part] *= epoch / sum
		}
		sum = epoch
	}
	out[ofOther], out[ofValidation] = epoch-sum, w.validation.Seconds()
	return out
}

// spent tells where the epoch's time went and what memory it took.
func (t *trainer) spent(ctx context.Context) (scalars []stage.Scalar, err error) {
	shares := t.watch.shares(t.state.Batch, float64(t.state.Seconds))
	for _, part := range append(ofSteps, ofValidation, ofOther) {
		if v, known := shares[part]; known {
			scalars = append(scalars, stage.Scalar{Name: "seconds_by_part", Title: "Where the time of an epoch goes", Series: part, Value: v, Unit: "s"})
		}
	}
	var m torch.Memory
	err = t.net.Engine().Do(ctx, func(s *torch.Scope) (err error) { m, err = s.ReadMemory(); return err })
	memory := func(series string, bytes int64) {
		scalars = append(scalars, stage.Scalar{Name: "memory", Title: "Memory", Series: series, Value: float64(bytes) / 1e6, Unit: "MB"})
	}
	memory("process", m.Resident)
	if t.net.Engine().Device().CUDA {
		memory("device, most so far", m.Peak)
		memory("device, reserved", m.Reserved)
	}
	return scalars, err
}
