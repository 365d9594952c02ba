package model

import "vertebra/stages/internal/torch"

// skip is x + branch(x). In training some samples may go without the branch; where all
// of it is frozen none does, as frozen batch-norm does not learn.
type skip struct {
	branch torch.Sequence
	depth  torch.StochasticDepth
}

// Forward keeps the shape of x_B….
func (k skip) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	y := p.Passing(k.branch.Forward(p, x))
	if k.leavesOut() {
		kept := p.Passing(k.depth.Forward(p, y))
		if kept != y {
			p.Drop(y)
		}
		y = kept
	}
	sum := p.Add(y, x)
	p.Drop(y)
	return sum
}

// Fixed says whether the branch is.
func (k skip) Fixed() bool { return k.branch.Fixed() }

// Random says whether samples may go without the branch, or it draws numbers itself.
func (k skip) Random() bool { return k.leavesOut() || k.branch.Random() }

func (k skip) leavesOut() bool { return k.depth.P > 0 && !k.branch.Fixed() }
