package dicom

import (
	"encoding/binary"
	"strings"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// walker reads element headers; elements lie one after the other.
type walker struct {
	*source
	order    binary.ByteOrder
	implicit bool
}

// header is an element without its value. Its length is what the file claims.
type header struct {
	tag    tag.Tag
	vr     string // "" where the syntax is implicit
	value  int64  // where the value begins
	length int64  // −1 when undefined
}

// known is the value representation; "", which asks the dictionary, where the file says that
// of an element it does not know: programs that passed it on wrote it as UN (PS3.5, 6.2.2).
func (e header) known() string {
	if e.vr == "UN" && e.length >= 0 {
		return ""
	}
	return e.vr
}

// meta walks the file meta information, which always is explicit and little
// endian (PS3.10, 7.1), and finds the transfer syntax.
func (w *walker) meta(at int64, out *scanned) (int64, error) {
	for at+2 <= w.size {
		group, err := w.read(at, 2)
		if err != nil {
			return 0, err
		}
		if binary.LittleEndian.Uint16(group) != 2 {
			break
		}
		e, err := w.element(at)
		if err != nil {
			return 0, err
		}
		if e.tag == tag.TransferSyntaxUID {
			raw, err := w.copy(e)
			if err != nil {
				return 0, err
			}
			out.syntax = strings.Trim(string(raw), " \x00")
		}
		if at, err = w.end(e, false, 0); err != nil {
			return 0, err
		}
	}
	if out.syntax == "" {
		out.syntax = implicitLittle // what PS3.5, 10.1 has all programs know; use looks whether it is
	}
	return at, nil
}

// use prepares for the elements after the meta information, which begin at a
// place. All compressed syntaxes have them explicit and little endian.
func (w *walker) use(syntax string, at int64) error {
	switch syntax {
	case explicitBig:
		w.order = binary.BigEndian
		return nil
	case deflatedLittle:
		if err := w.inflate(at); err != nil {
			return err
		}
	}
	// Some writers name a syntax and write the other, so the first element counts: its
	// letters would be a length above 16000.
	w.implicit = syntax == implicitLittle
	if first, err := w.read(at, 8); err == nil {
		w.implicit = !capitals(first[4:6])
	}
	return nil
}

// capitals says whether two bytes may be a value representation.
func capitals(b []byte) bool { return b[0] >= 'A' && b[0] <= 'Z' && b[1] >= 'A' && b[1] <= 'Z' }

// representations are all in one text, so that reading one makes none.
const representations = "AEASATCSDADSDTFLFDISLOLTOBODOFOLOVOWPNSHSLSQSSSTSVTMUCUIULUNURUSUTUV"

func representation(b []byte) string {
	for i := 0; i < len(representations); i += 2 {
		if representations[i] == b[0] && representations[i+1] == b[1] {
			return representations[i : i+2]
		}
	}
	return string(b)
}

// isLong tells the value representations whose length has 32 bits (PS3.5, 7.1.2).
func isLong(vr string) bool {
	switch vr {
	case "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV":
		return true
	}
	return false
}

// element reads the header of the element at a place.
func (w *walker) element(at int64) (header, error) {
	b, err := w.read(at, 8)
	if err != nil {
		return header{}, err
	}
	e := header{tag: tag.Tag{Group: w.order.Uint16(b), Element: w.order.Uint16(b[2:])}, value: at + 8}
	length := w.order.Uint32(b[4:])
	if !w.implicit && e.tag.Group != tag.GroupSeqItem {
		e.vr = representation(b[4:6])
		length = uint32(w.order.Uint16(b[6:]))
		if !capitals(b[4:6]) {
			return e, bad(e.tag, "at byte %d has no value representation but %q", at, e.vr)
		}
		if isLong(e.vr) {
			if b, err = w.read(at+8, 4); err != nil {
				return e, err
			}
			length, e.value = w.order.Uint32(b), at+12
		}
	}
	e.length = int64(length)
	if length == undefined {
		e.length = -1
	}
	return e, nil
}

// copy gives the value of a wanted element; of a file in memory it is no copy.
func (w *walker) copy(e header) ([]byte, error) {
	if e.length < 0 || e.length > longestValue || e.vr != "" && isLong(e.vr) {
		return nil, bad(e.tag, "has %d bytes of type %q", e.length, e.vr)
	}
	b, err := w.read(e.value, e.length)
	if err != nil {
		return nil, bad(e.tag, "%w", err)
	}
	if w.whole() {
		return b, nil
	}
	return append([]byte(nil), b...), nil
}

// end gives where the next element begins. A value of undefined length is a
// sequence: its items are walked. One of type UN then is implicit and little
// endian, whatever the file is (PS3.5, 6.2.2).
func (w *walker) end(e header, implicit bool, depth int) (int64, error) {
	if e.length >= 0 {
		if e.length > w.size-e.value {
			return 0, bad(e.tag, "claims %d bytes, the file has %d left", e.length, w.size-e.value)
		}
		return e.value + e.length, nil
	}
	if depth >= deepest {
		return 0, bad(e.tag, "lies more than %d sequences deep", deepest)
	}
	order := w.order
	defer func() { w.implicit, w.order = implicit, order }()
	if e.vr == "UN" {
		w.implicit, w.order = true, binary.LittleEndian
	}
	return w.items(e, depth)
}

// items walks a sequence of undefined length to its delimiter.
func (w *walker) items(e header, depth int) (int64, error) {
	at := e.value
	for {
		item, err := w.element(at)
		if err != nil {
			return 0, err
		}
		switch {
		case item.tag == tag.SequenceDelimitationItem:
			return item.value, nil
		case item.tag != tag.Item:
			return 0, bad(e.tag, "holds %s where an item must be", name(item.tag))
		case item.length >= 0:
			at = item.value + item.length
			continue
		}
		if at, err = w.item(item.value, depth); err != nil {
			return 0, err
		}
	}
}

// item walks the elements of an item of undefined length to its delimiter.
func (w *walker) item(at int64, depth int) (int64, error) {
	for {
		e, err := w.element(at)
		if err != nil || e.tag == tag.ItemDelimitationItem {
			return e.value, err
		}
		if at, err = w.end(e, w.implicit, depth+1); err != nil {
			return 0, err
		}
	}
}
