package train

import (
	"errors"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
)

// slots of a stream: two batches wait while a third is filled and a fourth may
// still be on its way to the device.
const slots = 4

// stream fills pinned buffers ahead of the device, on a goroutine of its own.
type stream struct {
	images *preprocess.Images
	format torch.PixelFormat
	ring   *torch.Ring
	stop   chan struct{}
	filled chan filled
}

// filled is a batch that waits in a slot.
type filled struct {
	slot, bytes int
	err         error
}

// newStream makes buffers for batches of so many images.
func newStream(s *torch.Scope, images *preprocess.Images, batch int) *stream {
	f := format(images)
	return &stream{images: images, format: f, ring: s.NewRing(slots, batch*f.Bytes())}
}

// begin starts to fill; what an earlier announcement filled is thrown away.
func (f *stream) begin(batches [][]int) {
	f.halt()
	f.stop, f.filled = make(chan struct{}), make(chan filled, slots-2)
	go f.fill(batches, f.stop, f.filled)
}

// fill copies batch after batch into the slots in turn. The channel holds two, so
// when batch n is filled, batch n−4 was sent: Slot then waits for its arrival.
func (f *stream) fill(batches [][]int, stop <-chan struct{}, out chan<- filled) {
	defer close(out)
	for n, items := range batches {
		done := filled{slot: n % slots}
		var buffer []byte
		if buffer, done.err = f.ring.Slot(done.slot); done.err == nil {
			for _, i := range items {
				n, err := f.images.CopyTo(buffer[done.bytes:], i)
				if done.bytes += n; err != nil {
					done.err = err
					break
				}
			}
		}
		select {
		case out <- done:
		case <-stop:
			return
		}
	}
}

func (f *stream) next(s *torch.Scope) torch.Tensor {
	done, more := <-f.filled
	if !more {
		s.Fail(errors.New("more batches were asked for than announced"))
		return torch.Tensor{}
	}
	s.Fail(done.err)
	return s.PixelsOf(f.ring.Send(s, done.slot, done.bytes), f.format)
}

// halt waits until the filler is gone.
func (f *stream) halt() {
	if f.stop == nil {
		return
	}
	close(f.stop)
	for range f.filled {
		continue
	}
	f.stop = nil
}

func (f *stream) close() error {
	f.halt()
	return f.ring.Close()
}
