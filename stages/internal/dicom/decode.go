package dicom

import "vertebra/stages/internal/kernel"

// Slice is a picture whose numbers are still as the file has them.
type Slice struct {
	Header
	frame frame
}

// OpenSlice reads all but the numbers of a frame of a file whose content is at hand,
// which must outlive the slice. The first frame is 1; 0 means that of a file of one.
// The path is for messages.
func OpenSlice(path string, content []byte, frame int) (Slice, error) {
	h, f, err := openFrame(path, &source{size: int64(len(content)), bytes: content}, frame-1, false)
	return Slice{h, f}, err
}

// OpenColours is OpenSlice for Slice.Colours.
func OpenColours(path string, content []byte, frame int) (Slice, error) {
	h, f, err := openFrame(path, &source{size: int64(len(content)), bytes: content}, frame-1, true)
	return Slice{h, f}, err
}

// Colours fills out, of 3 × Rows × Columns numbers, with red, green and blue, one after the
// other. It is for slices of OpenColours whose header is Coloured.
func (s Slice) Colours(out []float32) { s.frame.rgbOf(out) }

// Shown is how the file wants the slice shown.
func (s Slice) Shown() Shown { return s.frame.shown }

// Words gives the numbers of a native 16-bit file, in its own bytes; false for any
// other file.
func (s Slice) Words() (kernel.Words, bool) { return s.frame.words() }

// Modality fills out, of Rows × Columns numbers, with modality values.
func (s Slice) Modality(out []float32) { s.frame.modality(out) }

// DecodeHeader is ReadHeader of a file whose content is at hand.
func DecodeHeader(path string, content []byte) (Header, error) {
	return readHeader(path, &source{size: int64(len(content)), bytes: content})
}
