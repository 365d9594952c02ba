package train

import (
	"context"
	"fmt"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// feed brings images to the device, batch by batch.
type feed interface {
	// begin announces the batches that will be asked for, in their order; each is
	// a list of image numbers. What was announced before is forgotten.
	begin(batches [][]int)
	// next gives the following batch as images_BCHW, float32 in [0, 1].
	next(s *torch.Scope) torch.Tensor
	// close ends the feed; not on the engine's thread.
	close() error
}

// format is how the images lie in memory.
func format(images *preprocess.Images) torch.PixelFormat {
	shape := images.Shape()
	return torch.PixelFormat{
		Channels: shape.Channels, Height: shape.Height, Width: shape.Width,
		BytesPerPixel: images.BytesPerPixel(), Scale: images.Scale(),
	}
}

// residentShare is how much of the free device memory images may take; the rest
// is the net's.
const residentShare = 0.4

// openFeed picks the feed that suits device and data: on the CPU straight from the
// memory map; on a GPU all images at once if they fit, else a ring of buffers.
func openFeed(ctx context.Context, env stage.Env, net *model.Net, images *preprocess.Images, batch int) (feed, error) {
	if !net.Engine().Device().CUDA {
		return &mapped{images: images}, nil
	}
	var f feed
	var text string
	err := net.Engine().Do(ctx, func(s *torch.Scope) error {
		s.EmptyCache() // what the fold before left there is free, and the driver does not know
		facts, err := s.Facts()
		if err != nil {
			return err
		}
		need := float64(images.Len()) * float64(format(images).Bytes())
		if budget := residentShare * float64(facts.Free); need <= budget {
			f, text = newResident(s, images), fmt.Sprintf("all images on the device: %.2f GB", need/1e9)
		} else {
			f, text = newStream(s, images, batch), fmt.Sprintf("streamed: %.1f GB of images, %.1f GB of the device may hold images", need/1e9, budget/1e9)
		}
		return s.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("bringing images to the device: %w", err)
	}
	return f, env.Recorder.Record(ctx, stage.Fact{Name: "data", Value: text})
}

// mapped copies each batch from the memory map when it is asked for.
type mapped struct {
	images  *preprocess.Images
	batches [][]int
	block   []byte
}

func (m *mapped) begin(batches [][]int) { m.batches = batches }

func (m *mapped) next(s *torch.Scope) torch.Tensor {
	each := len(m.images.Bytes(m.batches[0][0]))
	m.block = slices.Grow(m.block[:0], each*len(m.batches[0]))[:each*len(m.batches[0])]
	for k, i := range m.batches[0] {
		if _, err := m.images.CopyTo(m.block[k*each:], i); err != nil {
			s.Fail(err)
			return torch.Tensor{}
		}
	}
	m.batches = m.batches[1:]
	return s.Pixels(m.block, format(m.images))
}

func (m *mapped) close() error { return nil }
