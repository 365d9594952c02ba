package lookalike

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"vertebra/stages/stage"
)

const width, height = 20, 16

// noise gives images that have nothing in common, of grey values from 0 to 255.
func noise(seed int) []float32 {
	out := make([]float32, width*height)
	for i := range out {
		out[i] = float32(stage.Hash(9, "picture", seed, i%width/2, i/width/2) % 256)
	}
	return out
}

// changed gives an image each of whose values is another.
func changed(values []float32, change func(i int, v float32) float32) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = change(i, v)
	}
	return out
}

// TestLooksOfPixels: equal images are told from those that look the same, and from others.
func TestLooksOfPixels(t *testing.T) {
	t.Parallel()
	first, other := Of(width, noise(1)), Of(width, noise(2))
	if again := Of(width, noise(1)); again != first || first.Blank {
		t.Errorf("the same pixels look otherwise")
	}
	if turned := Of(height, noise(1)); turned.Hash == first.Hash {
		t.Error("the same values in rows of another length are another image")
	}
	faded := Of(width, changed(noise(1), func(_ int, v float32) float32 { return 20 + v*3/4 }))
	if !Alike(&first.Marks, &faded.Marks) || !first.Resembles(&faded) {
		t.Error("a faded image looks the same")
	}
	if first.Resembles(&first) {
		t.Error("the same image is no near duplicate of itself")
	}
	if Alike(&first.Marks, &other.Marks) && first.Resembles(&other) {
		t.Error("another image looks the same")
	}
	mixed := noise(3)
	half := Of(width, changed(noise(1), func(i int, v float32) float32 { return v/2 + mixed[i]/2 }))
	if Alike(&first.Marks, &half.Marks) && first.Resembles(&half) {
		t.Error("half of another image looks the same")
	}
	if blank := Of(width, make([]float32, width*height)); !blank.Blank || blank.Marks != [4]uint64{} {
		t.Errorf("got %+v", blank)
	}
}

// TestRecords: a cache gives back what it was given, and nothing of what is broken.
func TestRecords(t *testing.T) {
	t.Parallel()
	want := Of(width, noise(1))
	data, err := want.AppendRecord([]byte("stamp"))
	if err != nil {
		t.Fatal(err)
	}
	data = data[len("stamp"):]
	if got, ok := FromRecord(data); !ok || got != want {
		t.Errorf("got %+v, %v", got, ok)
	}
	for _, bad := range [][]byte{nil, data[1:], append(data, 0)} {
		if _, ok := FromRecord(bad); ok {
			t.Errorf("%d bytes are a record", len(bad))
		}
	}
}

// TestRead: files of all formats are looked at, and frames of volumes one by one.
func TestRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.png")
	img := image.NewGray(image.Rect(0, 0, width, height))
	values := noise(1)
	for i, v := range values {
		img.SetGray(i%width, i/width, color.Gray{Y: uint8(v)})
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(path); err != nil || got != Of(width, values) {
		t.Errorf("got another look, %v", err)
	}
	const volume = "../nifti/testdata/axial_ras.nii"
	frames, err := Frames(volume)
	if err != nil {
		t.Fatal(err)
	}
	one, err := frames(volume + "#1")
	if err != nil {
		t.Fatal(err)
	}
	two, err := frames(volume + "#2")
	if err != nil || one.Hash == two.Hash {
		t.Errorf("the second slice is the first, %v", err)
	}
	if whole, err := Read(volume); err != nil || whole != one {
		t.Errorf("a volume itself is its first slice, %v", err)
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.dcm")); err == nil {
		t.Error("a file that is not there has no look")
	}
	if _, err := frames(volume + "#999"); err == nil {
		t.Error("a slice that is not there has no look")
	}
}
