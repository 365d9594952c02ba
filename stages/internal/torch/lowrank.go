package torch

// LowRank says which linear layers get a low-rank correction beside them: y = W·x + scale·B·A·x
// (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", section 4.1). Names and
// first weights are those of Hugging Face's PEFT.
type LowRank struct {
	Rank  int64
	Scale float64 // α/r of the paper
	// Everywhere corrects all linear layers; else those of attention alone.
	Everywhere bool
}

// Corrected is the path of layers that rule gives corrections to.
func (p Path) Corrected(rule LowRank) Path {
	p.lowRank = rule
	return p
}

// ofAttention is the path of linear layers that every rule gives corrections to.
func (p Path) ofAttention() Path {
	p.lowRank.Everywhere = true
	return p
}

// correction is what stands beside a linear layer: A, which makes a few features, and B.
type correction struct {
	down, up *Parameter // (rank, in), (out, rank)
	scale    float64
}

// correction makes the one of the layer at the path; nil where none is wanted. B begins with
// zeros, so that the net does at first what it did without.
func (p Path) correction(in, out int64) *correction {
	rule := p.lowRank
	if rule.Rank == 0 || !rule.Everywhere {
		return nil
	}
	return &correction{
		down:  p.Sub(LowRankDown).Parameter("weight", FanIn(in), rule.Rank, in),
		up:    p.Sub(LowRankUp).Parameter("weight", Constant(0), out, rule.Rank),
		scale: rule.Scale,
	}
}

// What the parameters of a correction are called, below the layer's name.
const (
	LowRankDown = "lora_A"
	LowRankUp   = "lora_B"
)

// onto adds the correction for features_BI to what the layer made of them, which it lets go of.
func (c *correction) onto(p *Pass, x, made Tensor) Tensor {
	if c == nil {
		return made
	}
	few := p.add(c.down, p.linear(x, c.down.Tensor, Tensor{}))
	raw := p.add(c.up, p.linear(few, c.up.Tensor, Tensor{}))
	p.Drop(few)
	scaled := p.Times(raw, c.scale)
	sum := p.Add(made, scaled)
	p.Discard(raw, scaled, made)
	return sum
}

// fixed says whether nothing of it is trained.
func (c *correction) fixed() bool { return c == nil || frozen(c.down, c.up) }
