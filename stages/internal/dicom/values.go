package dicom

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/suyashkumar/dicom/pkg/charset"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// kept is an element that was copied out of a file.
type kept struct {
	tag  tag.Tag
	vr   string
	data []byte
}

// tags reads values by tag; err is the first that could not be read. Of elements
// that stand twice the first counts.
type tags struct {
	elements []kept
	order    binary.ByteOrder
	err      error
}

func (t *tags) find(at tag.Tag) (kept, bool) {
	for _, e := range t.elements {
		if e.tag == at {
			return e, true
		}
	}
	return kept{}, false
}

// size is the bytes of one number of a binary type; 0 for text (PS3.5, 6.2).
func size(vr string) int {
	switch vr {
	case "US", "SS", "AT":
		return 2
	case "UL", "SL", "FL":
		return 4
	case "FD":
		return 8
	}
	return 0
}

// each calls use with the bytes of every number.
func (t *tags) each(e kept, use func(b []byte)) {
	n := size(e.vr)
	if len(e.data)%n != 0 {
		t.fail(e.tag, "has %d bytes of type %s", len(e.data), e.vr)
		return
	}
	for b := e.data; len(b) > 0; b = b[n:] {
		use(b[:n])
	}
}

// integers are the values of a binary type of whole numbers; nil when the kept
// is absent or of another type.
func (t *tags) integers(at tag.Tag) (out []int) {
	e, there := t.find(at)
	if !there {
		return nil
	}
	switch e.vr {
	case "US", "AT":
		t.each(e, func(b []byte) { out = append(out, int(t.order.Uint16(b))) })
	case "SS":
		t.each(e, func(b []byte) { out = append(out, int(int16(t.order.Uint16(b)))) })
	case "UL":
		t.each(e, func(b []byte) { out = append(out, int(t.order.Uint32(b))) })
	case "SL":
		t.each(e, func(b []byte) { out = append(out, int(int32(t.order.Uint32(b)))) })
	}
	return out
}

// floats are the values of a binary type of real numbers.
func (t *tags) floats(at tag.Tag) (out []float64) {
	e, there := t.find(at)
	if !there {
		return nil
	}
	switch e.vr {
	case "FL":
		// By its shortest decimal, as people wrote it: 0.1, not 0.10000000149.
		t.each(e, func(b []byte) {
			text := strconv.FormatFloat(float64(math.Float32frombits(t.order.Uint32(b))), 'g', -1, 32)
			v, _ := strconv.ParseFloat(text, 64)
			out = append(out, v)
		})
	case "FD":
		t.each(e, func(b []byte) { out = append(out, math.Float64frombits(t.order.Uint64(b))) })
	}
	return out
}

// words are the values of a text element; nil when it is absent or empty.
func (t *tags) words(at tag.Tag) []string {
	e, there := t.find(at)
	if !there || size(e.vr) > 0 || empty(e) {
		return nil
	}
	words := strings.Split(t.readable(e), `\`)
	for i, w := range words {
		words[i] = strings.Trim(w, " \x00")
	}
	return words
}

// empty says whether a text has no value.
func empty(e kept) bool { return len(bytes.Trim(e.data, " \x00\\")) == 0 }

// readable is the text of an element, by SpecificCharacterSet where it is more than
// ASCII. A set that is not known leaves the text as it is.
func (t *tags) readable(e kept) string {
	text := string(e.data)
	if plain := bytes.IndexFunc(e.data, func(r rune) bool { return r >= 0x80 || r == 0x1b }) < 0; plain || e.tag == tag.SpecificCharacterSet {
		return text
	}
	coding, err := charset.ParseSpecificCharacterSet(t.words(tag.SpecificCharacterSet))
	if err != nil || coding.Ideographic == nil {
		return text
	}
	if out, err := coding.Ideographic.String(text); err == nil {
		return out
	}
	return text
}

// text is the first value; "" when the kept is absent.
func (t *tags) text(at tag.Tag) string {
	if words := t.words(at); words != nil {
		return words[0]
	}
	return ""
}

func (t *tags) has(at tag.Tag) bool {
	e, there := t.find(at)
	if !there {
		return false
	}
	if size(e.vr) > 0 {
		return len(e.data) > 0
	}
	return !empty(e)
}

func (t *tags) fail(at tag.Tag, format string, args ...any) {
	if t.err == nil {
		t.err = bad(at, format, args...)
	}
}

// whole reads an integer that must be there.
func (t *tags) whole(at tag.Tag) int {
	if !t.has(at) {
		t.fail(at, "is missing")
		return 0
	}
	return t.wholeOr(at, 0)
}

// wholeOr reads a binary integer, or an integer string (VR IS).
func (t *tags) wholeOr(at tag.Tag, absent int) int {
	if n := t.integers(at); len(n) > 0 {
		return n[0]
	}
	if !t.has(at) {
		return absent
	}
	n, err := strconv.Atoi(t.text(at))
	if err != nil {
		t.fail(at, "is %q; want a whole number", t.text(at))
	}
	return n
}

// numberOr reads the first of an element's numbers.
func (t *tags) numberOr(at tag.Tag, absent float64) float64 {
	if v := t.numbers(at); v != nil {
		return v[0]
	}
	return absent
}

// numbers reads decimal strings (VR DS) or binary floats; nil when absent.
func (t *tags) numbers(at tag.Tag) []float64 {
	out := t.floats(at)
	if e, there := t.find(at); there && size(e.vr) == 0 && !empty(e) {
		for rest, more := string(e.data), true; more; {
			var word string
			word, rest, more = strings.Cut(rest, `\`)
			v, err := strconv.ParseFloat(strings.Trim(word, " \x00"), 64)
			if err != nil {
				t.fail(at, "is %q; want numbers", strings.Trim(word, " \x00"))
				return nil
			}
			out = append(out, v)
		}
	}
	for _, v := range out {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.fail(at, "is %v; want finite numbers", v)
			return nil
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
