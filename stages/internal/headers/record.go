package headers

import (
	"encoding/binary"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/filecache"
)

// magic begins the cache of headers; raise the number when head changes, or
// what is read into it.
const magic = "vertebra headers 8\n"

// record is the header as bytes; parse reads it.
func (h *Header) record() []byte {
	flags := uint64(0)
	for i, f := range []bool{h.SliceSpacing, h.BurnedIn, h.Instance != nil, h.Turned, h.Paged, h.Coloured, h.Bytes, h.AtDetector} {
		if f {
			flags |= 1 << i
		}
	}
	instance := 0
	if h.Instance != nil {
		instance = *h.Instance
	}
	var out []byte
	for _, v := range []int64{int64(h.Rows), int64(h.Columns), int64(h.Frames), int64(h.Private), int64(instance), int64(flags)} {
		out = binary.AppendVarint(out, v)
	}
	for _, v := range [][]float64{h.PixelSpacing, h.Position, h.Orientation} {
		out = filecache.AppendNumbers(out, v)
	}
	for _, v := range append([]string{h.Format, h.PatientID, h.SeriesUID, string(h.Said), h.Err}, h.Identifying...) {
		out = filecache.AppendText(out, v)
	}
	return out
}

// parse reads a record into an empty header; false when it is broken. What it shares
// with another header, such as that of a neighbouring slice, it shares in memory too.
func (h *Header) parse(record []byte, like *Header) bool {
	r := filecache.NewReader(record)
	h.Rows, h.Columns, h.Frames, h.Private = int(r.Whole()), int(r.Whole()), int(r.Whole()), int(r.Whole())
	instance, flags := int(r.Whole()), r.Whole()
	h.SliceSpacing, h.BurnedIn = flags&1 != 0, flags&2 != 0
	h.Turned, h.Paged = flags&8 != 0, flags&16 != 0
	h.Coloured, h.Bytes, h.AtDetector = flags&32 != 0, flags&64 != 0, flags&128 != 0
	if flags&4 != 0 {
		h.Instance = &instance
	}
	h.PixelSpacing, h.Position, h.Orientation = r.NumbersLike(like.PixelSpacing), r.NumbersLike(like.Position), r.NumbersLike(like.Orientation)
	h.Format, h.PatientID, h.SeriesUID = r.TextLike(like.Format), r.TextLike(like.PatientID), r.TextLike(like.SeriesUID)
	h.Said, h.Err = dicom.Said(r.TextLike(string(like.Said))), r.TextLike(like.Err)
	for r.More() {
		h.Identifying = append(h.Identifying, r.Text())
	}
	if r.Broken() {
		*h = Header{}
	}
	return !r.Broken()
}
