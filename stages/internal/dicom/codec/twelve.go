package codec

import (
	"errors"
	"math"
)

// zigzag maps the order of coefficients in a stream to their place in a block,
// row by row (T.81, figure A.6).
var zigzag = [64]int{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// cosines are those of the inverse transform: [place][frequency], with the
// factor of the frequency (T.81, A.3.3).
var cosines = func() (t [8][8]float32) {
	for x := range t {
		for u := range t[x] {
			scale := 0.5
			if u == 0 {
				scale = math.Sqrt(0.125)
			}
			t[x][u] = float32(scale * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16))
		}
	}
	return t
}()

// twelve decodes the extended process with 12 bits (T.81, annex F), which the
// standard library does not.
func (s *stream) twelve(f Frame) (Picture, error) {
	if f.Samples != 1 {
		return Picture{}, errors.New("has 12 bits and colours, which is not read")
	}
	// Two codes for a block, each of a bit or more.
	if err := f.justified(s.data, 256); err != nil {
		return Picture{}, err
	}
	h, ok, err := s.scan()
	if err != nil || !ok {
		return Picture{}, errors.Join(errors.New("has no scan"), err)
	}
	c := h.components[0]
	q := s.components[0].quant
	if q > 3 || s.quant[q] == nil || s.dc[c.dc] == nil || s.ac[c.ac] == nil {
		return Picture{}, errors.New("uses a table that is not there")
	}
	d := twelveBits{in: bitReader{data: s.data}, dc: s.dc[c.dc], ac: s.ac[c.ac], quant: s.quant[q]}
	out := make([]int32, f.size())
	count := 0
	for y := 0; y < f.Rows; y += 8 {
		for x := 0; x < f.Columns; x += 8 {
			if s.interval > 0 && count > 0 && count%s.interval == 0 {
				if err := d.in.restart(); err != nil {
					return Picture{}, err
				}
				d.last = 0
			}
			count++
			if err := d.block(); err != nil {
				return Picture{}, err
			}
			d.place(out, x, y, f)
		}
	}
	return Picture{Samples: 1, Values: out}, nil
}

// twelveBits decodes block after block.
type twelveBits struct {
	in           bitReader
	dc, ac       *huffman
	quant        *[64]int32
	last         int32       // DC coefficient of the block before
	coefficients [64]float32 // of this block, row by row
	rows         [64]float32 // half transformed
}

// block reads the coefficients of the next block (T.81, F.2.2).
func (d *twelveBits) block() error {
	d.coefficients = [64]float32{}
	n, err := d.in.symbol(d.dc)
	if err != nil {
		return err
	}
	if n > 15 {
		return errCode
	}
	d.last += d.in.value(int(n))
	d.coefficients[0] = float32(d.last) * float32(d.quant[0])
	for k := 1; k < 64; k++ {
		symbol, err := d.in.symbol(d.ac)
		if err != nil {
			return err
		}
		run, size := int(symbol>>4), int(symbol&15)
		if size == 0 {
			if run != 15 {
				break
			}
			k += 15
			continue
		}
		if k += run; k > 63 {
			return errCode
		}
		d.coefficients[zigzag[k]] = float32(d.in.value(size)) * float32(d.quant[k])
	}
	if d.in.short() {
		return errShort
	}
	return nil
}

// place transforms the block and puts it into the picture, which it may stick out of.
func (d *twelveBits) place(out []int32, x0, y0 int, f Frame) {
	for v := range 8 {
		c := (*[8]float32)(d.coefficients[8*v:])
		for x := range 8 {
			d.rows[8*v+x] = product(c, &cosines[x])
		}
	}
	for x := range min(8, f.Columns-x0) {
		var column [8]float32
		for v := range column {
			column[v] = d.rows[8*v+x]
		}
		for y := range min(8, f.Rows-y0) {
			value := math.RoundToEven(float64(product(&column, &cosines[y]))) + 2048
			out[(y0+y)*f.Columns+x0+x] = int32(min(max(value, 0), 4095))
		}
	}
}

func product(a, b *[8]float32) float32 {
	return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] + a[3]*b[3] + a[4]*b[4] + a[5]*b[5] + a[6]*b[6] + a[7]*b[7]
}
