package preprocess

import (
	"vertebra/stages/internal/nifti"
	"vertebra/stages/stage"
)

// fileContent is a source file that was read.
type fileContent struct {
	hash   string
	data   []byte // nil when it was dropped to save memory, or never read
	state  known  // when it was read
	steady bool   // it did not change meanwhile
}

// heldMost is how many bytes of file contents, and of pictures, a worker keeps.
const heldMost = 48 << 20

// hash gives a file's hash, reading it when that is not known.
func (w *worker) hash(path string) string {
	file, frame := stage.ParseFramePath(path)
	if f, read := w.files[file]; read {
		return ofFrame(f.hash, frame)
	}
	hash, known := w.b.cache.sums.known(file)
	if known {
		w.files[file] = fileContent{hash: hash}
	} else {
		_, hash = w.load(file)
	}
	return ofFrame(hash, frame)
}

// load reads a file, and keeps its content while there is room.
func (w *worker) load(path string) (data []byte, hash string) {
	path, _ = stage.ParseFramePath(path)
	if f := w.files[path]; f.data != nil {
		return f.data, f.hash
	}
	if !w.b.chain.wholeSeries() {
		w.release() // one file at a time is enough
	}
	var memory []byte
	if last := len(w.unused) - 1; last >= 0 {
		memory, w.unused = w.unused[last], w.unused[:last]
	}
	f := w.b.cache.sums.read(path, memory)
	if isVolume(f.data) {
		if unpacked, err := nifti.Unpack(f.data); err == nil { // once for all slices
			f.data = unpacked
		}
	}
	data = f.data
	if w.held+len(data) <= heldMost || w.held == 0 { // a volume of many slices may be large
		w.held += len(data)
	} else {
		f.data = nil
	}
	w.files[path], w.latest = f, path
	return data, f.hash
}

// release takes the memory of the file that was read last for the next one.
func (w *worker) release() {
	if f, there := w.files[w.latest]; there && f.data != nil {
		w.held -= len(f.data)
		w.unused, f.data = append(w.unused, f.data), nil
		w.files[w.latest] = f
	}
}

// reuse takes the memory of all files, whose job is done, for the next ones; together
// that is no more than heldMost.
func (w *worker) reuse() {
	w.unused = w.unused[:0]
	for _, f := range w.files {
		if f.data != nil {
			w.unused = append(w.unused, f.data)
		}
	}
}
