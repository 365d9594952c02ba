package train

import (
	"cmp"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// Sampler decides which cases an epoch sees, and in which order. It is a pure
// function of seed and epoch.
type Sampler struct {
	balance Balance
	members [][]int // of each class, in their stored order
	classes []string
	seed    uint64
}

// caseSampler samples the training cases, each by its place; of a sample with several answers
// the first stands for it, and counts as one of its classes.
func caseSampler(b Balance, cases []stage.Case, asked stage.Questions, seed uint64) Sampler {
	var items []int
	label, counts := map[int]int{}, b.countsAs(cases, asked)
	for _, sample := range samplesOf(cases, stage.Train) {
		items = append(items, sample[0])
		label[sample[0]] = counts(sample)
	}
	return newSampler(b, items, func(item int) int { return label[item] }, asked.Classes, seed)
}

// countsAs says which class a sample counts as: the worst of its answers, which is the last
// class. Where targets have classes of their own these are in no order of all, so it is the
// one that is repeated most, of those that Balance.Repeat names if there are some, and of
// these the rarest.
func (b Balance) countsAs(cases []stage.Case, asked stage.Questions) func(sample []int) int {
	if asked.Among == nil || b.Sampling == "none" {
		return func(sample []int) int { return worst(cases, sample) }
	}
	counts := make([]int, len(asked.Classes))
	for _, c := range cases {
		if c.Split == stage.Train {
			counts[c.Label]++
		}
	}
	first := func(i, j int) int {
		a, k := cases[i].Label, cases[j].Label
		timesA, namedA := b.Repeat[asked.Classes[a]]
		timesK, namedK := b.Repeat[asked.Classes[k]]
		if namedA != namedK {
			return map[bool]int{true: -1, false: 1}[namedA]
		}
		return cmp.Or(cmp.Compare(timesK, timesA), cmp.Compare(counts[a], counts[k]), cmp.Compare(k, a))
	}
	return func(sample []int) int { return cases[slices.MinFunc(sample, first)].Label }
}

func worst(cases []stage.Case, sample []int) (label int) {
	for _, i := range sample {
		label = max(label, cases[i].Label)
	}
	return label
}

// newSampler samples items, whose class label gives.
func newSampler(b Balance, items []int, label func(item int) int, classes []string, seed uint64) Sampler {
	s := Sampler{balance: b, members: make([][]int, len(classes)), classes: classes, seed: seed}
	for _, item := range items {
		s.members[label(item)] = append(s.members[label(item)], item)
	}
	return s
}

// Epoch gives the items of an epoch of the run, from 1, in their order.
func (s Sampler) Epoch(epoch int) []int {
	var out []int
	for class, size := range s.sizes() {
		out = append(out, s.draw(class, size, epoch)...)
	}
	r := stage.Rand(s.seed, "order", epoch)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// sizes is how many cases of each class an epoch sees.
func (s Sampler) sizes() []int {
	least, most := math.MaxInt, 0
	for _, m := range s.members {
		if len(m) > 0 {
			least, most = min(least, len(m)), max(most, len(m))
		}
	}
	repeat := byName(s.balance.Repeat, s.classes)
	out := make([]int, len(s.members))
	for class, m := range s.members {
		n := len(m)
		switch {
		case n == 0:
		case s.balance.Sampling == "over":
			n = most
		case s.balance.Sampling == "under":
			n = least
		case s.balance.Sampling == "repeat":
			n = int(math.Round(float64(n) * repeat[class]))
		}
		out[class] = n
	}
	return out
}

// draw takes size cases of a class: each as often as the others, or once more.
// Who is taken once more goes round a random circle of the class, epoch after
// epoch, so that all have their turn.
func (s Sampler) draw(class, size, epoch int) []int {
	members := s.members[class]
	if len(members) == 0 {
		return nil
	}
	var out []int
	for range size / len(members) {
		out = append(out, members...)
	}
	more := size % len(members)
	circle := append([]int(nil), members...)
	r := stage.Rand(s.seed, "sampling", class)
	r.Shuffle(len(circle), func(i, j int) { circle[i], circle[j] = circle[j], circle[i] })
	for i := range more {
		out = append(out, circle[((epoch-1)*more+i)%len(circle)])
	}
	return out
}
