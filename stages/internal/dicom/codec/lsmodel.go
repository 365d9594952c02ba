package codec

import (
	"errors"
	"math/bits"
)

// ls is the state of a JPEG-LS scan; the names in comments are those of T.87.
type ls struct {
	in         lsBits
	near       int32 // NEAR: how far a value may be off
	step       int32 // 2·NEAR + 1
	most       int32 // MAXVAL
	span       int32 // RANGE
	t1, t2, t3 int32
	reset      int32
	valueBits  int // qbpp
	limit      int // LIMIT, the longest code
	contexts   [365]lsContext
	runs       [2]lsContext // for run interruptions, by RItype
}

// lsContext counts what a context has seen: A, B, C, N. In those of runs b is Nn.
type lsContext struct{ a, b, c, n int32 }

// newLS takes the preset parameters or their defaults (T.87, C.2.4.1.1).
func newLS(precision, near int, preset [5]int) (*ls, error) {
	most := preset[0]
	if most == 0 {
		most = 1<<precision - 1
	}
	if most >= 1<<precision || most < 1 || near > min(255, most/2) {
		return nil, errors.New("has preset parameters out of range")
	}
	t := [3]int{preset[1], preset[2], preset[3]}
	low := near + 1
	for i, usual := range thresholds(most, near) {
		if t[i] == 0 {
			if t[i] = usual; usual > most || usual < low {
				t[i] = low
			}
		}
		if t[i] < low || t[i] > most {
			return nil, errors.New("has thresholds out of range")
		}
		low = t[i]
	}
	reset := preset[4]
	if reset == 0 {
		reset = 64
	}
	if reset < 3 {
		return nil, errors.New("has a reset value out of range")
	}
	d := &ls{
		near: int32(near), step: int32(2*near + 1), most: int32(most), span: int32((most+2*near)/(2*near+1) + 1),
		t1: int32(t[0]), t2: int32(t[1]), t3: int32(t[2]), reset: int32(reset),
	}
	d.valueBits = bits.Len32(uint32(d.span - 1))
	wide := max(2, bits.Len32(uint32(most)))
	d.limit = 2 * (wide + max(8, wide))
	start := lsContext{a: max(2, (d.span+32)/64), n: 1}
	for i := range d.contexts {
		d.contexts[i] = start
	}
	d.runs = [2]lsContext{start, start}
	return d, nil
}

func thresholds(most, near int) [3]int {
	if most >= 128 {
		factor := (min(most, 4095) + 128) / 256
		return [3]int{factor + 2 + 3*near, 4*factor + 3 + 5*near, 17*factor + 4 + 7*near}
	}
	factor := 256 / (most + 1)
	return [3]int{max(2, 3/factor+3*near), max(3, 7/factor+5*near), max(4, 21/factor+7*near)}
}

// flat says whether a run begins at a pixel.
func (d *ls) flat(l *lsLine, x int) bool {
	b, c := l.above[x], l.above[x-1]
	return d.quantize(l.above[x+1]-b) == 0 && d.quantize(b-c) == 0 && d.quantize(c-l.now[x-1]) == 0
}

// quantize gives the region of a gradient, −4 to 4 (T.87, A.3.3).
func (d *ls) quantize(gradient int32) int32 {
	size, sign := gradient, int32(1)
	if gradient < 0 {
		size, sign = -gradient, -1
	}
	switch {
	case size <= d.near:
		return 0
	case size < d.t1:
		return sign
	case size < d.t2:
		return 2 * sign
	case size < d.t3:
		return 3 * sign
	}
	return 4 * sign
}

// regular decodes a value by its context (T.87, A.4 to A.6).
func (d *ls) regular(l *lsLine, x int) (int32, error) {
	a, b, c, e := l.now[x-1], l.above[x], l.above[x-1], l.above[x+1]
	index, sign := 81*d.quantize(e-b)+9*d.quantize(b-c)+d.quantize(c-a), int32(1)
	if index < 0 {
		index, sign = -index, -1
	}
	q := &d.contexts[index]
	guess := min(max(median(a, b, c)+sign*q.c, 0), d.most)
	k, ok := golombParameter(q.a, q.n)
	if !ok {
		return 0, errCode
	}
	code := d.in.golomb(k, d.limit, d.valueBits)
	diff := code >> 1
	if code&1 == 1 {
		diff = -diff - 1
	}
	if d.near == 0 && k == 0 && 2*q.b <= -q.n {
		diff = -diff - 1
	}
	if diff > d.span || diff < -d.span {
		return 0, errCode
	}
	q.update(diff, d.step, d.reset)
	return d.rebuild(guess, sign*diff), nil
}

