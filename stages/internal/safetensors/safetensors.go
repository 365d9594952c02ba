// Package safetensors reads and writes the safetensors format: a length, a JSON
// header and raw little-endian numbers. Format:
// https://huggingface.co/docs/safetensors (8-byte header length, header, data).
package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sort"
	"unsafe"
)

// Tensor is a named array of numbers in row-major order.
type Tensor struct {
	Shape []int64
	Data  []float32
}

// File is the content of a safetensors file.
type File struct {
	Tensors  map[string]Tensor
	Metadata map[string]string
}

// maxHeader is the reference implementation's limit, 100 MB.
const maxHeader = 100_000_000

type entry struct {
	DType   string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// Write stores a file so that at any moment the path holds either the old
// content or the whole new one: it writes a neighbour, syncs it and renames it. The
// neighbour has always the same name, so that one that a killed process left is
// overwritten by the next; two processes must not write one path at once.
func Write(path string, f File) (err error) {
	part := path + ".part"
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing %s: %w", path, err)
		}
	}()
	tmp, err := os.Create(part)
	if err != nil {
		return err
	}
	if err := errors.Join(Encode(tmp, f), tmp.Sync(), tmp.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, path)
}

// Encode writes the bytes of a file: the same ones for the same content.
func Encode(w io.Writer, f File) error {
	names := sorted(f.Tensors)
	metadata, err := summed(f.Metadata, f.numbers)
	if err != nil {
		return err
	}
	header := map[string]any{"__metadata__": metadata}
	var at int64
	for _, name := range names {
		end := at + 4*int64(len(f.Tensors[name].Data))
		header[name] = entry{"F32", append([]int64{}, f.Tensors[name].Shape...), [2]int64{at, end}}
		at = end
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	head := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	if _, err := w.Write(head); err != nil {
		return err
	}
	return f.numbers(w)
}

// numbers writes what follows the header.
func (f File) numbers(w io.Writer) error {
	for _, name := range sorted(f.Tensors) {
		if err := writeFloats(w, f.Tensors[name].Data); err != nil {
			return err
		}
	}
	return nil
}

// writeFloats writes numbers as the machine holds them: little-endian, wherever libtorch runs.
func writeFloats(w io.Writer, data []float32) error {
	if len(data) == 0 {
		return nil
	}
	_, err := w.Write(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), 4*len(data)))
	return err
}

// Read loads a whole file. Half and bfloat16 numbers become float32; integer
// tensors (such as num_batches_tracked) are left out.
func Read(path string) (File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	f, err := Decode(data)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Decode parses a file's bytes. It allocates no more than the bytes justify.
func Decode(data []byte) (File, error) {
	if len(data) < 8 {
		return File{}, fmt.Errorf("not a safetensors file: %d bytes", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader || n > uint64(len(data)-8) {
		return File{}, fmt.Errorf("not a safetensors file, or cut off: its header claims %d bytes of %d", n, len(data))
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[8:8+n], &header); err != nil {
		return File{}, fmt.Errorf("header: %w", err)
	}
	return decodeEntries(header, data[8+n:])
}

func decodeEntries(header map[string]json.RawMessage, body []byte) (File, error) {
	f, left := File{Tensors: map[string]Tensor{}}, int64(len(body))
	for _, name := range sorted(header) {
		if name == "__metadata__" {
			if err := json.Unmarshal(header[name], &f.Metadata); err != nil {
				return File{}, fmt.Errorf("metadata: %w", err)
			}
			continue
		}
		var e entry
		if err := json.Unmarshal(header[name], &e); err != nil {
			return File{}, fmt.Errorf("tensor %q: %w", name, err)
		}
		t, kept, err := e.read(body)
		if kept {
			left -= e.Offsets[1] - e.Offsets[0]
		}
		if left < 0 { // they would take memory without end
			err = errors.New("shares bytes with others, which no tensor may")
		}
		if err != nil {
			return File{}, fmt.Errorf("tensor %q: %w", name, err)
		}
		if kept {
			f.Tensors[name] = t
		}
	}
	return f, f.verify(body)
}

func (e entry) read(body []byte) (t Tensor, kept bool, err error) {
	start, end := e.Offsets[0], e.Offsets[1]
	if start < 0 || end < start || end > int64(len(body)) {
		return t, false, fmt.Errorf("lies at bytes %d to %d, the file holds %d", start, end, len(body))
	}
	width, ok := map[string]int64{"F32": 4, "F16": 2, "BF16": 2, "F64": 8}[e.DType]
	if !ok {
		return t, false, nil
	}
	n := int64(1)
	for _, d := range e.Shape {
		if d < 0 || (d > 0 && n > int64(len(body))/d) {
			return t, false, fmt.Errorf("shape %v is larger than the file", e.Shape)
		}
		n *= d
	}
	if n*width != end-start {
		return t, false, fmt.Errorf("shape %v of %s wants %d bytes, has %d", e.Shape, e.DType, n*width, end-start)
	}
	return Tensor{Shape: e.Shape, Data: Floats(body[start:end], e.DType, int(n))}, true, nil
}

// Floats are the first n numbers of a dtype (F32, F64, F16, BF16) in little-endian bytes, which
// must be there.
func Floats(raw []byte, dtype string, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		switch dtype {
		case "F32":
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		case "BF16":
			out[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16)
		case "F16":
			out[i] = half(binary.LittleEndian.Uint16(raw[2*i:]))
		case "F64":
			out[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:])))
		}
	}
	return out
}

// half converts IEEE 754 binary16.
func half(h uint16) float32 {
	sign := 1.0
	if h&0x8000 != 0 {
		sign = -1
	}
	exponent, fraction := int(h>>10&0x1f), float64(h&0x3ff)
	switch exponent {
	case 0:
		return float32(sign * math.Ldexp(fraction, -24))
	case 31:
		if fraction != 0 {
			return float32(math.NaN())
		}
		return float32(math.Inf(int(sign)))
	}
	return float32(sign * math.Ldexp(1024+fraction, exponent-25))
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
