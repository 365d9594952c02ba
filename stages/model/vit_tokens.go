package model

import "vertebra/stages/internal/torch"

// tokens makes a row of each patch, puts the class token before them, and adds what their
// places are worth. Registers, where there are some, come behind the class token and have no place.
type tokens struct {
	class_11F, positions_1SF *torch.Parameter
	registers_1RF            *torch.Parameter // or nil
}

// Forward makes tokens_BSF of maps_BFHW, with S = 1 + R + H·W.
func (m tokens) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	rows := rowsOf(p, p.Passing(x))
	class := p.Scales(m.class_11F, p.EachOf(m.class_11F.Tensor, rows))
	all := p.Stack(class, rows)
	placed := p.Scales(m.positions_1SF, p.Add(all, m.positions_1SF.Tensor))
	p.Discard(rows, class, all)
	if m.registers_1RF == nil {
		return placed
	}
	return m.registered(p, placed)
}

// registered puts the registers (Darcet et al. 2024, "Vision transformers need registers") behind
// the first of tokens_BSF.
func (m tokens) registered(p *torch.Pass, placed torch.Tensor) torch.Tensor {
	shape := p.Describe(placed).Shape
	if p.Err() != nil {
		return torch.Tensor{}
	}
	class, rows := p.Narrow(placed, 1, 0, 1), p.Narrow(placed, 1, 1, shape[1]-1)
	registers := p.Scales(m.registers_1RF, p.EachOf(m.registers_1RF.Tensor, placed))
	before := p.Stack(class, registers)
	all := p.Stack(before, rows)
	p.Discard(placed, class, rows, registers, before)
	return all
}

// Fixed says whether none of them is trained.
func (m tokens) Fixed() bool {
	return !m.class_11F.Trainable && !m.positions_1SF.Trainable && (m.registers_1RF == nil || !m.registers_1RF.Trainable)
}

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
