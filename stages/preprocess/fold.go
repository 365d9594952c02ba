package preprocess

import "vertebra/stages/stage"

// InFold gives the same pixels with the splits that a fold makes of them, and the
// statistics of these; see stage.InFold. They live as long as im, which alone is
// to be closed.
func (im *Images) InFold(fold int) *Images {
	out := *im
	out.Cases = stage.InFold(im.Cases, fold)
	out.Mean, out.Std = out.meanStd()
	return &out
}

// Only gives the same pixels of some cases. They live as long as im, as those of InFold.
func (im *Images) Only(keep func(i int) bool) *Images {
	out := *im
	out.Cases, out.slots, out.of, out.firsts = nil, nil, nil, nil
	out.parts, out.own = map[int][]int{}, map[int][]byte{}
	last := -1
	for i, one := range im.Cases {
		if !keep(i) {
			continue
		}
		if image := im.of[i]; image != last {
			n := len(out.slots)
			last, out.slots, out.firsts = image, append(out.slots, im.slots[image]), append(out.firsts, len(out.Cases))
			if parts := im.parts[image]; parts != nil {
				out.parts[n], out.own[n] = parts, im.own[image]
			}
		}
		out.Cases, out.of = append(out.Cases, one), append(out.of, len(out.slots)-1)
	}
	out.Mean, out.Std = out.meanStd()
	return &out
}
