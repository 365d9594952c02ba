package dicom

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestEnhanced reads what functional groups say of three frames, in four encodings;
// testdata/make_enhanced.py says what they hold, and what pydicom makes of the pixels.
func TestEnhanced(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"explicit", "implicit", "undefined", "big"} {
		path := "testdata/enhanced-" + encoding + ".dcm"
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		h, err := DecodeHeader(path, content)
		if err != nil || h.Frames != 3 {
			t.Fatalf("%s: got %d frames, %v; want 3", encoding, h.Frames, err)
		}
		var heads []Header
		for i, sum := range []float32{7030, 21830, 36630} {
			one, err := h.Frame(i)
			if err != nil {
				t.Fatal(err)
			}
			heads = append(heads, one)
			got := fmt.Sprint(one.Position, one.Orientation, one.PixelSpacing, one.SliceThickness, one.SpacingBetween, one.WindowCenter, one.Width, one.Slope, one.Intercept)
			want := fmt.Sprint([]float64{-4.5 * float64(i), 10, 20}, []float64{0, 1, 0, 0, 0, -1}, []float64{0.5, 0.25}, 4, 4.5,
				[]float64{float64(100 + i)}, []float64{float64(200 + i)}, 1+i, -i)
			if got != want {
				t.Errorf("%s: frame %d is %s, want %s", encoding, i, got, want)
			}
			slice, err := OpenSlice(path, content, i+1)
			if err != nil {
				t.Fatal(err)
			}
			pixels, total := make([]float32, 20), float32(0)
			slice.Modality(pixels)
			for _, v := range pixels {
				total += v
			}
			if want := sum*float32(1+i) - float32(20*i); total != want {
				t.Errorf("%s: the pixels of frame %d add up to %v, want %v", encoding, i, total, want)
			}
		}
		if stacks := Stacks(heads); len(stacks) != 1 || !slices.Equal(stacks[0].Slices, []int{2, 1, 0}) || stacks[0].Spacing != 4.5 {
			t.Errorf("%s: got %+v, want one stack from the patient's right, 4.5 mm apart", encoding, stacks)
		}
		if _, err := OpenSlice(path, content, 0); err == nil || !strings.Contains(err.Error(), "NumberOfFrames") {
			t.Errorf("%s: one picture of three frames: got %v, want an error", encoding, err)
		}
		if _, err := OpenSlice(path, content, 4); err == nil {
			t.Errorf("%s: got a fourth frame", encoding)
		}
	}
}

// TestBrokenGroups cuts an enhanced file at every byte: no panic, and an error.
func TestBrokenGroups(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/enhanced-undefined.dcm")
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(content) - 120 {
		if h, err := DecodeHeader("a.dcm", content[:n]); err == nil && h.CheckPixels() == nil {
			t.Errorf("%d of %d bytes: got no error", n, len(content))
		}
	}
}

// TestSegmentedPalette equals pydicom's, whose reds, greens and blues these are.
func TestSegmentedPalette(t *testing.T) {
	t.Parallel()
	got, err := ReadFrame("testdata/palette-segmented.dcm", single)
	if err != nil {
		t.Fatal(err)
	}
	var want []int32
	for _, c := range [][3]int32{{100, 0, 500}, {100, 0, 500}, {7, 1, 340}, {8131, 2, 180}, {16255, 3, 20}, {24379, 8, 1}, {32504, 12, 2}, {40628, 16, 3}, {48752, 21, 4}, {56876, 26, 5}} {
		want = append(want, luminance(c[0], c[1], c[2]))
	}
	if !slices.Equal(got.Values, want) {
		t.Errorf("got %v, want %v", got.Values, want)
	}
}

// TestSegments expands tables by hand, broken ones too.
func TestSegments(t *testing.T) {
	t.Parallel()
	words := func(v ...int) (out []byte) {
		for _, n := range v {
			out = append(out, short(n)...)
		}
		return out
	}
	little := binary.LittleEndian
	for _, test := range []struct {
		data    []byte
		bits, n int
		want    string
	}{
		{words(0, 2, 5, 9, 1, 2, 5, 2, 1, 0, 0), 16, 6, "[5 9 7 5 5 9]"}, // again from byte 0 on
		{[]byte{0, 2, 5, 9, 2, 1, 0, 0, 0, 0}, 8, 4, "[5 9 5 9]"},
		{words(1, 2, 5), 16, 2, "nowhere to begin"},
		{words(0, 3, 5, 9), 16, 3, "cut off"},
		{words(0, 1, 5, 1, 1), 16, 2, "cut off"},
		{words(0, 1, 5, 2, 1, 90, 0), 16, 2, "leads to byte 90 of 14"},
		{words(0, 1, 5, 2, 1, 6, 0), 16, 2, "type 2 where that cannot be"}, // itself
		{words(0, 1, 5, 1, 65535, 9, 1, 65535, 9), 16, 2, "more than the 2 entries"},
		{words(0, 1, 5), 16, 2, "expands to 1 entries"},
		{words(7, 1, 5), 16, 2, "type 7"},
	} {
		got, err := expand(test.data, little, test.bits, test.n)
		text := fmt.Sprint(got)
		if err != nil {
			text = err.Error()
		}
		if !strings.Contains(text, test.want) {
			t.Errorf("%v: got %s, want %s", test.data, text, test.want)
		}
	}
}
