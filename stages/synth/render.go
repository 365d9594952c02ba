package synth

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// render gives a slice's brightness, row after row; fluid is about 1.
func (s *study) render(se *series, sl *slice, texture *grain) []float64 {
	out := make([]float64, 0, sl.rows*sl.columns)
	b := &brush{tissues: se.look.tissue, soft: 0.35 + 0.5*sl.columnSpacing, grain: texture}
	r := rand.New(rand.NewPCG(s.seed, se.look.seed^sl.noise))
	for j := range sl.rows {
		v := (float64(j) - float64(sl.rows-1)/2) * sl.rowSpacing
		for i := range sl.columns {
			u := (float64(i) - float64(sl.columns-1)/2) * sl.columnSpacing
			value := se.look.coil(se.kind, s.body.at(b, se, sl, u, v), u, v)
			// The magnitude of a complex signal with noise in both parts.
			real, imaginary := value+se.look.noise*r.NormFloat64(), se.look.noise*r.NormFloat64()
			out = append(out, math.Sqrt(real*real+imaginary*imaginary))
		}
	}
	return out
}

// at is the brightness of a place in the picture.
func (a *anatomy) at(b *brush, se *series, sl *slice, u, v float64) float64 {
	x, y := se.look.pose.toBody(u, v)
	if se.kind == axialT2 {
		return a.axial(b, sl.level, sl.place-a.depth(sl.level), x, y)
	}
	return a.sagittal(b, sl.place, x, y)
}

// coil makes the brightness uneven.
func (k *look) coil(kind kind, value, u, v float64) float64 {
	far := u // from the coil behind the back, which is to the right of sagittal pictures
	if kind == axialT2 {
		far = v
	}
	return value * (1 + k.biasU*u/100 + k.biasV*v/100 - k.fade*(50-far)/100)
}

// pixels gives the stored numbers, 16 bits each.
func (s *study) pixels(se *series, sl *slice, texture *grain) []byte {
	if sl.pixelsOf != nil {
		sl = sl.pixelsOf
	}
	out := make([]byte, 0, 2*sl.rows*sl.columns)
	if sl.blank {
		return append(out, make([]byte, 2*sl.rows*sl.columns)...)
	}
	low, high := se.limits()
	mask := uint16(0xffff)
	if se.unfilled {
		mask >>= 16 - se.stored
	}
	for _, value := range s.render(se, sl, texture) {
		if se.inverted {
			value = 1.4 - value
		}
		stored := math.Round(min(max(se.offset+value*se.gain, low), high))
		out = binary.LittleEndian.AppendUint16(out, uint16(int(stored))&mask)
	}
	return out
}

// limits are the least and the largest number that may be stored.
func (se *series) limits() (low, high float64) {
	if se.signed {
		half := float64(int(1) << (se.stored - 1))
		return -half, half - 1
	}
	return 0, float64(int(1)<<se.stored - 1)
}
