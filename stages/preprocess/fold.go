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
