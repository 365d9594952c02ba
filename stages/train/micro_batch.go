package train

import (
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// microBatch is what goes through the net at once.
type microBatch struct {
	images_BCHW torch.Tensor
	covariates  torch.Tensor // of the images, BV; see torch.Pass
	rows        []row        // what is asked; their targets are those of the net
	targets     Targets
	labels_N    torch.Tensor // what a prediction is compared with
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
	whole.targets.Divisor = t.cfg.Divisor(s, whole.targets)
	for i := range parts {
		out = append(out, whole.part(s, i*n/parts, (i+1)*n/parts))
	}
	return out
}

// whole is a batch in one part.
func (t *trainer) whole(s *torch.Scope, b batch, seen augment.Augmented) microBatch {
	targets, rows := t.targets(s, b, seen)
	labels := make([]int64, len(rows))
	for i, r := range rows {
		labels[i] = r.label
	}
	return microBatch{seen.Images_BCHW, t.covariates(s, b.items, seen), rows, targets, s.FromInt64(labels, int64(len(labels)))}
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
	place := func(image int) int {
		at, _ := slices.BinarySearchFunc(m.rows, image, func(r row, image int) int { return r.image - image })
		return at
	}
	first, last := place(from), place(to)
	m.images_BCHW = s.Rows(m.images_BCHW, between(from, to))
	if m.covariates.Valid() {
		m.covariates = s.Rows(m.covariates, between(from, to))
	}
	take := func(x torch.Tensor, shared bool) torch.Tensor {
		if !x.Valid() || shared {
			return x
		}
		return s.Rows(x, between(first, last))
	}
	t := &m.targets
	m.labels_N, t.Labels_B, t.Shares_BK = take(m.labels_N, false), take(t.Labels_B, false), take(t.Shares_BK, false)
	t.SampleWeights_B, t.ClassWeights_K = take(t.SampleWeights_B, false), take(t.ClassWeights_K, t.Target_B == nil)
	t.Groups_B, t.Tags_B = t.Groups_B[first:last], t.Tags_B[first:last]
	if t.Target_B != nil {
		t.Target_B = t.Target_B[first:last]
	}
	m.rows = slices.Clone(m.rows[first:last])
	for i := range m.rows {
		m.rows[i].image -= from
	}
	return m
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
		logits_NO := rowsOf(inner, logits, m.rows, t.targetCount())
		value := t.cfg.Loss.Part.Of(inner, logits_NO, m.targets)
		if inner.Err() != nil {
			return value // the error is told by Inner, before one that it causes
		}
		loss = s.Watch(value)
		t.watch.lap(s, ofForward)
		inner.Backward(t.scaled(inner, value))
		backward(t.parts() == 1)
		t.watch.lap(s, ofBackward)
		inner.NoGrad(func() { inner.CountHits(sum.hits, t.cfg.Probabilities(inner, logits_NO), m.labels_N) })
		return value
	})
	return loss
}
