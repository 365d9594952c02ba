// Package augment changes training images at random, on the device. All
// geometry of one image is composed into one sampling grid, so that a batch is
// interpolated exactly once; what an image gets depends on (seed, part, epoch,
// sample) alone.
package augment

import (
	"hash/fnv"
	"math/rand/v2"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Augmentation draws what is done to one image.
type Augmentation interface {
	// Draw decides the change of one image from its own random stream.
	Draw(r *rand.Rand, size Size) Change
}

// Size is the size of an image in pixels.
type Size struct{ Height, Width float64 }

// Change is what one augmentation does to one image. The zero value, but for
// Matrix, must be spelled with None.
type Change struct {
	// Matrix maps a place of the output to its place in the input, in pixels
	// from the image's centre.
	Matrix Affine
	// Gain multiplies every pixel.
	Gain float64
	// Border says what lies outside the image; "" leaves it as it was.
	Border string
}

// None changes nothing.
var None = Change{Matrix: Identity, Gain: 1}

// Augmentations are the parts.
var Augmentations = registry.New[Augmentation]("augmentation")

// Config is the section augment of an experiment: applied to each training
// image, in this order.
type Config []registry.One[Augmentation]

var borders = map[string]torch.Border{
	"nearest": torch.BorderNearest, "constant": torch.BorderConstant, "reflect": torch.BorderReflect,
}

// Draw composes what all augmentations do to one sample in one epoch.
func (c Config) Draw(seed uint64, epoch int, sample string, size Size) Change {
	total := None
	for _, part := range c {
		change := part.Part.Draw(stage.Rand(seed, "augment "+part.Name, epoch, key(sample)), size)
		total.Matrix = total.Matrix.Then(change.Matrix)
		total.Gain *= change.Gain
		if change.Border != "" {
			total.Border = change.Border
		}
	}
	return total
}

func key(sample string) int {
	h := fnv.New32a()
	h.Write([]byte(sample))
	return int(h.Sum32())
}

// Batch augments images_BCHW with values in [0, 1]; samples names each image.
func (c Config) Batch(s *torch.Scope, images_BCHW torch.Tensor, seed uint64, epoch int, samples []string) torch.Tensor {
	if len(c) == 0 {
		return images_BCHW
	}
	shape := s.Describe(images_BCHW).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	size := Size{Height: float64(shape[2]), Width: float64(shape[3])}
	matrices, gains := make([]float32, 0, 6*len(samples)), make([]float32, 0, len(samples))
	border, geometric, intensity := "nearest", false, false
	for _, sample := range samples {
		change := c.Draw(seed, epoch, sample, size)
		matrices = append(matrices, change.Matrix.normalised(size)...)
		gains = append(gains, float32(change.Gain))
		geometric = geometric || change.Matrix != Identity
		intensity = intensity || change.Gain != 1
		if change.Border != "" {
			border = change.Border
		}
	}
	b := int64(len(samples))
	out := images_BCHW
	if geometric {
		grid := s.AffineGrid(s.FromFloat32(matrices, b, 2, 3), b, shape[1], shape[2], shape[3])
		out = s.GridSample(out, grid, borders[border])
	}
	if intensity {
		out = s.Clamp(s.Mul(out, s.FromFloat32(gains, b, 1, 1, 1)), 0, 1)
	}
	return out
}
