package model

import "vertebra/stages/internal/torch"

// tokens makes a row of each patch, puts the class token before them, and adds what their
// places are worth.
type tokens struct{ class_11F, positions_1SF *torch.Parameter }

// Forward makes tokens_BSF of maps_BFHW, with S = 1 + H·W.
func (m tokens) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	rows := rowsOf(p, p.Passing(x))
	class := p.Scales(m.class_11F, p.EachOf(m.class_11F.Tensor, rows))
	all := p.Stack(class, rows)
	placed := p.Scales(m.positions_1SF, p.Add(all, m.positions_1SF.Tensor))
	p.Discard(rows, class, all)
	return placed
}

// Fixed says whether neither is trained.
func (m tokens) Fixed() bool { return !m.class_11F.Trainable && !m.positions_1SF.Trainable }

// rowsOf makes rows_BSF of maps_BFHW.
func rowsOf(p *torch.Pass, maps torch.Tensor) torch.Tensor {
	shape := p.Describe(maps).Shape
	if p.Err() != nil {
		return torch.Tensor{}
	}
	flat := p.Reshape(maps, -1, shape[1], shape[2]*shape[3])
	rows := p.Transpose(flat, 1, 2)
	p.Discard(flat)
	return rows
}

// classToken is the first of tokens_BSF.
var classToken = torch.Func(func(p *torch.Pass, x torch.Tensor) torch.Tensor { return p.Select(p.Passing(x), 1, 0) })

// patches are all others.
func (v vit) patches(p *torch.Pass, tokens torch.Tensor) torch.Tensor {
	return p.Narrow(p.Passing(tokens), 1, 1, v.down*v.across)
}

// maps makes maps_BFHW of rows_BSF.
func (v vit) maps(p *torch.Pass, rows torch.Tensor) torch.Tensor {
	columns := p.Transpose(p.Passing(rows), 1, 2)
	maps := p.Reshape(columns, -1, v.width, v.down, v.across)
	p.Discard(columns)
	return p.Passing(maps)
}

// watched lets a pass watch the patches that the last layer looks at, as maps: behind it the
// class token alone speaks, and of the others nothing depends.
func (v vit) watched(p *torch.Pass, tokens torch.Tensor) torch.Tensor {
	if !p.Watch {
		return tokens
	}
	maps := p.Watched(v.maps(p, v.patches(p, tokens)))
	return p.Stack(p.Narrow(tokens, 1, 0, 1), rowsOf(p, maps))
}
