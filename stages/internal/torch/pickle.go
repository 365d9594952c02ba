package torch

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"

	"github.com/sugarme/gotch"
	"github.com/sugarme/gotch/libtch"
	"github.com/sugarme/gotch/pickle"
	"github.com/sugarme/gotch/ts"

	"vertebra/stages/internal/safetensors"
)

// ReadPickle reads a flat state_dict that torch.save wrote (.pth).
// It must run on the engine's thread. gotch's reader panics on what it does not
// know and waits for ever on an empty file, so both are caught here.
func ReadPickle(path string) (out map[string]safetensors.Tensor, err error) {
	if err := isSaved(path); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: not a flat state_dict that can be read here (%v); save it with safetensors instead", path, p)
		}
	}()
	tensors, err := pickle.Decode(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out = map[string]safetensors.Tensor{}
	for name, t := range tensors {
		runtime.SetFinalizer(t, nil)
		if err := take(out, name, t); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, name, err)
		}
	}
	return out, nil
}

// What a file of torch.save begins with: that of a zip archive, or, before PyTorch 1.6 as
// in torchvision's densenet121, the pickled number 0x1950a86a20f9469cfc6c.
var begins = [][]byte{[]byte("PK\x03\x04"), []byte("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.")}

func isSaved(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	magic := make([]byte, 15)
	if _, err := io.ReadFull(f, magic); err != nil || !slices.ContainsFunc(begins, func(b []byte) bool { return bytes.HasPrefix(magic, b) }) {
		return fmt.Errorf("%s is no file of torch.save", path)
	}
	return nil
}

func take(out map[string]safetensors.Tensor, name string, t *ts.Tensor) error {
	defer func() { _ = t.Drop() }() // an error is about gotch's own list, which nothing here reads
	if t.DType() != gotch.Float && t.DType() != gotch.Half && t.DType() != gotch.Double {
		return nil // counters such as num_batches_tracked
	}
	s, whole := &Scope{engine: &Engine{}}, Tensor{at: &handle{raw: libtch.Ctensor(t.Ctensor())}}
	shape := s.Describe(whole).Shape
	out[name] = safetensors.Tensor{Shape: shape, Data: s.Float32s(whole)}
	return s.err
}
