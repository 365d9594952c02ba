package preprocess

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/stages/stage"
)

// FuzzContents reads files of the cache whose contents say anything, under a
// head that fits.
func FuzzContents(f *testing.F) {
	f.Add([]byte(`{"Key":"k","Shape":{"Channels":1,"Height":2,"Width":2},"BytesPerPixel":1,"Slots":2,"Images":[{"ID":"a","Slot":1}]}`), uint16(136))
	f.Add([]byte(`{"Key":"k","Shape":{"Channels":1,"Height":2,"Width":2},"BytesPerPixel":1,"Slots":1,"Images":[{"Slot":-1}]}`), uint16(68))
	f.Add([]byte(`{`), uint16(0))
	f.Fuzz(func(t *testing.T, text []byte, pixels uint16) {
		data := make([]byte, headSize+int(pixels))
		copy(data, headPage(text, int64(len(data))))
		checkParse(t, append(data, text...))
	})
}

// FuzzHead reads files of the cache that anything may have happened to.
func FuzzHead(f *testing.F) {
	text := []byte(`{"Key":"k","Shape":{"Channels":1,"Height":2,"Width":2},"BytesPerPixel":1}`)
	f.Add(append(headPage(text, headSize), text...))
	f.Fuzz(func(t *testing.T, page []byte) {
		checkParse(t, page)
		checkParse(t, append(page[:min(len(page), 56):min(len(page), 56)], make([]byte, headSize)...))
	})
}

func TestStoreWithoutLocks(t *testing.T) {
	t.Parallel()
	cache, layout := t.TempDir(), Layout{Shape: Shape{1, 1, 2}, BytesPerPixel: 2}
	for range 2 {
		s := &store{cache: cache, layout: layout, slots: 1}
		if err := s.ownFile("request"); err != nil {
			t.Fatal(err)
		}
		defer s.close()
		if err := s.write([]made{{slot: 0, data: []byte{1, 2, 3, 4}, row: row{Key: key{1}}}}); err != nil {
			t.Fatal(err)
		}
		if err := s.publish(contents{Slots: 1, Images: []entry{{ID: "a"}}}, "k"); err != nil {
			t.Fatal(err)
		}
	}
	im, err := openImages(cache, "k", layout)
	if err != nil {
		t.Fatal(err)
	}
	defer im.Close()
	if got := im.Bytes(0); !bytes.Equal(got, []byte{1, 2, 3, 4}) || im.row(0).Key != (key{1}) {
		t.Errorf("got %v of %v", got, im.row(0))
	}
	cached(t, cache)
}

// checkParse wants an error, or images that can be read.
func checkParse(t *testing.T, data []byte) {
	t.Helper()
	im := &Images{mapped: data, layout: Layout{Shape: Shape{1, 2, 2}, BytesPerPixel: 1}}
	if im.parse("k") != nil {
		return
	}
	for i := range im.Len() {
		if got := len(im.Bytes(i)); got != 4 {
			t.Errorf("image %d has %d bytes, want 4", i, got)
		}
		im.row(i)
	}
}

// images makes images in memory.
func imagesOf(t *testing.T, layout Layout, pixels ...[]float32) *Images {
	t.Helper()
	im := &Images{layout: layout, head: contents{Shape: layout.Shape, BytesPerPixel: layout.BytesPerPixel, Slots: len(pixels)}, mapped: make([]byte, headSize)}
	var rows []byte
	for i, one := range pixels {
		p := &Picture{Channels: 1, Width: layout.Shape.Width, Height: layout.Shape.Height, Pixels: one}
		data, sum, squares, err := quantised(p, layout, nil)
		if err != nil {
			t.Fatal(err)
		}
		im.mapped, rows = append(im.mapped, data...), append(rows, row{Key: key{1}, Sum: sum, Squares: squares}.bytes()...)
		im.head.Images = append(im.head.Images, entry{Slot: i})
		im.views, im.slots, im.of, im.firsts = 1, append(im.slots, i), append(im.of, i), append(im.firsts, i)
	}
	im.mapped = append(im.mapped, rows...)
	return im
}

// TestOnly: some of the images, with the pixels that they have among all, and sums by which they are
// known wherever they are.
func TestOnly(t *testing.T) {
	t.Parallel()
	im := imagesOf(t, Layout{Shape: Shape{1, 1, 2}, BytesPerPixel: 1}, []float32{0, 1}, []float32{0, 0}, []float32{1, 1}, []float32{0, 0})
	for _, split := range []stage.Split{stage.Train, stage.Train, stage.Validation, stage.Test} {
		im.Cases = append(im.Cases, stage.Case{ID: string(split), Split: split})
	}
	some := im.Only(func(i int) bool { return i != 1 })
	if some.Len() != 3 || len(some.Cases) != 3 || some.Of(2) != 2 || !slices.Equal(some.Firsts(), []int{0, 1, 2}) || some.Mean[stage.Train] != 0.5 {
		t.Fatalf("got %d images, %v, %v", some.Len(), some.Cases, some.Mean)
	}
	for i, k := range []int{0, 2, 3} {
		if !slices.Equal(some.Bytes(i), im.Bytes(k)) || some.Sum(i) != im.Sum(k) {
			t.Errorf("image %d has %v, was %v", i, some.Bytes(i), im.Bytes(k))
		}
	}
	if im.Sum(1) != im.Sum(3) || im.Sum(0) == im.Sum(2) || im.Sum(0) == im.Sum(1) {
		t.Errorf("sums are %q, %q, %q, %q", im.Sum(0), im.Sum(1), im.Sum(2), im.Sum(3))
	}
	if im.Len() != 4 {
		t.Error("the others are gone")
	}
}

