package torch

import (
	"context"
	"fmt"
	"math"
	"strings"

	"vertebra/stages/stage"
)

// Parameter is a named tensor of a net.
type Parameter struct {
	// Name is as in torchvision's state_dict: "layer1.0.conv1.weight".
	Name   string
	Tensor Tensor
	Shape  []int64
	// Buffer marks what no optimizer touches: running means and variances.
	Buffer bool
	// Embedding marks what a place or a token is worth: nothing is multiplied by it.
	Embedding bool
	// Trainable says whether the current phase trains it; see Store.Train.
	Trainable bool
	// Moves says of a buffer whether a pass in training changes it.
	Moves bool
}

// Elements is how many numbers the parameter holds.
func (p *Parameter) Elements() int { return Info{Shape: p.Shape}.Elements() }

// Store owns the parameters of a net, in the order in which they were made.
type Store struct {
	Parameters []*Parameter
	byName     map[string]*Parameter
	constants  *Constants
	engine     *Engine
	scope      *Scope
	seed       uint64
	blank      bool // parameters stay zero
	outline    bool // parameters have a name and a shape, and no tensor
}

// NewStore makes an empty store; seed decides the first weights.
func NewStore(s *Scope, seed uint64) *Store {
	st := emptyStore()
	st.engine, st.scope, st.seed = s.engine, s.Long(), seed
	return st
}

func emptyStore() *Store {
	st := &Store{byName: map[string]*Parameter{}}
	st.constants = &Constants{store: st, made: map[string]Tensor{}}
	return st
}

// Close frees every parameter.
func (st *Store) Close() error {
	return st.engine.Do(context.Background(), func(*Scope) error {
		st.scope.Free()
		return st.scope.Err()
	})
}

// Free frees every parameter; on the engine's thread.
func (st *Store) Free() { st.scope.Free() }

// Get finds a parameter by its full name.
func (st *Store) Get(name string) (*Parameter, bool) {
	p, ok := st.byName[name]
	return p, ok
}

// Copies are copies of all parameters and buffers, in their order, without gradients.
func (st *Store) Copies(s *Scope) (out []Tensor) {
	for _, p := range st.Parameters {
		out = append(out, s.Clone(p.Tensor))
	}
	return out
}

// With runs work with other tensors in the place of all parameters and buffers.
func (st *Store) With(others []Tensor, work func()) {
	for i, p := range st.Parameters {
		own := p.Tensor
		p.Tensor = others[i]
		defer func() { p.Tensor = own }()
	}
	work()
}

// Root is the path of the store's top level.
func (st *Store) Root(s *Scope) Path { return Path{store: st, scope: s} }

// Statistics says which statistics of batch-norm layers training moves.
type Statistics string

// The choices of Statistics.
const (
	TrainedStatistics Statistics = "auto" // those of layers whose weight is trained
	NoStatistics      Statistics = "frozen"
	AllStatistics     Statistics = "training"
)

// Train makes trainable what selected says, and freezes everything else.
func (st *Store) Train(s *Scope, selected func(name string) bool, moving Statistics) {
	for _, p := range st.Parameters {
		p.Trainable = !p.Buffer && selected(p.Name)
		if !st.outline {
			s.RequireGrad(p.Tensor, p.Trainable)
		}
	}
	for _, p := range st.Parameters {
		layer := p.Name[:strings.LastIndex(p.Name, ".")+1]
		weight, found := st.Get(layer + "weight")
		p.Moves = p.Buffer && (moving == AllStatistics || moving != NoStatistics && found && weight.Trainable)
	}
}

// Path is a place in a store under which a layer makes its parameters. It is a
// value: paths never share memory, so several may be held at once.
type Path struct {
	store   *Store
	scope   *Scope
	prefix  string
	lowRank LowRank // of linear layers below it
}

// Sub is the path one level further down.
func (p Path) Sub(name string) Path {
	p.prefix += name + "."
	return p
}

