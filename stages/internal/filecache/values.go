package filecache

import (
	"encoding/binary"
	"math"
)

// AppendText adds a text to a record.
func AppendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// AppendNumbers adds numbers to a record.
func AppendNumbers(to []byte, numbers []float64) []byte {
	to = binary.AppendUvarint(to, uint64(len(numbers)))
	for _, v := range numbers {
		to = binary.LittleEndian.AppendUint64(to, math.Float64bits(v))
	}
	return to
}

// Reader takes values off the front of a record; after a broken one all are empty.
type Reader struct {
	data   []byte
	broken bool
}

// NewReader begins at the front of a record.
func NewReader(record []byte) *Reader { return &Reader{data: record} }

// More says whether there is more to read.
func (r *Reader) More() bool { return len(r.data) > 0 && !r.broken }

// Broken says whether a value was none.
func (r *Reader) Broken() bool { return r.broken }

// Whole is a whole number, as binary.AppendVarint writes it.
func (r *Reader) Whole() int64 {
	v, n := binary.Varint(r.data)
	if n <= 0 {
		r.data, r.broken = nil, true
		return 0
	}
	r.data = r.data[n:]
	return v
}

// bytes are some bytes, or a text, after their number.
func (r *Reader) bytes() []byte {
	length, n := binary.Uvarint(r.data)
	if n <= 0 || length > uint64(len(r.data)-n) {
		r.data, r.broken = nil, true
		return nil
	}
	out := r.data[n : n+int(length)]
	r.data = r.data[n+int(length):]
	return out
}

// Text is a text that appendText wrote.
func (r *Reader) Text() string { return string(r.bytes()) }

// TextLike is text; where that is equal to another, it gives the other, so that the
// memory is used once.
func (r *Reader) TextLike(other string) string {
	if text := r.bytes(); string(text) != other {
		return string(text)
	}
	return other
}

// NumbersLike gives numbers that appendNumbers wrote, or others where they are the same.
func (r *Reader) NumbersLike(other []float64) []float64 {
	count, n := binary.Uvarint(r.data)
	if n <= 0 || count > uint64(len(r.data)-n)/8 {
		r.data, r.broken = nil, true
		return nil
	}
	data := r.data[n : n+8*int(count)]
	r.data = r.data[n+8*int(count):]
	number := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:])) }
	if count == 0 {
		return nil
	}
	if len(other) == int(count) && sameNumbers(other, number) {
		return other
	}
	out := make([]float64, count)
	for i := range out {
		out[i] = number(i)
	}
	return out
}

// sameNumbers compares bit by bit: NaN is a number like others.
func sameNumbers(list []float64, number func(i int) float64) bool {
	for i, v := range list {
		if math.Float64bits(v) != math.Float64bits(number(i)) {
			return false
		}
	}
	return true
}
