//go:build !cgo

package kernel

func (w Words) floats(out []float32)                       { w.plainFloats(out) }
func (w Words) storedRange() (low, high int32)             { return w.plainRange() }
func (w Words) count(tables []uint32)                      { w.plainCount(tables) }
func valueRange(in []float32) (low, high float32)          { return plainValueRange(in) }
func allNumbers(in []float32) bool                         { return plainNumbers(in) }
func columnSums(in []float32, width int, out []float64)    { plainColumnSums(in, width, out) }
func window(pixels []float32, low, span float32)           { plainWindow(pixels, low, span) }
func levels(pixels []float32)                              { plainLevels(pixels) }
func quantise(in []float32, bytes int, out []byte) Sums    { return plainQuantise(in, bytes, out) }
func pack(pixels []float32, low, step float32, out []byte) { plainPack(pixels, low, step, out) }
func unpack(in []byte, low, step float32, out []float32)   { plainUnpack(in, low, step, out) }

func resampleFloats(in []float32, width int, across, down Taps, row, out []float32) {
	plainResample(func(i int) float32 { return in[i] }, width, across, down, row, out)
}

func (w Words) resample(width int, across, down Taps, row, out []float32) {
	w.plainResample(width, across, down, row, out)
}
