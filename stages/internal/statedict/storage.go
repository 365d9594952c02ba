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
	unread  int                  // bytes that may still be read: entries and storages may lie over one another
	work    int                  // entries that may still be looked at, however often they are referred to
}

// newFile bounds what reading a file of so many bytes takes, whatever it claims. What
// torch.save writes has at least two bytes for each entry, and looks at each a few times.
func newFile(size int) *file {
	return &file{size: size, budget: size, unread: 4 * size, work: 8 * size}
}

var errWork = errors.New("it refers to the same things far more often than files of torch.save do")

// read takes n bytes off what may still be read.
func (f *file) read(n uint64) error {
	if n > uint64(f.unread) {
		return errors.New("its storages are far more than the file holds")
	}
	f.unread -= int(n)
	return nil
}

// spend takes n entries off what may still be looked at.
func (f *file) spend(n int) error {
	if f.work -= n + 1; f.work < 0 {
		return errWork
	}
	return nil
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
	"ComplexFloatStorage": 8, "ComplexDoubleStorage": 16, "QInt8Storage": 1, "QUInt8Storage": 1, "QInt32Storage": 4,
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
	if err := f.read(e.UncompressedSize64); err != nil {
		return nil, err
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
	view, isView := at(parts, 5).(tuple)
	if isView {
		return f.view(&storage{key: key, kind: kind.name}, view)
	}
	return f.known(key, &storage{key: key, kind: kind.name, count: within(count)}), nil
}

// view is a part of a storage: (key, offset, count), of files before PyTorch 0.4.
func (f *file) view(s *storage, view tuple) (any, error) {
	key, isKey := at(view, 0).(string) // at of a tuple of another length is nil
	offset, isOffset := at(view, 1).(int64)
	count, isCount := at(view, 2).(int64)
	if !isKey || !isOffset || !isCount || offset < 0 || count < 0 {
		return nil, errors.New("a view of a storage is described in another way than is known here")
	}
	s.offset, s.count = within(offset), within(count)
	return f.known(s.key+"\x00"+key, s), nil
}

// within keeps what a file claims where sums and products with it are exact.
func within(n int64) int { return int(min(n, math.MaxInt32*8)) }

// known is the storage that has the name already, or this one from now on.
func (f *file) known(name string, s *storage) *storage {
	if f.kinds == nil {
		f.kinds = map[string]*storage{}
	}
	if known := f.kinds[name]; known != nil {
		return known
	}
	f.kinds[name] = s
	return s
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
			return fmt.Errorf("storage %q is of a kind that is not known here: %q", key, kinds[key])
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
	size := sizes[s.kind]
	data, err := f.raw[s.key], error(nil)
	if f.entries != nil {
		data, err = f.entry("data/" + s.key)
	} else {
		err = f.read(uint64(s.count) * uint64(size))
	}
	if err != nil {
		return nil, err
	}
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
