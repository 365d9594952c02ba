// Package lookalike looks at the pixels of images: whether there is anything on them, whether two are
// the same whatever their files' formats, and whether they look the same.
package lookalike

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/zeebo/xxh3"

	"vertebra/stages/internal/kernel"
)

// Look is what the pixels of an image tell.
type Look struct {
	Hash  [16]byte                    // of size and pixels, whatever the file's format
	Blank bool                        // all pixels are equal
	Marks [4]uint64                   // difference hash: see Alike
	Thumb [thumbSide * thumbSide]byte // means over equal parts, from 0 for the darkest to 255
	Err   string                      // why there are no pixels; "" where there are
}

const thumbSide = 32

// Magic begins a cache of records; raise the number when Look changes, or what is made into it.
const Magic = "vertebra looks 5\n"

// record is what a cache keeps of a look.
type record struct {
	Hash  [16]byte
	Blank bool
	Marks [4]uint64
	Thumb [thumbSide * thumbSide]byte
}

// AppendRecord adds a look to bytes, without its error.
func (l Look) AppendRecord(to []byte) ([]byte, error) {
	return binary.Append(to, binary.LittleEndian, record{l.Hash, l.Blank, l.Marks, l.Thumb})
}

// FromRecord reads what AppendRecord wrote; false where that is something else.
func FromRecord(data []byte) (Look, bool) {
	var r record
	if len(data) != binary.Size(r) {
		return Look{}, false
	}
	if _, err := binary.Decode(data, binary.LittleEndian, &r); err != nil {
		return Look{}, false
	}
	return Look{Hash: r.Hash, Blank: r.Blank, Marks: r.Marks, Thumb: r.Thumb}, true
}

// Of looks at a grey image, row by row, of whole rows.
func Of(width int, values []float32) Look { return pixels{width, len(values) / width, values}.look() }

func (p pixels) look() Look {
	l := Look{Hash: p.hash()}
	low, high := kernel.Range(p.values)
	if l.Blank = low == high; l.Blank {
		return l
	}
	for i, v := range p.means(thumbSide, thumbSide) {
		l.Thumb[i] = byte(255 * (v - float64(low)) / float64(high-low))
	}
	l.Marks = gradients(p.means(17, 16))
	return l
}

// means averages over a grid of equal parts; an image of fewer pixels than parts
// repeats them.
func (p pixels) means(columns, rows int) []float64 {
	out := make([]float64, 0, columns*rows)
	sums := kernel.Bands(p.values, p.width, rows)
	for j := range rows {
		top, bottom := kernel.Part(j, rows, p.height)
		for i := range columns {
			left, right := kernel.Part(i, columns, p.width)
			sum := 0.0
			for _, v := range sums[j*p.width+left : j*p.width+right] {
				sum += v
			}
			out = append(out, sum/float64((bottom-top)*(right-left)))
		}
	}
	return out
}

// hash is of size and values; no adversary chooses the files.
func (p pixels) hash() [16]byte {
	h := xxh3.Hash128Seed(kernel.Bytes(p.values), uint64(p.width))
	return h.Bytes()
}

// gradients is the difference hash of 256 bits (Krawetz 2013) of means over 16 rows
// of 17 parts: whether each part is darker than its right neighbour.
func gradients(m []float64) (out [4]uint64) {
	for bit := range 256 {
		at := bit/16*17 + bit%16
		if m[at] < m[at+1] {
			out[bit/64] |= 1 << (bit % 64)
		}
	}
	return out
}

// Near duplicates differ in few bits of the hash, and their thumbnails correlate:
// the hash alone also brings together pictures of like anatomy.
const (
	nearBits        = 24
	nearCorrelation = 0.995
)

// Alike says whether the marks of two looks differ in few bits.
func Alike(a, b *[4]uint64) bool {
	return bits.OnesCount64(a[0]^b[0])+bits.OnesCount64(a[1]^b[1])+bits.OnesCount64(a[2]^b[2])+bits.OnesCount64(a[3]^b[3]) <= nearBits
}

// Resembles says of looks with marks that are alike whether they are near duplicates: they look the
// same, and are not the same to the bit.
func (l *Look) Resembles(other *Look) bool {
	return l.Hash != other.Hash && correlation(l.Thumb[:], other.Thumb[:]) >= nearCorrelation
}

// correlation is Pearson's.
func correlation(a, b []byte) float64 {
	var sa, sb, aa, bb, ab float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		sa, sb, aa, bb, ab = sa+x, sb+y, aa+x*x, bb+y*y, ab+x*y
	}
	n := float64(len(a))
	return (n*ab - sa*sb) / math.Sqrt((n*aa-sa*sa)*(n*bb-sb*sb))
}
