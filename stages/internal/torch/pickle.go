package torch

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/sugarme/gotch"
	"github.com/sugarme/gotch/libtch"
	"github.com/sugarme/gotch/pickle"
	"github.com/sugarme/gotch/ts"

	"vertebra/stages/internal/safetensors"
)

// ReadPickle reads a flat state_dict that torch.save wrote (.pth, zip format).
// It must run on the engine's thread. gotch's reader panics on what it does not
// know and waits for ever on an empty file, so both are caught here.
func ReadPickle(path string) (out map[string]safetensors.Tensor, err error) {
	if err := isZip(path); err != nil {
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

func isZip(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	magic := make([]byte, 4)
	if _, err := io.ReadFull(f, magic); err != nil || !bytes.Equal(magic, []byte("PK\x03\x04")) {
		return fmt.Errorf("%s is not a file of torch.save in its zip format (PyTorch 1.6 and later)", path)
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
