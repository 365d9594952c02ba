package dicom

import (
	"slices"
	"testing"
)

// TestColours makes grey of two pixels by hand: pure red and a dark blue of RGB,
// 0.299·255 = 76 and 0.114·100 = 11; of YBR it is Y.
func TestColours(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, photometric string
		planar            int
		raw               []byte
		want              []int32
	}{
		{"RGB", "RGB", 0, []byte{255, 0, 0, 0, 0, 100}, []int32{76, 11}},
		{"RGB by planes", "RGB", 1, []byte{255, 0, 0, 0, 0, 100}, []int32{76, 11}},
		{"YBR", "YBR_FULL", 0, []byte{7, 1, 2, 9, 3, 4}, []int32{7, 9}},
		{"YBR by planes", "YBR_FULL", 1, []byte{7, 9, 1, 2, 3, 4}, []int32{7, 9}},
		{"YBR 4:2:2", "YBR_FULL_422", 0, []byte{7, 9, 1, 2}, []int32{7, 9}},
	} {
		h := Header{Rows: 1, Columns: 2, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Samples: 3, Frames: 1,
			Photometric: test.photometric, Planar: test.planar, TransferSyntax: explicitLittle}
		if h.frameSize() != int64(len(test.raw)) {
			t.Errorf("%s: got a frame of %d bytes, want %d", test.name, h.frameSize(), len(test.raw))
		}
		got := make([]int32, 2)
		frame{h: h, raw: test.raw}.stored(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// TestPalette looks up stored values below, in and above a table from 10 on.
func TestPalette(t *testing.T) {
	t.Parallel()
	h := Header{Rows: 1, Columns: 4, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Samples: 1, Photometric: "PALETTE COLOR",
		TransferSyntax: explicitLittle, palette: palette{first: 10, grey: []int32{500, 600}, bits: 16}}
	got := make([]int32, 4)
	frame{h: h, raw: []byte{0, 10, 11, 200}}.stored(got)
	if want := []int32{500, 500, 600, 600}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if low, high := h.grey().Range(); low != 0 || high != 65535 {
		t.Errorf("got a range of %d to %d, want that of 16 bits", low, high)
	}
}

func TestPaddingIsAsValuesAre(t *testing.T) {
	t.Parallel()
	h := Header{BitsAllocated: 16, BitsStored: 16, Signed: true}
	if got := *h.padding(63536, 63536); got != (Padding{-2000, -2000}) {
		t.Errorf("got %v, want −2000", got)
	}
	h = Header{BitsAllocated: 16, BitsStored: 12, Photometric: "MONOCHROME1"}
	if got := *h.padding(0, 5); got != (Padding{4090, 4095}) {
		t.Errorf("got %v, want 4090 to 4095", got)
	}
}

// TestDarken replaces stored −2000 and −1999 by the smallest of the rest.
func TestDarken(t *testing.T) {
	t.Parallel()
	h := Header{Slope: 2, Intercept: 1, Padding: &Padding{-2000, -1999}}
	pixels := []float32{-3999, 5, -3997, 3, 9} // −3999 and −3997 are −2000 and −1999
	if !h.Darken(pixels) || !slices.Equal(pixels, []float32{3, 5, 3, 3, 9}) {
		t.Errorf("got %v, want padding as dark as the rest", pixels)
	}
	all := []float32{-3999, -3997}
	if h.Darken(all) || !slices.Equal(all, []float32{-3999, -3997}) {
		t.Errorf("got %v of nothing but padding, want it left", all)
	}
	if (Header{}).Darken([]float32{0}) {
		t.Error("a file without padding was darkened")
	}
}