func TestMeanAndStd(t *testing.T) {
	t.Parallel()
	im := imagesOf(t, Layout{Shape: Shape{1, 1, 2}, BytesPerPixel: 2}, []float32{0, 1}, []float32{0, 0}, []float32{1, 1}, []float32{0.25, 0.3})
	for _, split := range []stage.Split{stage.Train, stage.Train, stage.Validation, stage.Test} {
		im.Cases = append(im.Cases, stage.Case{Split: split})
	}
	im.Mean, im.Std = im.meanStd()
	if got, want := im.Mean[stage.Train], 0.25; got != want {
		t.Errorf("mean of train %v, want %v", got, want)
	}
	if got, want := im.Std[stage.Train], math.Sqrt(3)/4; !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("std of train %v, want %v", got, want)
	}
	im.Cases[0].Fold, im.Cases[1].Fold, im.Cases[2].Fold = 1, 1, 2
	if fold := im.InFold(1); fold.Mean[stage.Train] != 1 || fold.Mean[stage.Validation] != 0.25 || im.Mean[stage.Train] != 0.25 || im.Cases[0].Split != stage.Train {
		t.Errorf("in fold 1 the means are %v, and %v outside", fold.Mean, im.Mean)
	}
	m := &memo{records: im.spread()}
	if w := m.warnings(); !strings.Contains(w, "validation split is 1.000") || strings.Contains(w, "test split") {
		t.Errorf("warnings are %q; want one about validation", w)
	}
	if got := m.fact("pixels of train"); got != "mean 0.2500, standard deviation 0.4330" {
		t.Errorf("fact is %q", got)
	}
}

// TestMeanOfTornSamples: an image counts in each split that asks about it.
func TestMeanOfTornSamples(t *testing.T) {
	t.Parallel()
	im := imagesOf(t, Layout{Shape: Shape{1, 1, 2}, BytesPerPixel: 2}, []float32{1, 1}, []float32{0, 0})
	im.firsts, im.of = []int{0, 3}, []int{0, 0, 0, 1}
	for _, split := range []stage.Split{stage.Validation, stage.Train, stage.Train, stage.Train} {
		im.Cases = append(im.Cases, stage.Case{Split: split})
	}
	mean, _ := im.meanStd()
	if mean[stage.Train] != 0.5 || mean[stage.Validation] != 1 {
		t.Errorf("got %v, want 0.5 of train and 1 of validation", mean)
	}
}

func TestQuantised(t *testing.T) {
	t.Parallel()
	two, one := Layout{Shape: Shape{1, 1, 3}, BytesPerPixel: 2}, Layout{Shape: Shape{1, 1, 3}, BytesPerPixel: 1}
	if _, _, _, err := quantised(&Picture{Width: 2, Height: 1, Pixels: []float32{0, float32(math.NaN())}}, two, nil); err == nil {
		t.Error("want an error")
	}
	p := &Picture{Width: 3, Height: 1, Pixels: []float32{-1, 0.5, 2}}
	data, sum, _, err := quantised(p, two, nil)
	if want := []byte{0, 0, 0, 128, 255, 255}; err != nil || !bytes.Equal(data, want) || sum != 32768+65535 {
		t.Errorf("got %v with sum %d, %v; want %v", data, sum, err, want)
	}
	data, _, squares, err := quantised(p, one, nil)
	if want := []byte{0, 128, 255}; err != nil || !bytes.Equal(data, want) || squares != 128*128+255*255 {
		t.Errorf("got %v with squares %d, %v; want %v", data, squares, err, want)
	}
}

// breaks is a step that panics.
type breaks struct{ Decode }

func (breaks) Apply(p *Picture) error { p.Pixels[7] = 1; return nil }

func TestPanicFailsTheImageOnly(t *testing.T) {
	t.Parallel()
	w := &worker{b: &builder{chain: newChain(Config{{Name: "breaks", Part: breaks{}}}, Layout{})}}
	w.series = &seriesView{w: w}
	if err := w.apply(t.Context(), &Picture{}, make([]key, 1), 0, 1); err == nil || !strings.Contains(err.Error(), "a step broke") {
		t.Errorf("got %v", err)
	}
}

func TestThumbnail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ width, height, wantWidth, wantHeight int }{{16, 12, 16, 12}, {256, 64, 128, 32}, {1, 500, 1, 128}} {
		data, err := Thumbnail(make([]float32, c.width*c.height), Shape{1, c.height, c.width}, 0, false)
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || got.Width != c.wantWidth || got.Height != c.wantHeight {
			t.Errorf("%d×%d became %d×%d (%v), want %d×%d", c.width, c.height, got.Width, got.Height, err, c.wantWidth, c.wantHeight)
		}
	}
}

