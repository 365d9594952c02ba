package model

import "vertebra/stages/internal/torch"

// skip is x + branch(x), or shortcut(x) + branch(x). In training some samples may go without the branch;
// where all of it is frozen none does, as frozen batch-norm does not learn.
type skip struct {
	branch   torch.Sequence
	depth    torch.StochasticDepth
	shortcut torch.Sequence // empty: x itself
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
	beside := k.shortcut.Forward(p, x)
	sum := p.Add(y, beside)
	p.Drop(y)
	if beside != x {
		p.Discard(beside)
	}
	return sum
}

// Extent is that of the shortcut, which the branch has too.
func (k skip) Extent(e torch.Extent) torch.Extent { return k.shortcut.Extent(e) }

// Fixed says whether branch and shortcut are.
func (k skip) Fixed() bool { return k.branch.Fixed() && k.shortcut.Fixed() }

// Random says whether samples may go without the branch, or it draws numbers itself.
func (k skip) Random() bool { return k.leavesOut() || k.branch.Random() }

func (k skip) leavesOut() bool { return k.depth.P > 0 && !k.branch.Fixed() }
