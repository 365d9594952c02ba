package model

import "vertebra/stages/internal/torch"

// Outline is what a net consists of, known without a device and without pixels.
type Outline struct {
	Parameters []ParameterSize
	// Groups are the words for parts of the net, see Groups.
	Groups []string
}

// Sketch outlines the net of an experiment. Names do not depend on the number of
// outputs.
func Sketch(cfg Config, outputs int) Outline {
	store := torch.NewOutlineStore()
	assemble(store.Root(nil), cfg, int64(outputs))
	out := Outline{Groups: Groups(cfg)}
	for _, p := range store.Parameters {
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