// TestThumbnailOfViews: views stand row by row, each by its middle slice, with lines between.
func TestThumbnailOfViews(t *testing.T) {
	t.Parallel()
	const views, slicesOf, side = 3, 3, 4
	var pixels []float32
	for channel := range views * slicesOf {
		pixels = append(pixels, slices.Repeat([]float32{float32(channel) / 10}, side*side)...)
	}
	data, err := Thumbnail(pixels, Shape{views * slicesOf, side, side}, views, false)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Dx() != 2*side || img.Bounds().Dy() != 2*side {
		t.Fatalf("got %v, %v", img.Bounds(), err)
	}
	for place, want := range map[[2]int]float64{{1, 1}: 0.1, {side + 1, 1}: 0.4, {1, side + 1}: 0.7, {side + 1, side + 1}: 0.5, {side - 1, 0}: 1, {0, side - 1}: 1, {2*side - 1, 1}: 0.4} {
		if got := img.(*image.Gray).GrayAt(place[0], place[1]).Y; !(math.Abs(float64(got)-want*255) <= 0.51) {
			t.Errorf("%v is %d, want %v", place, got, want)
		}
	}
	if four, err := Thumbnail(pixels[:4*side*side], Shape{4, side, side}, 0, false); err != nil {
		t.Error(err)
	} else if got, _ := png.DecodeConfig(bytes.NewReader(four)); got.Width != 2*side || got.Height != 2*side {
		t.Errorf("four slices are %d×%d, want all of them", got.Width, got.Height)
	}
	if wide, err := Thumbnail(make([]float32, 5*300*300), Shape{5, 300, 300}, 5, false); err != nil {
		t.Error(err)
	} else if got, _ := png.DecodeConfig(bytes.NewReader(wide)); got.Width != 3*85 || got.Height != 2*85 {
		t.Errorf("five views are %d×%d", got.Width, got.Height)
	}
}

// TestThumbnailInColour: of views in colour each panel has all three.
func TestThumbnailInColour(t *testing.T) {
	t.Parallel()
	const views, side = 2, 3
	var pixels []float32
	for channel := range views * 3 {
		pixels = append(pixels, slices.Repeat([]float32{float32(channel) / 5}, side*side)...)
	}
	data, err := Thumbnail(pixels, Shape{views * 3, side, side}, views, true)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for x, want := range map[int]color.RGBA{0: {0, 51, 102, 255}, side - 1: {255, 255, 255, 255}, side: {153, 204, 255, 255}} {
		if got := color.RGBAModel.Convert(img.At(x, 1)); got != want {
			t.Errorf("%d is %v, want %v", x, got, want)
		}
	}
}

func TestHashesAreRemembered(t *testing.T) {
	t.Parallel()
	dir, cache := t.TempDir(), t.TempDir()
	path, gone := filepath.Join(dir, "a \"b\"\n"), filepath.Join(dir, "gone")
	at := time.Unix(1000, 0)
	hash := func(content string, at time.Time) (hash string, remembered bool) {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		m := readChecksums(cache)
		m.tmp = dir
		if got, known := m.known(gone); got != unreadable || !known {
			t.Errorf("a missing file has the hash %q", got)
		}
		if hash, remembered = m.known(path); !remembered {
			hash = m.read(path, nil).hash
		}
		return hash, remembered // without save: as if killed
	}
	first, remembered := hash("one", at)
	if _, again := hash("two", at); remembered || !again {
		t.Error("a file of the same size and time was read again")
	}
	second, _ := hash("two", at.Add(time.Second))
	if second == first {
		t.Error("a later file was not read again")
	}
	sums := filepath.Join(cache, "checksums")
	text, err := os.ReadFile(sums)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sums, append(text, text[:40]...), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, remembered := hash("two", at.Add(time.Second)); !remembered || got != second {
		t.Error("a line that is not whole spoils the others")
	}
	if got, remembered := hash("two", at.Add(time.Minute)); remembered || got != second {
		t.Error("a file of a new time was not read again")
	}
	m := readChecksums(cache)
	m.tmp = dir
	m.remember("x", known{1, 2, second})
	if err := m.save(); err != nil {
		t.Fatal(err)
	}
	if m := readChecksums(cache); m.lines != 2 || len(m.table) != 2 {
		t.Errorf("saved %d lines of %d files, want 2 of 2", m.lines, len(m.table))
	}
}

func TestEnormousFilesAreNotRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hole.dcm")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(1 << 41); err != nil {
		t.Skip(err)
	}
	p := &Picture{Case: stage.Case{Image: path}}
	if err := (Decode{}).Apply(p); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "read at most") {
		t.Errorf("got %v, want an error that names the file and the limit", err)
	}
	gone := path + ".gone"
	if err := (Decode{}).Apply(&Picture{Case: stage.Case{Image: gone}}); err == nil || !strings.Contains(err.Error(), gone) || !os.IsNotExist(err) {
		t.Errorf("got %v, want that %s is not there", err, gone)
	}
}