// Parameter makes a trainable tensor and fills it.
func (p Path) Parameter(name string, fill Init, shape ...int64) *Parameter {
	q := p.add(name, fill, shape)
	q.Trainable = true
	if !p.store.outline {
		p.scope.RequireGrad(q.Tensor, true)
	}
	return q
}

// Embedding makes a Parameter that a place or a token is worth.
func (p Path) Embedding(name string, fill Init, shape ...int64) *Parameter {
	q := p.Parameter(name, fill, shape...)
	q.Embedding = true
	return q
}

// Buffer makes a tensor that is saved with the net but never trained.
func (p Path) Buffer(name string, fill Init, shape ...int64) *Parameter {
	q := p.add(name, fill, shape)
	q.Buffer, q.Moves = true, true
	return q
}

func (p Path) add(name string, fill Init, shape []int64) *Parameter {
	q := &Parameter{Name: p.prefix + name, Shape: shape}
	if _, taken := p.store.byName[q.Name]; taken {
		p.scope.Fail(fmt.Errorf("parameter %q is made twice", q.Name))
		return q
	}
	if !p.store.outline {
		q.Tensor = p.scope.Move(p.scope.Zeros(Float32, shape...), p.store.scope)
		if !p.store.blank {
			fill(p.scope, q.Tensor, stage.Hash(p.store.seed, "init "+q.Name))
		}
	}
	p.store.byName[q.Name] = q
	p.store.Parameters = append(p.store.Parameters, q)
	return q
}

// Init fills a new tensor; the seed is the tensor's own.
type Init func(s *Scope, t Tensor, seed uint64)

// Constant fills with one value.
func Constant(v float64) Init {
	return func(s *Scope, t Tensor, _ uint64) { s.Fill(t, v) }
}

// FanIn is U(−1/√fanIn, 1/√fanIn): what PyTorch's Linear and Conv2d do by
// default (kaiming_uniform_ with a = √5), for weights and biases alike.
func FanIn(fanIn int64) Init {
	bound := 1 / math.Sqrt(float64(fanIn))
	return func(s *Scope, t Tensor, seed uint64) { s.FillUniform(t, -bound, bound, seed) }
}

// Normal is N(0, std²).
func Normal(std float64) Init {
	return func(s *Scope, t Tensor, seed uint64) { s.FillNormal(t, 0, std, seed) }
}

// Xavier is xavier_uniform_ of a linear layer (Glorot and Bengio 2010): U(−b, b) with
// b = √(6 / (in + out)).
func Xavier(in, out int64) Init {
	bound := math.Sqrt(6 / float64(in+out))
	return func(s *Scope, t Tensor, seed uint64) { s.FillUniform(t, -bound, bound, seed) }
}

// LeCunUniform is U(−b, b) with b = √(3 / fanIn), of variance 1 / fanIn: kaiming_uniform_ with a = 1
// (LeCun et al. 1998, "Efficient BackProp"), which torchvision's feature pyramids are drawn by.
func LeCunUniform(fanIn int64) Init {
	bound := math.Sqrt(3 / float64(fanIn))
	return func(s *Scope, t Tensor, seed uint64) { s.FillUniform(t, -bound, bound, seed) }
}

// FanOutNormal is N(0, 2/fanOut): kaiming_normal_ with mode fan_out and ReLU (He
// et al. 2015), which torchvision's ResNet gives its convolutions.
func FanOutNormal(fanOut int64) Init {
	return Normal(math.Sqrt(2 / float64(fanOut)))
}

// Matches says whether a pattern selects a name: it is the name itself or a
// prefix of it that ends at a dot ("layer4.1" selects "layer4.1.bn1.weight").
func Matches(pattern, name string) bool {
	return pattern == name || strings.HasPrefix(name, pattern+".")
}

// Name is the path as it begins a parameter's name.
func (p Path) Name() string { return strings.TrimSuffix(p.prefix, ".") }
