package augment

import (
	"slices"

	"vertebra/stages/internal/torch"
)

// warp composes the geometry of every image into one grid and reads the images
// there, once. Images that nothing moves are left alone, unless somebody wants to
// know where all of them were read.
func (p *plan) warp(s *torch.Scope, images_BCHW torch.Tensor) (warped, places_BHW2 torch.Tensor) {
	moved, all := p.moved(), len(p.batch.Samples)
	if len(moved) == 0 {
		return images_BCHW, torch.Tensor{}
	}
	if p.batch.Where {
		places_BHW2 = p.places(s, every(all))
		return s.Inner(func(s *torch.Scope) torch.Tensor { return p.read(s, images_BCHW, places_BHW2) }), places_BHW2
	}
	return onSome(s, images_BCHW, moved, all, func(s *torch.Scope, x_NCHW torch.Tensor) torch.Tensor {
		return p.read(s, x_NCHW, p.places(s, moved))
	}), torch.Tensor{}
}

// read reads images at places_NHW2.
func (p *plan) read(s *torch.Scope, x_NCHW, places_NHW2 torch.Tensor) torch.Tensor {
	y_NCHW := s.SampleAt(x_NCHW, places_NHW2, p.sampling.method, p.sampling.outside)
	if p.sampling.keepsRange() {
		return y_NCHW
	}
	return s.Clamp(y_NCHW, 0, 1)
}

// keepsRange says whether what is read lies between the pixels that it is read from: cubic
// curves go beyond, and so does rounding where a border's value is taken off and added again.
func (s sampling) keepsRange() bool {
	return s.method != torch.Bicubic && (s.outside.Border != torch.BorderConstant || s.outside.Value == 0)
}

// moved lists the images that some geometry works on.
func (p *plan) moved() []int {
	var out []int
	for _, l := range p.leaves {
		switch l.part.(type) {
		case Spatial, Deforming:
			out = append(out, l.active()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// places_NHW2 follows the places of the output back through the recipe, from
// its last entry to its first. Neighbouring matrices become one; where a field
// comes between, they are applied first. That happens also where the field
// moves none of these images, so that no rounding depends on the batch.
func (p *plan) places(s *torch.Scope, moved []int) torch.Tensor {
	var places torch.Tensor
	pending := identities(len(moved))
	project := func() {
		places = s.Project(places, upload(s, pending), int64(p.size.Height), int64(p.size.Width))
		pending = identities(len(moved))
	}
	for _, l := range slices.Backward(p.leaves) {
		switch part := l.part.(type) {
		case Spatial:
			for row, i := range moved {
				if l.draws[i].on {
					pending[row] = part.Matrix(l.draws[i].numbers, p.size).times(pending[row])
				}
			}
		case Deforming:
			project()
			places = p.displace(s, l, moved, places)
		}
	}
	project()
	return places
}

// displace adds the field of a leaf to the places of the images it works on.
func (p *plan) displace(s *torch.Scope, l leaf, moved []int, places_NHW2 torch.Tensor) torch.Tensor {
	active := l.active()
	if len(active) == 0 {
		return places_NHW2
	}
	rows := make([]int, len(active))
	for i, image := range active {
		rows[i], _ = slices.BinarySearch(moved, image)
	}
	return onSome(s, places_NHW2, rows, len(moved), func(s *torch.Scope, some torch.Tensor) torch.Tensor {
		field_N2hw := l.part.(Deforming).Field(p.images(s, l, active, torch.Tensor{}))
		return s.Displace(some, field_N2hw)
	})
}

// every lists the images of a batch.
func every(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func identities(n int) []Matrix {
	out := make([]Matrix, n)
	for i := range out {
		out[i] = Identity
	}
	return out
}

func upload(s *torch.Scope, matrices []Matrix) torch.Tensor {
	flat := make([]float32, 0, 9*len(matrices))
	for _, m := range matrices {
		for _, v := range m {
			flat = append(flat, float32(v))
		}
	}
	return s.FromFloat32(flat, int64(len(matrices)), 3, 3)
}
