package preprocess

import "slices"

// Images and results are written several at a time: it costs the system half as much
// for each. So many bytes or pieces are enough; a killed run has to make them again.
const (
	batchBytes  = 1 << 20
	batchPieces = 16
)

// made is an image that is to be written into its slot.
type made struct {
	slot     int
	data     []byte
	row      row
	warnings []string
}

// batch is the images of one worker that are to be written.
type batch struct {
	images []made
	bytes  int
	spare  [][]byte // memory for images
}

func (b *batch) full() bool { return b.bytes >= batchBytes || len(b.images) >= batchPieces }

// memory is for n bytes, of any content.
func (b *batch) memory(n int) []byte {
	if last := len(b.spare) - 1; last >= 0 && cap(b.spare[last]) >= n {
		m := b.spare[last]
		b.spare = b.spare[:last]
		return m[:n]
	}
	return make([]byte, n)
}

func (b *batch) add(m made) {
	b.images, b.bytes = append(b.images, m), b.bytes+len(m.data)
}

// clear forgets the images, and takes their memory back.
func (b *batch) clear() {
	for _, m := range b.images {
		b.spare = append(b.spare, m.data)
	}
	b.images, b.bytes = slices.Delete(b.images, 0, len(b.images)), 0
}
