package audit

import (
	"encoding/binary"
	"errors"
)

// headMagic begins the cache of headers; raise the number when head changes, or
// what is read into it.
const headMagic = "vertebra headers 3\n"

// record is the header as bytes; parseHead reads it.
func (h *head) record() []byte {
	flags := uint64(0)
	for i, f := range []bool{h.SliceSpacing, h.BurnedIn, h.Instance != nil} {
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
		out = appendNumbers(out, v)
	}
	for _, v := range append([]string{h.Format, h.PatientID, h.SeriesUID, h.Err}, h.Identifying...) {
		out = appendText(out, v)
	}
	return out
}

func parseHead(record []byte) (*head, error) {
	r := reader{data: record}
	h := &head{Rows: int(r.whole()), Columns: int(r.whole()), Frames: int(r.whole()), Private: int(r.whole())}
	instance, flags := int(r.whole()), r.whole()
	h.SliceSpacing, h.BurnedIn = flags&1 != 0, flags&2 != 0
	if flags&4 != 0 {
		h.Instance = &instance
	}
	h.PixelSpacing, h.Position, h.Orientation = r.numbers(), r.numbers(), r.numbers()
	h.Format, h.PatientID, h.SeriesUID, h.Err = r.text(), r.text(), r.text(), r.text()
	for len(r.data) > 0 && !r.broken {
		h.Identifying = append(h.Identifying, r.text())
	}
	if r.broken {
		return nil, errors.New("a broken record")
	}
	return h, nil
}
