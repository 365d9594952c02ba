package statedict

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"vertebra/stages/internal/safetensors"
)

// file is where storages come from.
type file struct {
	entries map[string]*zip.File // by name, less the archive's own folder; nil in legacy files
	raw     map[string][]byte    // of legacy files
	kinds   map[string]*storage  // by key
	size    int                  // of all, in bytes
	budget  int                  // numbers that tensors may still take: they may share storages
}

// storage is a run of numbers that tensors are laid out in.
type storage struct {
	key, kind string // kind is a class of module torch: FloatStorage
	count     int
	offset    int // of a view of another one
	numbers   []float32
	read      bool
}

// sizes are the bytes of a number.
var sizes = map[string]int{
	"FloatStorage": 4, "DoubleStorage": 8, "HalfStorage": 2, "BFloat16Storage": 2,
	"LongStorage": 8, "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1,
}

// dtypes are safetensors' names of what is made float32.
var dtypes = map[string]string{"FloatStorage": "F32", "DoubleStorage": "F64", "HalfStorage": "F16", "BFloat16Storage": "BF16"}

func below(name string) string {
	_, rest, _ := strings.Cut(name, "/")
	return rest
}

// entry reads a file of the archive; its checksum is held against what was read.
func (f *file) entry(name string) ([]byte, error) {
	e := f.entries[name]
	if e == nil {
		return nil, fmt.Errorf("it has no %s", name)
	}
	if e.UncompressedSize64 > uint64(f.size) { // torch.save packs nothing
		return nil, fmt.Errorf("%s is larger than the file", name)
	}
	r, err := e.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer r.Close()
	data := make([]byte, e.UncompressedSize64)
	if _, err = io.ReadFull(r, data); err == nil {
		_, err = io.Copy(io.Discard, r) // to the end, where the checksum is looked at
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// storage makes one of a persistent id: ("storage", kind, key, location, count), and in
// legacy files (key, offset, count) of a view, or None; or of a class of a whole net.
func (f *file) storage(id any) (any, error) {
	parts, ok := id.(tuple)
	switch {
	case ok && len(parts) > 1 && parts[0] == "module": // a class, with its source
		return parts[1], nil
	case !ok || len(parts) < 5 || parts[0] != "storage":
		return stranger{}, nil
	}
	kind, isKind := parts[1].(global)
	key, isKey := parts[2].(string)
	count, isCount := parts[4].(int64)
	if !isKind || !isKey || !isCount || count < 0 {
		return nil, errors.New("a storage is described in another way than is known here")
	}
	name := key
	view, isView := tuple(nil), false
	if len(parts) > 5 {
		if view, isView = parts[5].(tuple); isView && len(view) == 3 {
			name += fmt.Sprint("\x00", view[0])
		}
	}
	if f.kinds == nil {
		f.kinds = map[string]*storage{}
	}
	if known := f.kinds[name]; known != nil {
		return known, nil
	}
	s := &storage{key: key, kind: kind.name, count: int(min(count, math.MaxInt32*8))}
	if isView && len(view) == 3 {
		offset, isOffset := view[1].(int64)
		size, isSize := view[2].(int64)
		if !isOffset || !isSize || offset < 0 || size < 0 {
			return nil, errors.New("a view of a storage is described in another way than is known here")
		}
		s.offset, s.count = int(min(offset, math.MaxInt32*8)), int(min(size, math.MaxInt32*8))
	}
	f.kinds[name] = s
	return s, nil
}

// follow finds the storages of a legacy file: for each key a count of 8 bytes, then the
// numbers.
func (f *file) follow(keys []any, data []byte) error {
	f.raw = map[string][]byte{}
	kinds := map[string]string{}
	for _, s := range f.kinds {
		kinds[s.key] = s.kind
	}
	for _, k := range keys {
		key, ok := k.(string)
		size := sizes[kinds[key]]
		if !ok || size == 0 {
			return fmt.Errorf("storage %v is of a kind that is not known here", k)
		}
		if len(data) < 8 {
			return errCut
		}
		count := binary.LittleEndian.Uint64(data)
		data = data[8:]
		if count > uint64(len(data)/size) {
			return errCut
		}
		n := int(count) * size
		f.raw[key], data = data[:n], data[n:]
	}
	return nil
}

// floats gives the numbers of a storage.
func (f *file) floats(s *storage) ([]float32, error) {
	if s.read {
		return s.numbers, nil
	}
	data, err := f.raw[s.key], error(nil)
	if f.entries != nil {
		data, err = f.entry("data/" + s.key)
	}
	if err != nil {
		return nil, err
	}
	size := sizes[s.kind]
	if have := len(data)/size - s.offset; s.count > have {
		return nil, fmt.Errorf("storage %s holds %d numbers and should hold %d: %w", s.key, max(0, have), s.count, errCut)
	}
	s.numbers, s.read = safetensors.Floats(data[s.offset*size:], dtypes[s.kind], s.count), true
	return s.numbers, nil
}

// line reads to the end of a line, as the old opcodes of pickle have it.
func line(data []byte) (text string, n int, err error) {
	end := bytes.IndexByte(data, '\n')
	if end < 0 {
		return "", 0, errCut
	}
	return string(data[:end]), end + 1, nil
}