// median is the edge-detecting predictor.
func median(a, b, c int32) int32 {
	switch {
	case c >= max(a, b):
		return min(a, b)
	case c <= min(a, b):
		return max(a, b)
	}
	return a + b - c
}

// golombParameter is k: the smallest with n·2^k ≥ a.
func golombParameter(a, n int32) (k int, ok bool) {
	for int64(n)<<k < int64(a) {
		k++
	}
	return k, k <= 24
}

// update learns from an error (T.87, A.6).
func (q *lsContext) update(diff, step, reset int32) {
	q.b += diff * step
	q.a += max(diff, -diff)
	if q.n == reset {
		q.a, q.b, q.n = q.a>>1, q.b>>1, q.n>>1
	}
	q.n++
	switch {
	case q.b <= -q.n:
		q.b = max(q.b+q.n, 1-q.n)
		q.c = max(q.c-1, -128)
	case q.b > 0:
		q.b = min(q.b-q.n, 0)
		q.c = min(q.c+1, 127)
	}
}

// rebuild adds an error to a prediction, modulo the range.
func (d *ls) rebuild(guess, diff int32) int32 {
	v := guess + diff*d.step
	if v < -d.near {
		v += d.span * d.step
	} else if v > d.most+d.near {
		v -= d.span * d.step
	}
	return min(max(v, 0), d.most)
}

// runBits is J: 2^J is the run that a bit stands for, by RUNindex.
var runBits = [32]int{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15}

// runLength decodes how long a run is; whole is a run to the end of the line
// (T.87, A.7.1).
func (d *ls) runLength(index *int, left int) (n int, whole bool, err error) {
	for d.in.take(1) == 1 {
		step := 1 << runBits[*index]
		if n+step > left {
			return left, true, nil
		}
		n += step
		*index = min(31, *index+1)
		if n == left {
			return n, true, nil
		}
	}
	n += int(d.in.take(runBits[*index]))
	if n >= left {
		return 0, false, errCode
	}
	return n, false, nil
}

// interruption decodes the value that ends a run of a's below b (T.87, A.7.2).
func (d *ls) interruption(a, b int32, run int, twoKinds bool) (int32, error) {
	kind, guess, sign := int32(0), b, int32(1)
	if twoKinds && a-b <= d.near && b-a <= d.near {
		kind, guess = 1, a
	} else if a > b {
		sign = -1
	}
	q := &d.runs[kind]
	k, ok := golombParameter(q.a+kind*(q.n>>1), q.n)
	if !ok {
		return 0, errCode
	}
	code := d.in.golomb(k, d.limit-runBits[run]-1, d.valueBits)
	diff := (code + kind + 1) >> 1
	if diff > d.span {
		return 0, errCode
	}
	if odd := (code+kind)&1 == 1; (k != 0 || 2*q.b >= q.n) == odd {
		diff = -diff
	}
	if diff < 0 {
		q.b++
	}
	q.a += (code + 1 - kind) >> 1
	if q.n == d.reset {
		q.a, q.b, q.n = q.a>>1, q.b>>1, q.n>>1
	}
	q.n++
	return d.rebuild(guess, sign*diff), nil
}

// lsBits reads entropy-coded data: a byte after 0xff has seven bits.
type lsBits struct {
	data  []byte
	after bool   // the byte before was 0xff
	acc   uint64 // the next bits, from the top
	n     int    // how many of them there are
	over  int    // zero bits that were made up behind the end
}

func (b *lsBits) refill() {
	for b.n <= 56 {
		width, next := 8, byte(0)
		if b.after {
			width = 7
		}
		if len(b.data) == 0 || b.data[0] == 0xff && (len(b.data) == 1 || b.data[1] >= 0x80) || b.after && b.data[0] >= 0x80 {
			b.over += width
		} else {
			next, b.data = b.data[0], b.data[1:]
		}
		b.after = next == 0xff
		b.acc |= uint64(next) << (64 - width - b.n)
		b.n += width
	}
}

// take gives the next n bits, up to 24.
func (b *lsBits) take(n int) int32 {
	if b.n < n {
		b.refill()
	}
	v := int32(b.acc >> (64 - n))
	b.acc <<= n
	b.n -= n
	return v
}

// golomb decodes a limited Golomb code (T.87, A.5.3); the longest has 64 bits.
func (b *lsBits) golomb(k, limit, valueBits int) int32 {
	longest := limit - valueBits - 1
	zeros := 0
	for zeros < longest && b.take(1) == 0 {
		zeros++
	}
	if zeros < longest {
		return int32(zeros)<<k | b.take(k)
	}
	b.take(1)
	return b.take(valueBits) + 1
}

// err says whether bits were used that are not there.
func (b *lsBits) err() error {
	if b.over > b.n {
		return errShort
	}
	return nil
}
