package dicom

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// parse has the library read the wanted elements, as a small file of their own.
// What panics in it becomes an error.
func parse(found scanned) (t *tags, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("broken element: %v", p)
		}
	}()
	file := found.file()
	options := []dicom.ParseOption{dicom.SkipPixelData(), dicom.AllowUnknownSpecificCharacterSet()}
	set, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil, options...)
	if err != nil {
		return nil, fmt.Errorf("broken element: %w", err)
	}
	return &tags{set: set}, nil
}

// file is a DICOM file with nothing but the wanted elements. They came through
// scan, so no length in it is a lie. The elements of compressed and deflated files
// are explicit and little endian, and there is nothing compressed in this one.
func (s scanned) file() []byte {
	syntax := s.syntax
	if syntax != implicitLittle && syntax != explicitBig {
		syntax = explicitLittle
	}
	if len(syntax)%2 == 1 {
		syntax += "\x00"
	}
	out := append(make([]byte, 128), "DICM\x02\x00\x00\x00UL\x04\x00"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(8+len(syntax)))
	out = append(out, "\x02\x00\x10\x00UI"...)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(syntax)))
	return append(append(out, syntax...), s.elements...)
}

// tags reads values by tag; err is the first that could not be read.
type tags struct {
	set dicom.Dataset
	err error
}

func (t *tags) find(at tag.Tag) any {
	e, err := t.set.FindElementByTag(at)
	if err != nil || e.Value == nil {
		return nil
	}
	return e.Value.GetValue()
}

// words are the values of a text element; nil when it is absent or empty.
func (t *tags) words(at tag.Tag) []string {
	words, _ := t.find(at).([]string)
	out := make([]string, len(words))
	empty := true
	for i, w := range words {
		out[i] = strings.Trim(w, " \x00")
		empty = empty && out[i] == ""
	}
	if empty {
		return nil
	}
	return out
}

// text is the first value; "" when the element is absent.
func (t *tags) text(at tag.Tag) string {
	if words := t.words(at); words != nil {
		return words[0]
	}
	return ""
}

func (t *tags) has(at tag.Tag) bool {
	whole, _ := t.find(at).([]int)
	real, _ := t.find(at).([]float64)
	return len(whole) > 0 || len(real) > 0 || t.words(at) != nil
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
	if n, ok := t.find(at).([]int); ok && len(n) > 0 {
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
	out, _ := t.find(at).([]float64)
	for _, word := range t.words(at) {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil {
			t.fail(at, "is %q; want numbers", word)
			return nil
		}
		out = append(out, v)
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
