package dicom

import (
	"encoding/binary"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// Old scanners of film and computed radiography say what their numbers mean by a table instead of
// a slope and an intercept: ModalityLUTSequence (PS3.3, C.11.1). Tables of VOILUTSequence say how
// these are to be shown (C.11.2).

// lookup is an item of such a sequence: its descriptor, and where its data lie. It holds no bytes
// of the file.
type lookup struct {
	order      binary.ByteOrder
	descriptor kept
	at, length int64
}

// lookups reads the items of a sequence, and gives where the next element begins.
func (w *walker) lookups(out *[]lookup, e header) (int64, error) {
	return w.sequence(e, 0, func(at, end int64) (int64, error) {
		l := lookup{order: w.order}
		defer func() { *out = append(*out, l) }()
		for end < 0 || at < end {
			inner, err := w.element(at)
			if err != nil {
				return 0, err
			}
			if inner.tag == tag.ItemDelimitationItem && end < 0 {
				return inner.value, nil
			}
			if at, err = w.end(inner, w.implicit, 1); err != nil {
				return 0, err
			}
			if err := w.keepLookup(&l, inner); err != nil {
				return 0, err
			}
		}
		return end, nil
	})
}

func (w *walker) keepLookup(l *lookup, e header) error {
	switch {
	case e.tag == tag.LUTDescriptor:
		raw, err := w.copy(e)
		if err != nil {
			return err
		}
		l.descriptor = kept{e.tag, "US", append([]byte(nil), raw...)}
	case e.tag == tag.LUTData && e.length >= 0:
		l.at, l.length = e.value, e.length
	}
	return nil
}

// read makes the table of it; the first value is that of its unsigned 16 bits.
func (l lookup) read(s *source, sequence string) (palette, error) {
	t := tags{elements: []kept{l.descriptor}, order: l.order}
	d := t.integers(tag.LUTDescriptor)
	if len(d) != 3 || d[2] < 8 || d[2] > 16 {
		return palette{}, bad(tag.LUTDescriptor, "of %s is %v; want three numbers, the last from 8 to 16", sequence, d)
	}
	n := d[0]
	if n == 0 {
		n = 1 << 16
	}
	var raw []byte
	if l.length <= longestTable {
		var err error
		if raw, err = s.read(l.at, l.length); err != nil {
			return palette{}, bad(tag.LUTData, "%w", err)
		}
	}
	values, err := entries(raw, n, l.order)
	if err != nil {
		return palette{}, bad(tag.LUTData, "of %s %w", sequence, err)
	}
	return palette{first: int32(d[1]), grey: values, bits: d[2]}, nil
}

// modality makes the table ready; none where the file has none. It replaces slope and intercept,
// and what is padding is not told from the rest behind it.
func (h *Header) modality(s *source, found scanned) (err error) {
	if len(found.lookups) == 0 {
		return nil
	}
	if h.lookup, err = found.lookups[0].read(s, "ModalityLUTSequence"); err != nil {
		return err
	}
	if h.Signed {
		h.lookup.first = int32(int16(h.lookup.first))
	}
	h.Slope, h.Intercept, h.Padding = 1, 0, nil
	return nil
}
