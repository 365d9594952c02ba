package raster

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadLikeOpenCV compares with what testdata/make.py wrote.
func TestReadLikeOpenCV(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/want.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		Bits         int
		Pixels, Grey []float32
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("got %d images, want at least 10", len(all))
	}
	for name, want := range all {
		img, err := Read(filepath.Join("testdata", name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		h, err := ReadHeader(filepath.Join("testdata", name))
		if err != nil || h != img.Header {
			t.Errorf("%s: header %+v, %v; the image has %+v", name, h, err, img.Header)
		}
		if img.Width != 13 || img.Height != 9 || img.Bits != want.Bits {
			t.Errorf("%s: got %d×%d with %d bits, want 9×13 with %d", name, img.Height, img.Width, img.Bits, want.Bits)
		}
		// Decoders of JPEG round cosines differently: by one, which chroma doubles.
		allowed := map[string]float64{"grey8.jpg": 1, "colour8.jpg": 3, "jpeg420.jpg": 3, "jpeg422.jpg": 3, "jpeg440.jpg": 3, "jpeg411.jpg": 3, "jpeg444.jpg": 3}[name]
		near(t, name, img.Pixels, want.Pixels, allowed)
		near(t, name+" as grey", img.Grey(), want.Grey, max(allowed, float64(want.Bits)/8)) // OpenCV weighs in whole numbers
	}
}

func near(t *testing.T, name string, got, want []float32, allowed float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d values, want %d", name, len(got), len(want))
		return
	}
	for i := range got {
		if !(math.Abs(float64(got[i]-want[i])) <= allowed) {
			t.Errorf("%s: value %d is %v, want %v", name, i, got[i], want[i])
			return
		}
	}
}

func TestRefusesLies(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	lie := out.Bytes()
	copy(lie[16:], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff}) // width and height; the sum is then wrong too
	for name, data := range map[string][]byte{"no image": []byte("hello"), "size": lie, "cut": lie[:20], "empty": nil,
		"cut pgm": []byte("P5\n4 4\n255\nabc"), "cut text": []byte("P2 4 4 255 1 2 3"), "no size": []byte("P5 x"), "too bright": []byte("P2 1 1 9 10"), "no values": []byte("P5 2 2 0 aaaa"),
		"large pgm": []byte("P5 60000 60000 255\nabc"), "large number": []byte("P5 99999999999999999999 2 255\nabc"), "no bmp": []byte("BMW is a car, and no picture"), "no webp": []byte("RIFF....WAVEfmt ......")} {
		if _, err := Decode(data); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
	h := Header{Format: "png", Width: 60000, Height: 60000}
	if err := h.check(5000); err == nil || !strings.Contains(err.Error(), "more than a file of 5000 bytes can hold") {
		t.Errorf("got %v", err)
	}
}

// TestBigTIFF: a file that is called .tif is told what it is.
func TestBigTIFF(t *testing.T) {
	t.Parallel()
	data := []byte("II+\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00")
	if _, err := Decode(data); !Is(data) || err == nil || err.Error() != "BIGTIFF: this kind of TIFF, for files above 4 GB, is not read: store it as TIFF or PNG" {
		t.Errorf("got %v", err)
	}
}

// TestTags: what decoders leave out is told, of files that testdata/make_tags.py wrote.
func TestTags(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Header{
		"turned.jpg": {Orientation: 6}, "upright.jpg": {Orientation: 1}, "turned.tif": {Orientation: 3}, "pages.tif": {Paged: true},
		"grey8.jpg": {}, "grey8.tif": {}, "grey8.png": {},
	} {
		h, err := ReadHeader(filepath.Join("testdata", name))
		if got := (Header{Orientation: h.Orientation, Paged: h.Paged}); err != nil || got != want {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
		}
	}
	data, err := os.ReadFile("testdata/turned.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for n := range data { // a file may end anywhere
		h := Header{Format: "jpeg"}
		h.tags(data[:n])
	}
}

// FuzzDecode wants an error or an image whose pixels are all there.
func FuzzDecode(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.[pjtbw]*")
	for _, name := range names {
		if data, err := os.ReadFile(name); err == nil && Is(data) {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := Decode(data)
		if err == nil && (len(img.Pixels) != img.Channels*img.Width*img.Height || img.Width < 1 || img.Height < 1) {
			t.Errorf("%+v has %d pixels", img.Header, len(img.Pixels))
		}
	})
}

// TestOverlookedLayouts: what the decoder of TIFF does not look at is refused, not read wrongly.
func TestOverlookedLayouts(t *testing.T) {
	t.Parallel()
	const strips, sampleFormat = 0x11, 0x53
	for name, c := range map[string]struct {
		want    string
		entries [][4]byte // low byte of the tag, what it becomes, its type and its value
	}{
		"planar":   {"PlanarConfiguration 2", [][4]byte{{planarTag & 0xff, planarTag & 0xff, 3, 2}}},
		"reversed": {"FillOrder 2", [][4]byte{{compressionTag & 0xff, compressionTag & 0xff, 3, 1}, {strips, fillOrderTag & 0xff, 3, 2}}},
		"signed":   {"unsupported feature: sample format; read are 8 and 16 bits", [][4]byte{{sampleFormat, sampleFormat, 3, 8}}}, // 8 is where no 1 stands
	} {
		data, err := os.ReadFile("testdata/colour8.tif")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.entries {
			at := max(bytes.Index(data, []byte{e[0], 1, 3, 0}), bytes.Index(data, []byte{e[0], 1, 4, 0}))
			data[at], data[at+2], data[at+8] = e[1], e[2], e[3]
		}
		if _, err := Decode(data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}
