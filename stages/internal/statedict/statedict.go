// Package statedict reads what PyTorch's torch.save wrote: the dictionaries of tensors in a
// .pth, .pt or .ckpt file. It runs no code of the file, takes no more memory and time than a
// multiple of the file's size, whatever the file claims, and passes over objects that are no
// tensors.
//
// The formats are those of torch/serialization.py: a zip archive (since PyTorch 1.6), and
// pickles followed by storages (before).
package statedict

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"vertebra/stages/internal/safetensors"
)

// Dict is a dictionary of tensors in a file. Path is where in the file it lies: "" for the
// file itself, "state_dict" or "model" in what trainers save.
type Dict struct {
	Path    string
	Tensors map[string]safetensors.Tensor
	Names   []string // of the tensors, in the order of the file
	// Metadata is what a safetensors file tells besides; nil of others.
	Metadata map[string]string
}

// Read gives all dictionaries of tensors in a file, as float32, in the order of the file.
// Of a net that was saved as a whole it gives the tensors that its state_dict would have.
// Tensors of whole numbers, such as counters, are left out.
func Read(path string) ([]Dict, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	var out []Dict
	if err == nil {
		out, err = parse(f, info.Size())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

var errCut = errors.New("the file is cut off")

// legacyMagic is the pickled number 0x1950a86a20f9469cfc6c, behind the pickle's protocol,
// which is 2 unless torch.save was told another.
var legacyMagic = []byte("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.")

func isLegacy(data []byte) bool {
	const before = len("\x80\x04\x95") + 8 // protocol, and of newer ones a frame
	return bytes.HasPrefix(data, []byte{0x80}) && bytes.Contains(data[:min(len(data), before+len(legacyMagic))], legacyMagic)
}

// parse reads of an archive only what it needs: the numbers of an optimizer, which are most of
// a trainer's file, are left where they are.
func parse(data io.ReaderAt, size int64) ([]Dict, error) {
	f := newFile(int(size))
	head := make([]byte, min(size, 64))
	_, err := data.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var saved any
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		saved, err = f.zip(data, size)
	case isLegacy(head):
		all := make([]byte, size)
		if _, err = data.ReadAt(all, 0); err == nil || errors.Is(err, io.EOF) {
			saved, err = f.legacy(all)
		}
	default:
		err = errors.New("it is no file of torch.save")
	}
	if err != nil {
		return nil, err
	}
	w := walk{file: f, seen: map[any]bool{}}
	err = w.visit("", saved)
	return w.dicts, err
}

// zip opens an archive: data.pkl is the pickle, data/<key> are its storages.
func (f *file) zip(data io.ReaderAt, size int64) (any, error) {
	archive, err := zip.NewReader(data, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCut, err)
	}
	f.entries = map[string]*zip.File{}
	for _, e := range archive.File {
		f.entries[below(e.Name)] = e
	}
	if f.entries["constants.pkl"] != nil {
		return nil, errors.New("it is a TorchScript archive; save the net's state_dict()")
	}
	if order, err := f.entry("byteorder"); err == nil && string(order) == "big" {
		return nil, errors.New("it was written on a big-endian machine; save it with safetensors")
	}
	pickled, err := f.entry("data.pkl")
	if err != nil {
		return nil, err
	}
	return (&unpickler{data: pickled, file: f}).run()
}

// legacy reads what PyTorch wrote before 1.6: a magic number, a version, facts of the
// machine, the pickle, the keys of its storages, and these one after the other.
func (f *file) legacy(data []byte) (any, error) {
	u := &unpickler{data: data, file: f}
	var saved [5]any
	for i := range saved {
		var err error
		if saved[i], err = u.run(); err != nil {
			return nil, err
		}
	}
	keys, ok := saved[4].(*list)
	if !ok {
		return nil, errors.New("it has no list of its storages")
	}
	return saved[3], f.follow(keys.items, data[u.at:])
}
