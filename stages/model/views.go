package model

import "vertebra/stages/internal/torch"

// Views and slices of a sample that go through the same backbone are rows of it: B·V·S
// images. Outside the net, images_B and features_B have a row for each sample, with the views
// one after the other as channels, and the slices of each within it.

// apart makes rows of each sample's: (B·R, C, …) of (B, R·C, …).
func apart(p *torch.Pass, x_B torch.Tensor, rows int) torch.Tensor {
	shape := p.Describe(x_B).Shape
	if rows < 2 || p.Err() != nil {
		return x_B
	}
	return p.Reshape(x_B, append([]int64{-1, shape[1] / int64(rows)}, shape[2:]...)...)
}

// together undoes apart.
func together(p *torch.Pass, x torch.Tensor, rows int) (x_B torch.Tensor) {
	shape := p.Describe(x).Shape
	if rows < 2 || p.Err() != nil {
		return x
	}
	return p.Reshape(x, append([]int64{-1, shape[1] * int64(rows)}, shape[2:]...)...)
}

// joined lays the features of a sample's views side by side.
type joined struct{ views int64 }

// Forward makes features_B(V·F) of features_(B·V)F.
func (j joined) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	return together(p, x, int(j.views))
}

// Fixed is true: it has no weights.
func (joined) Fixed() bool { return true }

func (j joined) joins() int { return int(j.views) }
