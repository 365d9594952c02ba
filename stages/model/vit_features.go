package model

import "vertebra/stages/internal/torch"

// What a net of tokens says of an image; "" is the class token too.
const (
	patchesSay = "patches"           // maps of the patches, which are pooled
	bothSay    = "class_and_patches" // the class token, and beside it what the pooling makes of the maps
)

// pooledIn says whether a pooling of places has a part in what a net says so.
func pooledIn(says string) bool { return says == patchesSay || says == bothSay }

// said makes what a net says of an image out of its last tokens, with the norm behind them, and how
// many numbers that is.
func (g grid) said(says string, norm torch.Module) (torch.Sequence, int64) {
	switch says {
	case patchesSay:
		return torch.Sequence{torch.Func(g.patches), norm, torch.Func(g.maps), torch.GlobalAverage}, g.width
	case bothSay:
		return torch.Sequence{norm, classBeside{g, torch.GlobalAverage}}, 2 * g.width
	}
	return torch.Sequence{classToken, norm}, g.width
}

// classBeside lays the class token beside what a pooling makes of the patches. With the average it is
// what DINOv2 is evaluated by (Oquab et al. 2024; create_linear_input of its eval/linear.py, for one
// block with avgpool), and Dinov2ForImageClassification of Hugging Face.
type classBeside struct {
	grid
	pool torch.Module
}

// Forward makes features_B(2F) of tokens_BSF.
func (m classBeside) Forward(p *torch.Pass, tokens torch.Tensor) torch.Tensor {
	class := p.Select(p.Passing(tokens), 1, 0)
	patches := m.patches(p, tokens)
	maps := m.maps(p, patches)
	pooled := m.pool.Forward(p, maps)
	both := p.Stack(class, pooled)
	p.Discard(class, patches, pooled)
	return both
}

// Fixed says whether the pooling is.
func (m classBeside) Fixed() bool { return torch.Fixed(m.pool) }

// Random says whether the pooling draws numbers in training.
func (m classBeside) Random() bool { return torch.Random(m.pool) }
