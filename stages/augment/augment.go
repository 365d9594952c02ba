// Package augment changes training images at random, on the device. All
// geometry of one image is composed into one sampling grid, so that a batch is
// interpolated exactly once; intensities follow, then mixing. What an image
// gets depends on (seed, entry, epoch, sample) alone; only its partner in mixing
// comes from the batch.
//
// Shapes: B images, C channels, H height, W width, N those images of a batch
// that an entry works on, K classes.
package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// Augmentation is an entry of a recipe. Beyond this it is one of Spatial,
// Deforming, Slicing, Intensity, Mixing, Choice and Setting.
type Augmentation interface {
	when() When
}

// Random is an entry that draws numbers for each image.
type Random interface {
	Augmentation
	// Draw decides what is done to one image from the image's own stream. An
	// entry always draws equally many numbers.
	Draw(r *rand.Rand, size Size) []float64
}

// Spatial moves pixels by a homography.
type Spatial interface {
	Random
	// Matrix maps places of the output to places in the input.
	Matrix(numbers []float64, size Size) Matrix
}

// Deforming moves pixels by a field of displacements.
type Deforming interface {
	Random
	// Field gives field_N2hw: how far, in pixels right and down, the place in the
	// input lies from the place in the output. See torch.Scope.Displace.
	Field(images Images) torch.Tensor
}

// Slicing moves slices along the stack, in each view alike.
type Slicing interface {
	Random
	// Order says which of so many slices each one then is.
	Order(numbers []float64, slices int) []int
}

// Intensity changes the values of pixels and keeps them in [0, 1].
type Intensity interface {
	Random
	Apply(images Images) torch.Tensor
}

// Mixing lays another image of the batch over an image.
type Mixing interface {
	Random
	// Mix gives the mixed images of the images and their partners_NCHW.
	Mix(images Images, partners torch.Tensor) torch.Tensor
	// Share is how much of the mixed image is the image's own.
	Share(numbers []float64, size Size) float64
}

// Choice picks some of its members for each image.
type Choice interface {
	Augmentation
	Members() []registry.One[Augmentation]
	// Choose gives the positions of the members that the image gets.
	Choose(r *rand.Rand) []int
}

// Setting holds for the whole recipe; of several of a kind the last counts.
type Setting interface {
	Augmentation
	set(*sampling)
}

// Size is the size of an image in pixels.
type Size struct{ Height, Width float64 }

// Augmentations are the parts.
var Augmentations = registry.New[Augmentation]("augmentation")

// Config is the section augment of an experiment: applied to each training
// image, in this order.
type Config []registry.One[Augmentation]

// Batch is images to be augmented, and all that their randomness depends on.
type Batch struct {
	Images_BCHW torch.Tensor // values in [0, 1]
	Samples     []string     // the name of each image
	Channels    []int        // which channel each one is in a mirrored image, where views have a side; nil: none has
	Slices      int          // of each view, that are its channels; 0 and 1: one, or colours
	Seen        int          // slices of each view, the middle ones, that the net sees; 0: all
	Colours     bool         // red, green and blue are the channels of each view
	Seed        uint64
	Epoch       int  // of the run, from 1
	Step        int  // of the run; it decides the partners in mixing
	Where       bool // the places that pixels were read from are wanted, too
}

// Augmented is what the net sees of a Batch.
type Augmented struct {
	Images_BCHW torch.Tensor
	// Mirrored says of which images left and right are swapped; nil where of none.
	Mirrored []bool
	// Image i was mixed with image Partner[i] of the batch; Share[i] belongs to
	// its own label, the rest to its partner's. Both are nil where no image was.
	Partner []int
	Share   []float64
	// Places_BHW2 is where each pixel was read, x and y in pixels from the image's centre; the
	// zero Tensor where no image was moved, or nobody asked.
	Places_BHW2 torch.Tensor
}

// Apply augments a batch. Errors stick to the scope.
func (c Config) Apply(s *torch.Scope, b Batch) Augmented {
	out := Augmented{Images_BCHW: b.Images_BCHW}
	if len(c) == 0 {
		return out
	}
	shape := s.Describe(b.Images_BCHW).Shape
	if s.Err() != nil {
		return Augmented{}
	}
	size := Size{Height: float64(shape[2]), Width: float64(shape[3])}
	p := c.plan(b, size)
	out.Mirrored = p.mirrored()
	out.Images_BCHW, out.Places_BHW2 = p.warp(s, out.Images_BCHW)
	out.Images_BCHW = swapped(s, p.inOrder(s, out.Images_BCHW), out.Mirrored, b.Channels)
	out.Images_BCHW = p.intensities(s, out.Images_BCHW)
	return p.mix(s, out)
}
