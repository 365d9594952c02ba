package model

import "vertebra/stages/internal/torch"

// Views of a sample that go through the same backbone are rows of it: V·B images. Outside
// the net, images_B and features_B have a row for each sample, with the views one after the
// other as channels.

// apart makes rows of views: (B·V, C, …) of (B, V·C, …).
func apart(p *torch.Pass, x_B torch.Tensor, views int) torch.Tensor {
	shape := p.Describe(x_B).Shape
	if views < 2 || p.Err() != nil {
		return x_B
	}
	v := int64(views)
	return p.Reshape(x_B, append([]int64{shape[0] * v, shape[1] / v}, shape[2:]...)...)
}

// together undoes apart.
func together(p *torch.Pass, x torch.Tensor, views int) (x_B torch.Tensor) {
	shape := p.Describe(x).Shape
	if views < 2 || p.Err() != nil {
		return x
	}
	v := int64(views)
	return p.Reshape(x, append([]int64{shape[0] / v, shape[1] * v}, shape[2:]...)...)
}

// joined lays the features of a sample's views side by side.
type joined struct{ views int64 }

// Forward makes features_B(V·F) of features_(B·V)F.
func (j joined) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	return together(p, x, int(j.views))
}

// Fixed is true: it has no weights.
func (joined) Fixed() bool { return true }

// inViews says whether what so many layers give has a row for each view.
func (n *Net) inViews(layers int) bool {
	for _, layer := range n.body[layers:] {
		if _, ok := layer.(joined); ok {
			return layers > 0
		}
	}
	return false
}
