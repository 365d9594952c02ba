package codec

import "errors"

// huffman is a table of T.81's annex C. Codes of up to peek bits are looked up
// at once.
type huffman struct {
	fast    [1 << peek]uint16 // symbol<<8 | length; 0: a longer code
	last    [17]int32         // largest code of each length, −1 where there is none
	first   [17]int32         // smallest code of each length
	offset  [17]int           // index of its symbol
	symbols []byte
}

const peek = 9

var (
	errTable = errors.New("has a broken Huffman table")
	errCode  = errors.New("holds a code that its Huffman table does not have")
	errShort = errors.New("is cut off within its pixels")
)

// huffmanTables reads a segment of tables.
func (s *stream) huffmanTables(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 {
			return errTable
		}
		class, id, n := b[0]>>4, b[0]&15, 0
		for _, count := range b[1:17] {
			n += int(count)
		}
		if class > 1 || id > 3 || n > 256 || len(b) < 17+n {
			return errTable
		}
		t, err := newHuffman(b[1:17], b[17:17+n])
		if err != nil {
			return err
		}
		if class == 0 {
			s.dc[id] = t
		} else {
			s.ac[id] = t
		}
		b = b[17+n:]
	}
	return nil
}

// newHuffman gives symbols their codes: counts[i] of them have i+1 bits.
func newHuffman(counts, symbols []byte) (*huffman, error) {
	t := &huffman{symbols: symbols}
	code, at := int32(0), 0
	for length := 1; length <= 16; length++ {
		n := int(counts[length-1])
		t.first[length], t.offset[length], t.last[length] = code, at, code+int32(n)-1
		if code+int32(n) > 1<<length {
			return nil, errTable
		}
		if n == 0 {
			t.last[length] = -1
		}
		for range n {
			if length <= peek {
				t.fill(code, length, symbols[at])
			}
			code, at = code+1, at+1
		}
		code <<= 1
	}
	return t, nil
}

func (t *huffman) fill(code int32, length int, symbol byte) {
	from := int(code) << (peek - length)
	for i := range 1 << (peek - length) {
		t.fast[from+i] = uint16(symbol)<<8 | uint16(length)
	}
}

// bitReader reads entropy-coded data, without the zero bytes that follow 0xff.
type bitReader struct {
	data []byte
	acc  uint64 // the next bits, from the top
	n    int    // how many of them there are
	over int    // zero bits that were made up behind the end
}

// refill makes at least 32 bits available; behind the end they are zero.
func (b *bitReader) refill() {
	for b.n <= 56 {
		var next byte
		switch {
		case len(b.data) > 0 && b.data[0] != 0xff:
			next, b.data = b.data[0], b.data[1:]
		case len(b.data) > 1 && b.data[1] == 0:
			next, b.data = 0xff, b.data[2:]
		default: // a marker, or the end
			b.over += 8
		}
		b.acc |= uint64(next) << (56 - b.n)
		b.n += 8
	}
}

// short says whether bits were used that are not there.
func (b *bitReader) short() bool { return b.over > b.n }

// take gives the next n bits, up to 16.
func (b *bitReader) take(n int) int32 {
	if n == 0 {
		return 0
	}
	if b.n < n {
		b.refill()
	}
	v := int32(b.acc >> (64 - n))
	b.acc <<= n
	b.n -= n
	return v
}

// symbol decodes the next code.
func (b *bitReader) symbol(t *huffman) (byte, error) {
	if b.n < 16 {
		b.refill()
	}
	if f := t.fast[b.acc>>(64-peek)]; f != 0 {
		n := int(f & 0xff)
		b.acc <<= n
		b.n -= n
		return byte(f >> 8), nil
	}
	for length := peek + 1; length <= 16; length++ {
		code := int32(b.acc >> (64 - length))
		if code <= t.last[length] {
			if code < t.first[length] {
				break
			}
			b.acc <<= length
			b.n -= length
			return t.symbols[t.offset[length]+int(code-t.first[length])], nil
		}
	}
	if b.short() {
		return 0, errShort
	}
	return 0, errCode
}

// value reads the n bits of a signed number (T.81, F.2.2.1: EXTEND).
func (b *bitReader) value(n int) int32 {
	v := b.take(n)
	if n > 0 && v < 1<<(n-1) {
		v += -1<<n + 1
	}
	return v
}

// restart goes to behind the next restart marker.
func (b *bitReader) restart() error {
	if b.short() {
		return errShort
	}
	for len(b.data) > 2 && b.data[0] == 0xff && b.data[1] == 0xff {
		b.data = b.data[1:]
	}
	if len(b.data) < 2 || b.data[0] != 0xff || b.data[1] < markRST0 || b.data[1] > markRST7 {
		return errors.New("lacks a restart marker")
	}
	*b = bitReader{data: b.data[2:]}
	return nil
}
