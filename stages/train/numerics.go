package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// numerics says how far a batch in the precision of the training is from the same
// batch in float32, with the weights that a phase ended with.
type numerics struct {
	Phase     string `json:"phase"`
	Precision string `json:"precision"`
	Images    int    `json:"images"`
	Loss      number `json:"loss"`
	Exact     number `json:"exact"`    // the loss in float32
	Largest   number `json:"largest"`  // difference of a logit
	Logits    number `json:"logits"`   // difference of all, relative
	Same      number `json:"same"`     // share of images that get the same class
	Gradient  number `json:"gradient"` // difference of all gradients, relative
	Cosine    number `json:"cosine"`   // of the angle between them
}

// compareNumerics measures a phase that is over, and records what there is of all of
// them. It leaves nothing behind but its row, which the next checkpoint stores: a run
// that goes on from there does not measure again.
func (t *trainer) compareNumerics(ctx context.Context) error {
	if t.net.Precision() == torch.FP32 || t.state.ended(t.phase) == "" {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	row, err := t.numerics(ctx)
	if errors.Is(err, torch.ErrOutOfMemory) {
		return t.recordEvent(ctx, "warning", "phase %s: the device has no memory to compare %s with fp32 on %d images", t.phase.Name, t.net.Precision(), row.Images)
	}
	if err != nil {
		return fmt.Errorf("comparing %s with fp32: %w", t.net.Precision(), err)
	}
	t.state.Numerics = append(slices.Clip(t.state.Numerics), row)
	return t.env.Recorder.Record(ctx, numericsTable(t.state.Numerics))
}

func (t *trainer) numerics(ctx context.Context) (row numerics, err error) {
	items := t.numericsItems()
	row = numerics{Phase: t.phase.Name, Precision: string(t.net.Precision()), Images: len(items)}
	err = t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		var reduced, exact answer
		t.dropGraph(s) // float32 needs the memory, and the phase is over
		before := t.statistics(s)
		err := s.Try(func(s *torch.Scope) {
			m := t.numericsBatch(s, items)
			reduced = t.answer(s, m)
			restoreAll(s, before)
			t.net.In(s, torch.FP32, func() { exact = t.answer(s, m) })
		})
		restoreAll(s, before)
		s.ClearGrads(t.net.Trained())
		if err = errors.Join(err, s.Err()); err == nil {
			row.compare(reduced, exact)
		}
		return err
	})
	return row, err
}

// numericsItems are training images, evenly spread over the split. They are at most
// half of what the device has gone through at once: float32 takes twice the memory.
func (t *trainer) numericsItems() []int {
	const most = 32
	training, part := indices(t.images, stage.Train), t.cfg.BatchSize()/t.parts()
	n := min(most, len(training), max(part/2, min(part, 2)), t.cfg.BatchSize()) / t.eachTimes()
	out := make([]int, max(1, n))
	for i := range out {
		out[i] = training[i*len(training)/len(out)]
	}
	return inViewsEach(out, t.eachTimes())
}

// numericsBatch has the images as they are, without augmentation.
func (t *trainer) numericsBatch(s *torch.Scope, items []int) microBatch {
	b := describe(t.images, items, t.soft.shares)
	images_BCHW := (&mapped{images: t.images, batches: [][]int{items}}).next(s)
	return t.whole(s, b, augment.Augmented{Images_BCHW: images_BCHW})
}

// answer is what a batch gives in one precision.
type answer struct {
	loss      float64
	logits    []float64   // of all rows
	said      []int       // the likeliest class of each row
	gradients [][]float32 // of each trained parameter
}

// answer goes through the net as in training. Where float16 gradients overflow, the
// loss is scaled by less, as training would after such a step.
func (t *trainer) answer(s *torch.Scope, m microBatch) (a answer) {
	scale := 1.0
	if t.scaler != nil {
		scale = t.state.Scale.Value
	}
	for {
		a = t.pass(s, m, scale)
		if s.Err() != nil || scale <= 1 || !slices.ContainsFunc(a.gradients, overflowed) {
			return a
		}
		scale /= 2
	}
}

// pass has the dropout of step 0, a step that training does not have.
func (t *trainer) pass(s *torch.Scope, m microBatch, scale float64) (a answer) {
	s.ClearGrads(t.net.Trained())
	s.Inner(func(s *torch.Scope) torch.Tensor {
		logits := t.net.Forward(&torch.Pass{Scope: s, Train: true, Seed: stage.Hash(t.env.Seed, "dropout", 0), Covariates: m.covariates}, m.images_BCHW)
		loss, said := t.lossOf(s, logits, m.asked)
		if s.Err() != nil {
			return loss
		}
		a.loss = s.Float64(loss)
		for i, q := range m.asked {
			a.logits = append(a.logits, s.Float64s(said[i])...)
			s.NoGrad(func() {
				a.said = append(a.said, mostLikely(s.Float64s(t.cfg.Probabilities(s, said[i])), len(q.rows))...)
			})
		}
		factor := s.Zeros(torch.Float32)
		s.Fill(factor, scale)
		s.Backward(s.Mul(loss, factor))
		return loss
	})
	for _, weight := range t.net.Trained() {
		a.gradients = append(a.gradients, gradientOf(s, weight, scale))
	}
	return a
}

// gradientOf reads a gradient; it is empty where the loss does not depend on the
// weight.
func gradientOf(s *torch.Scope, weight torch.Tensor, scale float64) []float32 {
	g := s.Grad(weight)
	if !g.Valid() {
		return nil
	}
	out := s.Float32s(g)
	s.Drop(g)
	for i := range out {
		out[i] /= float32(scale)
	}
	return out
}

func overflowed(values []float32) bool {
	return slices.ContainsFunc(values, func(v float32) bool { return math.IsInf(float64(v), 0) || v != v })
}
