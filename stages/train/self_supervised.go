package train

// SelfSupervised is a loss that asks for no labels. It compares views of images: a batch shows so
// many of each, one beside the other, each with what augmentation draws for it, and counts them
// all. It looks at a batch as a whole.
type SelfSupervised interface {
	Loss
	// Views is how many views of an image stand side by side.
	Views() int
}

// eachTimes is how often an epoch shows an image at once.
func (t *trainer) eachTimes() int {
	if l, ok := t.cfg.Loss.Part.(SelfSupervised); ok {
		return l.Views()
	}
	return 1
}

// order are the items of the epoch, in the order in which they are shown.
func (t *trainer) order() []int { return inViewsEach(t.sampler.Epoch(t.epoch), t.eachTimes()) }

func inViewsEach(items []int, times int) []int {
	if times == 1 {
		return items
	}
	out := make([]int, 0, len(items)*times)
	for _, item := range items {
		for range times {
			out = append(out, item)
		}
	}
	return out
}

// leastBatch is how many images the last batch of an epoch must have, so as not to be left out. Of
// one, batch-norm cannot tell a spread. A self-supervised loss means something else in a short batch:
// it is the images among which one is to be told, or whose spread is measured.
func (t *trainer) leastBatch() int {
	if t.eachTimes() > 1 {
		return t.cfg.BatchSize()
	}
	return 2
}
