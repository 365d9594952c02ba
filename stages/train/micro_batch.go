package train

import (
	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// microBatch is what goes through the net at once.
type microBatch struct {
	images_BCHW torch.Tensor
	targets     Targets
	labels_B    torch.Tensor // what a prediction is compared with
}

// microBatches cuts a batch into nearly equal parts whose losses and gradients add
// up to the whole batch's.
func (t *trainer) microBatches(s *torch.Scope, b batch, seen augment.Augmented) (out []microBatch) {
	n := len(b.targets)
	parts := partsOf(n, t.cfg.BatchSize(), t.parts())
	whole := microBatch{seen.Images_BCHW, t.targets(s, b, seen), s.FromInt64(seen.Labels, int64(n))}
	if parts == 1 {
		return []microBatch{whole}
	}
	whole.targets.Divisor = t.cfg.Divisor(s, whole.targets)
	for i := range parts {
		out = append(out, whole.part(s, i*n/parts, (i+1)*n/parts))
	}
	return out
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

func (m microBatch) part(s *torch.Scope, from, to int) microBatch {
	rows := make([]int, to-from)
	for i := range rows {
		rows[i] = from + i
	}
	take := func(x torch.Tensor) torch.Tensor {
		if !x.Valid() {
			return x
		}
		return s.Rows(x, rows)
	}
	m.images_BCHW, m.labels_B = take(m.images_BCHW), take(m.labels_B)
	m.targets.Labels_B, m.targets.Shares_BK = take(m.targets.Labels_B), take(m.targets.Shares_BK)
	m.targets.Groups_B, m.targets.Tags_B = m.targets.Groups_B[from:to], m.targets.Tags_B[from:to]
	return m
}

// gradients adds those of one micro-batch to what there is, counts its hits, and
// frees what was computed on the way.
func (t *trainer) gradients(s *torch.Scope, m microBatch, part int, sum *tally) (loss torch.Watch) {
	seed := stage.Hash(t.env.Seed, "dropout", t.step)
	if part > 0 {
		seed = stage.Hash(seed, "micro-batch", part)
	}
	s.Inner(func(inner *torch.Scope) torch.Tensor {
		logits_BO, backward := t.ahead(t.counting(&torch.Pass{Scope: inner, Train: true, Seed: seed}), m.images_BCHW)
		t.count(inner, m.images_BCHW)
		value := t.cfg.Loss.Part.Of(inner, logits_BO, m.targets)
		if inner.Err() != nil {
			return value // the error is told by Inner, before one that it causes
		}
		loss = s.Watch(value)
		t.watch.lap(s, ofForward)
		inner.Backward(t.scaled(inner, value))
		backward(t.parts() == 1)
		t.watch.lap(s, ofBackward)
		inner.NoGrad(func() { inner.CountHits(sum.hits, t.cfg.Probabilities(inner, logits_BO), m.labels_B) })
		return value
	})
	return loss
}
