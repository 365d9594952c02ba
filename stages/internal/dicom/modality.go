package dicom

import "github.com/suyashkumar/dicom/pkg/tag"

// Old scanners of film and computed radiography say what their numbers mean by a table instead of
// a slope and an intercept: ModalityLUTSequence (PS3.3, C.11.1).

// lookup is that table as the file has it.
type lookup struct {
	descriptor kept
	data       []byte
}

// lookup reads the sequence, and gives where the next element begins.
func (w *walker) lookup(out *scanned, e header) (int64, error) {
	return w.sequence(e, 0, func(at, end int64) (int64, error) {
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
			if err := w.keepLookup(&out.lookup, inner); err != nil {
				return 0, err
			}
		}
		return end, nil
	})
}

func (w *walker) keepLookup(l *lookup, e header) error {
	switch e.vr = e.known(); {
	case e.tag == tag.LUTDescriptor:
		raw, err := w.copy(e)
		if err != nil {
			return err
		}
		l.descriptor = kept{e.tag, "US", append([]byte(nil), raw...)}
	case e.tag == tag.LUTData && e.length >= 0 && e.length <= longestTable:
		raw, err := w.read(e.value, e.length)
		if err != nil {
			return bad(e.tag, "%w", err)
		}
		l.data = append([]byte(nil), raw...)
	}
	return nil
}

// modality makes the table ready; none where the file has none. It replaces slope and intercept,
// and what is padding is not told from the rest behind it.
func (h *Header) modality(found scanned) error {
	if found.lookup.descriptor.data == nil && found.lookup.data == nil {
		return nil
	}
	t := tags{elements: []kept{found.lookup.descriptor}, order: found.order}
	d := t.integers(tag.LUTDescriptor)
	if len(d) != 3 || d[2] < 8 || d[2] > 16 {
		return bad(tag.LUTDescriptor, "of ModalityLUTSequence is %v; want three numbers, the last from 8 to 16", d)
	}
	n := d[0]
	if n == 0 {
		n = 1 << 16
	}
	values, err := entries(found.lookup.data, n, found)
	if err != nil {
		return bad(tag.LUTData, "of ModalityLUTSequence %w", err)
	}
	h.lookup = palette{first: int32(d[1]), grey: values, bits: d[2]}
	if h.Signed {
		h.lookup.first = int32(int16(d[1]))
	}
	h.Slope, h.Intercept, h.Padding = 1, 0, nil
	return nil
}
