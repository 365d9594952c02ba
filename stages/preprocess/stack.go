package preprocess

import (
	"errors"
	"fmt"

	"vertebra/stages/stage"
)

func init() {
	Steps.Add("stack", "puts slices of the series beside the image, as channels: 2.5D, or one by one with model.slices",
		Stack{Slices: 3, Reach: "neighbours", Stride: 1, Edge: "repeat"})
}

// Stack makes channels of the slices around the case's own, which is the middle
// one, or of slices of the whole series. They go through the same steps before this
// one, a crop around the point included: slices of one stack share their pixel grid.
// A slice of another size is scaled to the case's own. Of a whole series the nearest slice
// stands for one that cannot be decoded, and a warning tells; a neighbour that cannot be
// drops the case.
type Stack struct {
	Slices int    `help:"how many slices become channels; with reach: neighbours odd, so that there is a middle" min:"1" max:"255"`
	Reach  string `help:"which slices: those around the case's own, or as many spread evenly over all of the series (of a labelled point: over the stack of one orientation that it lies in), some of them again where there are fewer" oneof:"neighbours series"`
	Stride int    `help:"distance of neighbouring channels, in slices; for reach: neighbours" min:"1" max:"100" when:"reach=neighbours"`
	Edge   string `help:"what stands for slices beyond the first and the last: the outermost one again, the series mirrored there, or 0; for reach: neighbours" oneof:"repeat reflect zero" when:"reach=neighbours"`
}

// Validate wants a middle.
func (s Stack) Validate() error {
	if s.Reach != "series" && s.Slices%2 == 0 {
		return fmt.Errorf("slices is %d; want an odd number, so that the case's own slice is the middle", s.Slices)
	}
	return nil
}

// Needs are the other slices.
func (s Stack) Needs() Needs {
	return Needs{Neighbours: s.Slices > 1, Whole: s.Slices > 1 && s.Reach == "series"}
}

// Apply gathers the channels.
func (s Stack) Apply(p *Picture) error {
	if p.Channels != 1 {
		return fmt.Errorf("stack: the picture has %d channels already; want 1", p.Channels)
	}
	if s.Slices > 1 && p.Neighbour == nil {
		return errors.New("stack: the picture belongs to no series")
	}
	n := p.Width * p.Height
	out := make([]float32, s.Slices*n)
	find, err := s.finder(p)
	for c := 0; c < s.Slices && err == nil; c++ {
		var plane []float32
		plane, err = s.channel(p, find, c)
		copy(out[c*n:], plane)
	}
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	p.Channels, p.Pixels = s.Slices, out
	return nil
}

// finder gives the way to the slice of each channel; it finds p itself for the case's own,
// and nil for zeros.
func (s Stack) finder(p *Picture) (func(channel int) (*Picture, error), error) {
	if s.Reach != "series" {
		return func(channel int) (*Picture, error) { return s.near(p, channel-s.Slices/2) }, nil
	}
	if p.Whole == nil {
		return func(int) (*Picture, error) { return p, nil }, nil
	}
	all, err := p.Whole()
	return func(channel int) (*Picture, error) { return all.Slice(spread(channel, s.Slices, all.Of)) }, err
}

// spread gives the middle slice of the c-th of n equal parts of a series.
func spread(c, n, slices int) int { return (2*c + 1) * slices / (2 * n) }

// channel gives the pixels of a channel's slice; nil stands for zeros.
func (s Stack) channel(p *Picture, find func(int) (*Picture, error), c int) ([]float32, error) {
	q, err := find(c)
	if q == nil || err != nil {
		return nil, err
	}
	if q == p {
		return p.Pixels, nil
	}
	if q.Channels != 1 {
		return nil, fmt.Errorf("a neighbour has %d channels; want 1", q.Channels)
	}
	if q.Width != p.Width || q.Height != p.Height {
		p.warn("slices of the series differ in size: %d×%d beside %d×%d", q.Height, q.Width, p.Height, p.Width)
		q.scale("linear", p.Width, p.Height)
	}
	return q.Pixels, nil
}

// near finds the slice so many strides away, or what stands for it.
func (s Stack) near(p *Picture, strides int) (*Picture, error) {
	if strides == 0 {
		return p, nil
	}
	q, err := p.Neighbour(strides * s.Stride)
	if q != nil || err != nil || s.Edge == "zero" {
		return q, err
	}
	last, err := s.outermost(p, strides)
	if err != nil || s.Edge == "repeat" {
		return last.picture, err
	}
	mirrored := 2*last.strides - strides // as numpy's pad mode reflect
	if mirrored == 0 {
		return p.clone(), nil
	}
	q, err = p.Neighbour(mirrored * s.Stride)
	if q == nil && err == nil {
		q = last.picture // a series too short to mirror
	}
	return q, err
}

type away struct {
	strides int
	picture *Picture
}

// outermost is the furthest slice in a direction; it may be the middle one.
func (s Stack) outermost(p *Picture, strides int) (away, error) {
	step := 1
	if strides < 0 {
		step = -1
	}
	for strides -= step; strides != 0; strides -= step {
		q, err := p.Neighbour(strides * s.Stride)
		if q != nil || err != nil {
			return away{strides, q}, err
		}
	}
	return away{0, p.clone()}, nil
}

// Shape has a channel for each slice.
func (s Stack) Shape(in Shape) (Shape, error) {
	if in.Channels != 1 {
		return in, stage.Fault{Err: fmt.Errorf("the picture has %d channels already; want 1", in.Channels), Hint: "slices are grey: write decode: {colour: grey}, and one stack"}
	}
	return Shape{s.Slices, in.Height, in.Width}, nil
}

// Version is that of the gathering and of the order of slices.
func (Stack) Version() int { return 2 }
