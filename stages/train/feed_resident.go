package train

import (
	"context"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
)

// resident keeps all images on the device and gathers batches there: an epoch
// moves nothing but image numbers.
type resident struct {
	images  *preprocess.Images
	rows    *torch.Rows
	engine  *torch.Engine
	format  torch.PixelFormat
	batches [][]int
}

func newResident(s *torch.Scope, images *preprocess.Images) *resident {
	f := format(images)
	r := &resident{images: images, rows: s.NewRows(images.Len(), f.Bytes()), engine: s.Engine(), format: f}
	var image []byte // which the disk may fail to give
	for _, item := range images.Firsts() {
		image = slices.Grow(image[:0], f.Bytes())[:f.Bytes()]
		if _, err := images.CopyTo(image, item); err != nil {
			s.Fail(err)
			return r
		}
		r.rows.Append(s, images.Bytes(item))
	}
	return r
}

func (r *resident) begin(batches [][]int) { r.batches = batches }

func (r *resident) next(s *torch.Scope) torch.Tensor {
	numbers := make([]int64, len(r.batches[0]))
	for i, item := range r.batches[0] {
		numbers[i] = int64(r.images.Of(item))
	}
	r.batches = r.batches[1:]
	return s.PixelsOf(r.rows.Take(s, s.FromInt64(numbers, int64(len(numbers)))), r.format)
}

func (r *resident) close() error {
	return r.engine.Do(context.Background(), func(s *torch.Scope) error { r.rows.Free(); return s.Err() })
}
