package model

import "vertebra/stages/internal/torch"

// Outline is what a net consists of, known without a device and without pixels.
type Outline struct {
	Parameters []ParameterSize
	// Groups are the words for parts of the net, see Groups.
	Groups []string

	net *Net
}

// Sketch outlines the net of an experiment. Names do not depend on the number of
// outputs.
func Sketch(cfg Config, task Task) Outline {
	n := &Net{Store: torch.NewOutlineStore()}
	n.body = assemble(n.Store.Root(nil), cfg, task)
	out := Outline{Groups: Groups(cfg), net: n}
	for _, p := range n.Store.Parameters {
		out.Parameters = append(out.Parameters, ParameterSize{p.Name, int64(p.Elements()), p.Buffer})
	}
	return out
}

// Holds says whether a group or pattern selects a parameter of the net.
func (o Outline) Holds(pattern string) bool {
	for _, p := range o.Parameters {
		if !p.Buffer && Selects(pattern, p.Name) {
			return true
		}
	}
	return false
}

// Fixed counts the layers at the front of the net that a phase leaves alone, as
// Net.Fixed does, and names the first layer above them. batchNorm is the phase's.
func (o Outline) Fixed(selected func(name string) bool, batchNorm string) (layers int, above string) {
	o.net.Store.Train(nil, selected, torch.Statistics(batchNorm))
	return o.net.Fixed(), o.net.FirstChanged(LayerNames(o.Groups))
}
