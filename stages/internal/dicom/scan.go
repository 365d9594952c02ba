package dicom

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// wanted are the elements that a Header is made of. Everything else is passed
// over by its length alone.
var wanted = map[tag.Tag]bool{
	tag.SpecificCharacterSet: true, tag.PatientID: true, tag.StudyInstanceUID: true, tag.SeriesInstanceUID: true,
	tag.InstanceNumber: true, tag.ImagePositionPatient: true, tag.ImageOrientationPatient: true,
	tag.SamplesPerPixel: true, tag.PhotometricInterpretation: true, tag.NumberOfFrames: true, tag.Rows: true, tag.Columns: true,
	tag.PixelSpacing: true, tag.BitsAllocated: true, tag.BitsStored: true, tag.HighBit: true, tag.PixelRepresentation: true,
	tag.WindowCenter: true, tag.WindowWidth: true, tag.RescaleIntercept: true, tag.RescaleSlope: true,
}

const (
	longestValue = 4096 // bytes of a wanted element; real ones have under 100
	deepest      = 32   // sequences within sequences
	undefined    = 0xffffffff
	metaStart    = 128 + 4 // preamble and "DICM"
)

// place is where the value of an element lies in the file.
type place struct {
	at     int64
	length int64 // −1: undefined, the pixels are encapsulated
	vr     string
	found  bool
}

// scanned is what one pass over a file's elements found.
type scanned struct {
	syntax   string // transfer syntax UID
	elements []byte // the wanted elements as they are in the file
	pixels   place
}

// scan walks over the elements up to PixelData. It holds every length against
// what is left of the file before anything is read or made by it, since the
// library makes a buffer of whatever length a file claims, and goes as deep as
// a file nests.
func scan(f io.ReaderAt, size int64) (scanned, error) {
	w := &walker{f: f, size: size, order: binary.LittleEndian}
	mark, err := w.read(128, 4)
	if err != nil || string(mark) != "DICM" {
		return scanned{}, errors.New(`no DICOM file: "DICM" is not at byte 128`)
	}
	out := scanned{}
	at, err := w.meta(&out)
	if err != nil {
		return out, err
	}
	if err := w.use(out.syntax); err != nil {
		return out, err
	}
	for at < size {
		e, err := w.element(at)
		if err != nil {
			return out, err
		}
		if e.tag == tag.PixelData {
			out.pixels = place{at: e.value, length: e.length, vr: e.vr, found: true}
			return out, nil
		}
		if wanted[e.tag] {
			raw, err := w.copy(at, e)
			if err != nil {
				return out, err
			}
			out.elements = append(out.elements, raw...)
		}
		if at, err = w.end(e, w.implicit, 0); err != nil {
			return out, err
		}
	}
	return out, nil
}

// walker reads element headers; elements lie one after the other.
type walker struct {
	f        io.ReaderAt
	size     int64
	order    binary.ByteOrder
	implicit bool
	buffer   []byte // of the file from start
	start    int64
}

// header is an element without its value. Its length is what the file claims.
type header struct {
	tag    tag.Tag
	vr     string // "" where the syntax is implicit
	value  int64  // where the value begins
	length int64  // −1 when undefined
}

// read gives n bytes; they stay valid until the next read.
func (w *walker) read(at, n int64) ([]byte, error) {
	if at < 0 || n < 0 || at+n > w.size {
		return nil, fmt.Errorf("the file is cut off: %d bytes at byte %d are wanted, it has %d", n, at, w.size)
	}
	if at < w.start || at+n > w.start+int64(len(w.buffer)) {
		w.buffer = make([]byte, min(max(n, 16<<10), w.size-at))
		w.start = at
		if _, err := w.f.ReadAt(w.buffer, at); err != nil {
			return nil, err
		}
	}
	return w.buffer[at-w.start:][:n:n], nil
}

// meta walks the file meta information, which always is explicit and little
// endian (PS3.10, 7.1), and finds the transfer syntax.
func (w *walker) meta(out *scanned) (int64, error) {
	at := int64(metaStart)
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
			raw, err := w.copy(at, e)
			if err != nil {
				return 0, err
			}
			out.syntax = strings.Trim(string(raw[e.value-at:]), " \x00")
		}
		if at, err = w.end(e, false, 0); err != nil {
			return 0, err
		}
	}
	if out.syntax == "" {
		return 0, fmt.Errorf("%s is missing", name(tag.TransferSyntaxUID))
	}
	return at, nil
}

// use prepares for the elements after the meta information. All compressed
// syntaxes but the deflated one have them explicit and little endian.
func (w *walker) use(syntax string) error {
	switch syntax {
	case implicitLittle:
		w.implicit = true
	case explicitBig:
		w.order = binary.BigEndian
	case deflatedLittle:
		return unreadable(syntax)
	}
	return nil
}

// long lists the value representations whose length has 32 bits (PS3.5, 7.1.2).
const long = "OB OD OF OL OV OW SQ SV UC UN UR UT UV"

// element reads the header of the element at a place.
func (w *walker) element(at int64) (header, error) {
	b, err := w.read(at, 8)
	if err != nil {
		return header{}, err
	}
	e := header{tag: tag.Tag{Group: w.order.Uint16(b), Element: w.order.Uint16(b[2:])}, value: at + 8}
	length := w.order.Uint32(b[4:])
	if !w.implicit && e.tag.Group != tag.GroupSeqItem {
		e.vr = string(b[4:6])
		length = uint32(w.order.Uint16(b[6:]))
		if e.vr[0] < 'A' || e.vr[0] > 'Z' || e.vr[1] < 'A' || e.vr[1] > 'Z' {
			return e, fmt.Errorf("%s at byte %d has no value representation but %q", name(e.tag), at, e.vr)
		}
		if strings.Contains(long, e.vr) {
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

// copy gives the bytes of a wanted element with its header.
func (w *walker) copy(at int64, e header) ([]byte, error) {
	if e.length < 0 || e.length > longestValue || e.vr != "" && strings.Contains(long, e.vr) {
		return nil, fmt.Errorf("%s has %d bytes of type %q", name(e.tag), e.length, e.vr)
	}
	b, err := w.read(at, e.value-at+e.length)
	return append([]byte(nil), b...), err
}

// end gives where the next element begins. A value of undefined length is a
// sequence: its items are walked. One of type UN then is implicit and little
// endian, whatever the file is (PS3.5, 6.2.2).
func (w *walker) end(e header, implicit bool, depth int) (int64, error) {
	if e.length >= 0 {
		if e.length > w.size-e.value {
			return 0, fmt.Errorf("%s claims %d bytes, the file has %d left", name(e.tag), e.length, w.size-e.value)
		}
		return e.value + e.length, nil
	}
	if depth >= deepest {
		return 0, fmt.Errorf("%s lies more than %d sequences deep", name(e.tag), deepest)
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
			return 0, fmt.Errorf("%s holds %s where an item must be", name(e.tag), name(item.tag))
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
