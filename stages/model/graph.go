package model

import "vertebra/stages/internal/torch"

// Graph is a pass of training from some layer on, of which the layers up to the
// first that draws numbers at random are a torch.Graph. The rest runs as ever.
type Graph struct {
	net    *Net
	random int // the first layer after the graph
	graph  *torch.Graph

	kept       *torch.Scope
	covariates torch.Tensor // where the graph reads them
}

// FirstRandom is the first layer from the given one on that draws numbers at random in
// training; after the last where none does.
func (n *Net) FirstRandom(from int) int {
	for i := from; i < len(n.body); i++ {
		if torch.Random(n.body[i]) {
			return i
		}
	}
	return len(n.body)
}

// Record records the layers from the given one on, for inputs like x: images, or for
// from > 0 features, and for covariates where the net takes some. It is good for one choice
// of what is trained.
func (n *Net) Record(s *torch.Scope, x, covariates_BV torch.Tensor, from int) (*Graph, error) {
	g := &Graph{net: n, random: n.FirstRandom(from), kept: s.Long()}
	if covariates_BV.Valid() {
		g.covariates = s.Move(s.Clone(covariates_BV), g.kept)
	}
	var err error
	g.graph, err = s.RecordGraph(x, n.Trained(), func(s *torch.Scope, x torch.Tensor) torch.Tensor {
		p := &torch.Pass{Scope: s, Train: true, Covariates: g.covariates}
		if from == 0 {
			x = n.enter(p, x)
		} else {
			x = n.fed(p, x, from)
		}
		if g.random < len(n.body) {
			return n.within(p, n.body[from:g.random], x)
		}
		return n.through(p, n.body[from:], x)
	})
	if err != nil {
		g.kept.Free()
	}
	return g, err
}

// Trained are the weights that are trained now, in the order of the store.
func (n *Net) Trained() (out []torch.Tensor) {
	for _, p := range n.Store.Parameters {
		if p.Trainable {
			out = append(out, p.Tensor)
		}
	}
	return out
}

// Trains says whether a weight is trained now.
func (n *Net) Trains(weight string) bool {
	for _, p := range n.Store.Parameters {
		if p.Name == weight {
			return p.Trainable
		}
	}
	return false
}

// Forward makes logits_BK of x, and backward, to be called once the loss's gradients
// are there, brings them through the graph; share as in torch.Graph.Backward.
func (g *Graph) Forward(p *torch.Pass, x torch.Tensor) (logits_BK torch.Tensor, backward func(share bool)) {
	if g.covariates.Valid() {
		p.Copy(g.covariates, p.Covariates)
	}
	made := g.graph.Forward(p.Scope, x)
	return g.net.through(p, g.net.body[g.random:], made), func(share bool) { g.graph.Backward(p.Scope, made, share) }
}

// Layers is how many of the net's layers are left out of the graph: those at the end.
func (g *Graph) Layers() (outside int) { return len(g.net.body) - g.random }

// Close frees the graph.
func (g *Graph) Close(s *torch.Scope) {
	g.graph.Close(s)
	g.kept.Free()
}
