package train

import (
	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// microBatch is what goes through the net at once.
type microBatch struct {
	images_BCHW torch.Tensor
	covariates  torch.Tensor // of the images, BV; see torch.Pass
	asked       []question
}

// microBatches cuts a batch into nearly equal parts whose losses and gradients add
// up to the whole batch's.
func (t *trainer) microBatches(s *torch.Scope, b batch, seen augment.Augmented) (out []microBatch) {
	n := len(b.samples)
	parts := partsOf(n, t.cfg.BatchSize(), t.parts())
	whole := t.whole(s, b, seen)
	if parts == 1 {
		return []microBatch{whole}
	}
	whole.divide(t.divisor(s, whole.asked))
	for i := range parts {
		out = append(out, whole.part(s, i*n/parts, (i+1)*n/parts))
	}
	return out
}

// whole is a batch in one part.
func (t *trainer) whole(s *torch.Scope, b batch, seen augment.Augmented) microBatch {
	m := microBatch{seen.Images_BCHW, t.covariates(s, b.items, seen), t.questions(s, b, seen)}
	if len(m.asked) > 1 {
		m.divide(t.divisor(s, m.asked))
	}
	return m
}

// divide says what all losses are divided by.
func (m microBatch) divide(by torch.Tensor) {
	for i := range m.asked {
		m.asked[i].targets.Divisor = by
	}
}

// partsOf is in how many parts n images are computed, where a full batch is in so many. A
// shorter batch has fewer, of about the same size: a part of one image, where full batches
// have none, would leave batch-norm without a spread.
func partsOf(n, batch, parts int) int {
	size := (batch + parts - 1) / parts
	out := (n + size - 1) / size
	if size > 1 && n/out < 2 {
		out--
	}
	return max(1, out)
}

// part takes some images and what is asked of them.
func (m microBatch) part(s *torch.Scope, from, to int) microBatch {
	out := microBatch{images_BCHW: s.Rows(m.images_BCHW, between(from, to)), covariates: m.covariates}
	if m.covariates.Valid() {
		out.covariates = s.Rows(m.covariates, between(from, to))
	}
	for _, q := range m.asked {
		if q = q.part(s, from, to); len(q.rows) > 0 {
			out.asked = append(out.asked, q)
		}
	}
	return out
}

func between(from, to int) (out []int) {
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

// gradients adds those of one micro-batch to what there is, counts its hits, and
// frees what was computed on the way.
func (t *trainer) gradients(s *torch.Scope, m microBatch, part int, sum *tally) (loss torch.Watch) {
	seed := stage.Hash(t.env.Seed, "dropout", t.step)
	if part > 0 {
		seed = stage.Hash(seed, "micro-batch", part)
	}
	s.Inner(func(inner *torch.Scope) torch.Tensor {
		logits, backward := t.forwardInTraining(t.counting(&torch.Pass{Scope: inner, Train: true, Seed: seed, Covariates: m.covariates}), m.images_BCHW)
		t.count(inner, m.images_BCHW)
		value, said := t.lossOf(inner, logits, m.asked)
		if inner.Err() != nil {
			backward(false) // lets go of what it waits for
			return value    // the error is told by Inner, before one that it causes
		}
		loss = s.Watch(value)
		t.watch.lap(s, ofForward)
		inner.Backward(t.scaled(inner, value))
		backward(t.parts() == 1)
		t.watch.lap(s, ofBackward)
		inner.NoGrad(func() {
			for i, q := range m.asked {
				if !q.labels_N.Valid() {
					continue
				}
				inner.CountHits(sum.hits, t.cfg.Probabilities(inner, said[i]), q.labels_N)
			}
		})
		return value
	})
	return loss
}
