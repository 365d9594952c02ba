package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// warmSteps is how many passes of a shape libtorch gets to choose its algorithms in
// before they are recorded.
const warmSteps = 2

// graphs keeps the recorded passes of the phase. Only one shape is recorded, that of
// a full batch: what lies in a graph is not shared with other batches.
type graphs struct {
	graph *model.Graph
	shape []int64 // that is recorded, or will be
	seen  int     // passes of that shape
	told  bool
	off   bool // there was no memory for them; the next phase tries again
}

// forwardInTraining is the forward pass of training, and what has to follow the loss's backward
// pass. It is recorded where the experiment wants it and the device can; nothing of
// earlier passes is alive then, as a recording needs it.
func (t *trainer) forwardInTraining(p *torch.Pass, x torch.Tensor) (logits_BO torch.Tensor, backward func(share bool)) {
	if t.cfg.Compute.Recompute {
		logits, again := t.net.ForwardRecomputed(p, x, t.firstLayer())
		t.work.again = again.Again
		return logits, func(bool) { again.Backward() }
	}
	if !t.usesGraphs() || !t.recorded(p, x) {
		return t.forward(p, x), func(bool) {}
	}
	return t.graphs.graph.Forward(p, x)
}

// usesGraphs says whether there is something to record and a device that can.
func (t *trainer) usesGraphs() bool {
	return t.net.FirstRandom(t.firstLayer()) > t.firstLayer() && t.cfg.Compute.Graphs && !t.cfg.Compute.Recompute && !t.graphs.off && t.net.Engine().Device().CUDA && torch.HasGraphs()
}

// firstLayer is the first layer that a step computes.
func (t *trainer) firstLayer() int {
	if t.features != nil {
		return t.features.plan.Layers
	}
	return 0
}

// recorded says whether there is a graph for inputs like x, and makes it when it is
// time to.
func (t *trainer) recorded(p *torch.Pass, x torch.Tensor) bool {
	s := p.Scope
	g, shape := &t.graphs, s.Describe(x).Shape
	if g.shape == nil || len(shape) > 0 && g.graph == nil && shape[0] > g.shape[0] {
		g.shape, g.seen = shape, 0
	}
	if !slices.Equal(shape, g.shape) {
		return false
	}
	if g.seen++; g.graph != nil || g.seen <= warmSteps || s.Err() != nil {
		return g.graph != nil
	}
	s.EmptyCache()
	var err error
	if g.graph, err = t.net.Record(s, x, p.Covariates, t.firstLayer()); err != nil {
		g.graph = nil
		s.Fail(unrecorded(err))
	}
	return g.graph != nil
}

func unrecorded(err error) error {
	if errors.Is(err, torch.ErrOutOfMemory) {
		return err
	}
	return stage.Fault{Err: err, Hint: "set train.compute.graphs to false"}
}

// dropGraph frees what was recorded, before what it stands on changes.
func (t *trainer) dropGraph(s *torch.Scope) {
	if t.graphs.graph != nil {
		t.graphs.graph.Close(s)
	}
	t.graphs = graphs{told: t.graphs.told}
}

// giveUpGraph frees what was recorded for the rest of the phase, where memory is short: a
// graph keeps what its passes need for itself all the time, also while shorter batches and
// validation need theirs. It says whether there was, or was to be, a graph.
func (t *trainer) giveUpGraph(s *torch.Scope) bool {
	if !t.usesGraphs() || t.graphs.seen <= warmSteps {
		return false
	}
	t.dropGraph(s)
	t.graphs.off = true
	s.EmptyCache()
	return true
}

// besideGraph says whether a batch of n images needs memory while a graph keeps its own, or
// for recording one. A step that only replays a graph is spared the notes for doing it again.
func (t *trainer) besideGraph(n int) bool {
	return t.usesGraphs() && t.graphs.seen+t.parts() > warmSteps && (t.graphs.graph == nil || t.parts() > 1 || n != t.cfg.BatchSize())
}

// recordNoGraph says that the phase goes on without.
func (t *trainer) recordNoGraph(ctx context.Context) error {
	return t.recordEvent(context.WithoutCancel(ctx), "warning", "phase %s, epoch %d, step %d: the device has no memory for recorded passes (CUDA graphs) beside all else; "+
		"the phase goes on without them, with the same numbers. train.compute: {graphs: false} spares it the attempt", t.phase.Name, t.epoch, t.step)
}

func (t *trainer) closeGraph() error {
	return t.net.Engine().Do(context.Background(), func(s *torch.Scope) error { t.dropGraph(s); return s.Err() })
}

// recordGraph says once in what way the passes are computed.
func (t *trainer) recordGraph(ctx context.Context) error {
	if t.graphs.told || t.graphs.graph == nil {
		return nil
	}
	value := "yes: full batches"
	if t.graphs.graph.Layers() > 0 {
		value = fmt.Sprintf("yes: full batches, up to the dropout before the last %d layers", t.graphs.graph.Layers()-1)
	}
	t.graphs.told = true
	return t.env.Recorder.Record(ctx, stage.Fact{Name: "CUDA graphs", Value: value})
}
