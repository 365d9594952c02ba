package model

import "vertebra/stages/internal/torch"

// Fixed counts the layers at the front of the net that give for one image the same
// output all the time: nothing of them is trained, their batch-norm statistics stay,
// and nothing is drawn at random. It follows from what Store.Train chose.
func (n *Net) Fixed() int {
	for i, layer := range n.body {
		if !torch.Fixed(layer) {
			return i
		}
	}
	return len(n.body)
}

// FirstChanged names the first of some groups of which training changes something.
func (n *Net) FirstChanged(groups []string) string {
	for _, p := range n.Store.Parameters {
		if p.Trainable || p.Moves {
			return Narrowest(groups, p.Name)
		}
	}
	return ""
}

// Features sends images through the first layers. They are float32 in every
// precision, which holds the others' numbers exactly.
func (n *Net) Features(p *torch.Pass, images_BCHW torch.Tensor, layers int) (features_B torch.Tensor) {
	x := n.within(p, n.body[:layers], n.enter(p, images_BCHW))
	if n.made == nil {
		n.made = map[int]torch.DType{}
	}
	n.made[layers] = p.Describe(x).DType
	return together(p, p.To(x, torch.Float32), n.rows(layers))
}

// Penultimate makes features_BF of images_BCHW: what the last, linear layer sees.
func (n *Net) Penultimate(p *torch.Pass, images_BCHW torch.Tensor) (features_BF torch.Tensor) {
	return n.Features(p, images_BCHW, len(n.body)-1)
}

// FromFeatures makes logits_BK of what Features gave for as many layers.
func (n *Net) FromFeatures(p *torch.Pass, features_B torch.Tensor, layers int) torch.Tensor {
	return n.through(p, n.body[layers:], n.fed(p, features_B, layers))
}

// fed makes of features what the layer above takes, in the number format that Features found it
// to be handed: what is drawn or rounded there depends on it.
func (n *Net) fed(p *torch.Pass, features_B torch.Tensor, layers int) torch.Tensor {
	if t, known := n.made[layers]; known {
		features_B = p.To(features_B, t)
	}
	return apart(p, features_B, n.rows(layers))
}
