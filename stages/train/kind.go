package train

import (
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// kind are the targets that have the same classes. The loss of a batch is the sum over the
// kinds that are asked of it, each among its own K classes, divided by what the whole batch
// divides by.
type kind struct {
	targets  []int
	classes  []string
	counts   []int   // training cases of each class
	countsOf [][]int // of each target; nil where there is one
	place    []int   // of each class of the data in classes, -1 for one that is not there; nil where they are the same
}

// kindsOf counts the training cases of each class, and where there are several targets those
// of each.
func kindsOf(images *preprocess.Images) (out []kind) {
	asked := images.Questions()
	for _, one := range asked.Kinds() {
		k := kind{targets: one.Targets, counts: make([]int, len(one.Among))}
		for _, class := range one.Among {
			k.classes = append(k.classes, asked.Classes[class])
		}
		for range asked.Targets {
			k.countsOf = append(k.countsOf, make([]int, len(one.Among)))
		}
		if asked.Among != nil {
			for class := range asked.Classes {
				k.place = append(k.place, slices.Index(one.Among, class))
			}
		}
		out = append(out, k)
	}
	for i := range out {
		out[i].count(images.Cases)
	}
	return out
}

func (k kind) count(cases []stage.Case) {
	for _, c := range cases {
		if c.Split != stage.Train || !slices.Contains(k.targets, c.Target) {
			continue
		}
		label := c.Label
		if k.place != nil {
			label = k.place[label]
		}
		k.counts[label]++
		if k.countsOf != nil {
			k.countsOf[c.Target][label]++
		}
	}
}

// of takes the rows of its targets, with labels among its classes.
func (k kind) of(rows []row) (out []row) {
	if k.place == nil {
		return rows
	}
	for _, r := range rows {
		if !slices.Contains(k.targets, r.target) {
			continue
		}
		if r.label >= 0 {
			r.label = int64(k.place[r.label])
		}
		r.soft = k.among(r.soft)
		out = append(out, r)
	}
	return out
}

// among are the shares of its classes of those of all.
func (k kind) among(shares []float32) []float32 {
	if shares == nil {
		return nil
	}
	out := make([]float32, len(k.classes))
	for class, at := range k.place {
		if at >= 0 {
			out[at] = shares[class]
		}
	}
	return out
}

// question is what is asked of a batch about the targets of a kind.
type question struct {
	rows     []row // their targets are those of the net
	targets  Targets
	labels_N torch.Tensor // what a prediction is compared with; none where that is no class
}

// questions are those of a batch that have an answer: hard labels, or shares of the classes
// where images were mixed or labels are soft.
func (t *trainer) questions(s *torch.Scope, b batch, seen augment.Augmented) (out []question) {
	rows := sided(b.rows, seen.Mirrored, t.sides)
	for _, k := range t.kinds {
		if of := k.of(rows); len(of) > 0 {
			out = append(out, t.question(s, k, of, seen))
		}
	}
	return out
}

func (t *trainer) question(s *torch.Scope, k kind, rows []row, seen augment.Augmented) question {
	out, weights := Targets{Counts_K: k.counts, CountsOf_QK: k.countsOf}, []float32(nil)
	places, where := t.cfg.Loss.Part.(placing)
	_, alone := t.cfg.Loss.Part.(SelfSupervised)
	switch {
	case alone:
	case where:
		out.Shares_BK = places.cells(s, rows, seen)
	case seen.Partner == nil && t.soft.shares == nil:
		out.Labels_B = labelsOf(s, rows)
	default:
		m := mix(rows, seen, len(k.counts))
		rows = m.rows
		out.Shares_BK = s.FromFloat32(m.shares_NK, int64(len(rows)), int64(len(k.counts)))
		weights = m.weights_N
	}
	if weights = t.weighed(rows, weights); weights != nil {
		out.SampleWeights_B = s.FromFloat32(weights, int64(len(rows)))
	}
	for _, r := range rows {
		out.Groups_B, out.Tags_B = append(out.Groups_B, r.group), append(out.Tags_B, r.tags)
		if k.countsOf != nil {
			out.Target_B = append(out.Target_B, r.target)
		}
	}
	out.ClassWeights_K = out.perClass(s, func(counts []int) []float64 { return t.cfg.Balance.weightsOf(k.classes, counts, t.epoch) })
	q := question{rows: rows, targets: out}
	if !where && !alone {
		q.labels_N = labelsOf(s, rows)
	}
	return q
}

// weighed are the weights of rows with those of their targets; nil where all are alike.
func (t *trainer) weighed(rows []row, weights []float32) []float32 {
	if len(t.cfg.Balance.Targets) == 0 {
		return weights
	}
	of, out := byName(t.cfg.Balance.Targets, t.images.Targets), make([]float32, len(rows))
	for i, r := range rows {
		out[i] = float32(of[r.target])
		if weights != nil {
			out[i] *= weights[i]
		}
	}
	return out
}

func labelsOf(s *torch.Scope, rows []row) torch.Tensor {
	labels := make([]int64, len(rows))
	for i, r := range rows {
		labels[i] = r.label
	}
	return s.FromInt64(labels, int64(len(labels)))
}

// divisor is what the losses of all questions divide by, so that those of parts of a batch,
// and of its kinds, add up.
func (t *trainer) divisor(s *torch.Scope, asked []question) (sum torch.Tensor) {
	for _, q := range asked {
		of := t.cfg.Divisor(s, q.targets)
		if sum.Valid() && of.Valid() {
			of = s.Add(sum, of)
		}
		sum = of
	}
	return sum
}

// lossOf is the loss of what the net says of the images of a batch, and its answers to each
// question, rows_NO.
func (t *trainer) lossOf(s *torch.Scope, logits_BQO torch.Tensor, asked []question) (sum torch.Tensor, said []torch.Tensor) {
	for _, q := range asked {
		logits_NO := t.cfg.rowsOf(s, logits_BQO, q.rows, t.images.Questions())
		loss := t.cfg.Loss.Part.Of(s, logits_NO, q.targets)
		if sum.Valid() {
			loss = s.Add(sum, loss)
		}
		sum, said = loss, append(said, logits_NO)
	}
	return sum, said
}

// part takes what is asked of some images of a batch.
func (q question) part(s *torch.Scope, from, to int) question {
	place := func(image int) int {
		at, _ := slices.BinarySearchFunc(q.rows, image, func(r row, image int) int { return r.image - image })
		return at
	}
	first, last := place(from), place(to)
	take := func(x torch.Tensor, shared bool) torch.Tensor {
		if !x.Valid() || shared {
			return x
		}
		return s.Rows(x, between(first, last))
	}
	t := &q.targets
	q.labels_N, t.Labels_B, t.Shares_BK = take(q.labels_N, false), take(t.Labels_B, false), take(t.Shares_BK, false)
	t.SampleWeights_B, t.ClassWeights_K = take(t.SampleWeights_B, false), take(t.ClassWeights_K, t.Target_B == nil)
	t.Groups_B, t.Tags_B = t.Groups_B[first:last], t.Tags_B[first:last]
	if t.Target_B != nil {
		t.Target_B = t.Target_B[first:last]
	}
	q.rows = slices.Clone(q.rows[first:last])
	for i := range q.rows {
		q.rows[i].image -= from
	}
	return q
}
