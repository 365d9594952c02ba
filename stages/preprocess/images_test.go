package preprocess

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// FuzzContents reads files of the cache whose contents say anything, under a
// head that fits.
func FuzzContents(f *testing.F) {
	f.Add([]byte(`{"Key":"k","Shape":{"Channels":1,"Height":2,"Width":2},"Slots":2,"Images":[{"ID":"a","Slot":1}]}`), uint16(16))
	f.Add([]byte(`{"Key":"k","Shape":{"Channels":1,"Height":2,"Width":2},"Slots":1,"Images":[{"Slot":-1}]}`), uint16(8))
	f.Add([]byte(`{`), uint16(0))
	f.Fuzz(func(t *testing.T, text []byte, pixels uint16) {
		data := make([]byte, headSize+int(pixels))
		copy(data, headPage(text, int64(len(data))))
		checkParse(t, append(data, text...))
	})
}

// FuzzHead reads files of the cache that anything may have happened to.
func FuzzHead(f *testing.F) {
	text := []byte(`{"Key":"k","Shape":{"Channels":1,"Height":2,"Width":2}}`)
	f.Add(append(headPage(text, headSize), text...))
	f.Fuzz(func(t *testing.T, page []byte) {
		checkParse(t, page)
		checkParse(t, append(page[:min(len(page), 56):min(len(page), 56)], make([]byte, headSize)...))
	})
}

func TestStoreWithoutLocks(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	for range 2 {
		s := &store{final: cachePath(cache, "k"), key: "k", shape: Shape{1, 1, 2}}
		if err := s.alone(cache); err != nil {
			t.Fatal(err)
		}
		defer s.discard()
		if err := s.write(0, []byte{1, 2, 3, 4}); err != nil {
			t.Fatal(err)
		}
		if err := s.publish(contents{Slots: 1, Images: []entry{{ID: "a"}}}); err != nil {
			t.Fatal(err)
		}
	}
	im, err := openImages(cache, "k", Shape{1, 1, 2})
	if err != nil {
		t.Fatal(err)
	}
	defer im.Close()
	if got := im.Bytes(0); !bytes.Equal(got, []byte{1, 2, 3, 4}) {
		t.Errorf("got %v", got)
	}
	cached(t, cache)
}

// checkParse wants an error, or images that can be read.
func checkParse(t *testing.T, data []byte) {
	t.Helper()
	im := &Images{mapped: data}
	if im.parse("k", Shape{1, 2, 2}) != nil {
		return
	}
	for i := range im.Len() {
		if got := len(im.Bytes(i)); got != 8 {
			t.Errorf("image %d has %d bytes, want 8", i, got)
		}
	}
}

func TestMeanAndStd(t *testing.T) {
	t.Parallel()
	im := &Images{head: contents{Shape: Shape{1, 1, 2}}}
	for _, one := range []struct {
		split  stage.Split
		pixels []float32
	}{
		{stage.Train, []float32{0, 1}}, {stage.Train, []float32{0, 0}}, {stage.Validation, []float32{1, 1}}, {stage.Test, []float32{0.25, 0.3}},
	} {
		_, e, err := quantised(&Picture{Width: 2, Height: 1, Pixels: one.pixels})
		if err != nil {
			t.Fatal(err)
		}
		im.head.Images = append(im.head.Images, e)
		im.Cases = append(im.Cases, stage.Case{Split: one.split})
	}
	im.Mean, im.Std = im.meanStd()
	if got, want := im.Mean[stage.Train], 0.25; got != want {
		t.Errorf("mean of train %v, want %v", got, want)
	}
	if got, want := im.Std[stage.Train], math.Sqrt(3)/4; math.Abs(got-want) > 1e-12 {
		t.Errorf("std of train %v, want %v", got, want)
	}
	m := &memo{records: im.spread()}
	if w := m.warnings(); !strings.Contains(w, "validation split is 1.000") || strings.Contains(w, "test split") {
		t.Errorf("warnings are %q; want one about validation", w)
	}
	if got := m.fact("pixels of train"); got != "mean 0.2500, standard deviation 0.4330" {
		t.Errorf("fact is %q", got)
	}
}

func TestQuantisedRefusesNaN(t *testing.T) {
	t.Parallel()
	if _, _, err := quantised(&Picture{Width: 2, Height: 1, Pixels: []float32{0, float32(math.NaN())}}); err == nil {
		t.Error("want an error")
	}
	data, e, err := quantised(&Picture{Width: 3, Height: 1, Pixels: []float32{-1, 0.5, 2}})
	if want := []byte{0, 0, 0, 128, 255, 255}; err != nil || !bytes.Equal(data, want) || e.Sum != 32768+65535 {
		t.Errorf("got %v with sum %d, %v; want %v", data, e.Sum, err, want)
	}
}

// breaks is a step that panics.
type breaks struct{ Decode }

func (breaks) Apply(p *Picture) error { p.Pixels[7] = 1; return nil }

func TestPanicFailsTheImageOnly(t *testing.T) {
	t.Parallel()
	b := &builder{cfg: Config{{Name: "breaks", Part: breaks{}}}}
	if _, err := b.picture(t.Context(), stage.Case{}); err == nil || !strings.Contains(err.Error(), "a step broke") {
		t.Errorf("got %v", err)
	}
}

func TestThumbnail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ width, height, wantWidth, wantHeight int }{{16, 12, 16, 12}, {256, 64, 128, 32}, {1, 500, 1, 128}} {
		data, err := Thumbnail(make([]float32, c.width*c.height), Shape{1, c.height, c.width})
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || got.Width != c.wantWidth || got.Height != c.wantHeight {
			t.Errorf("%d×%d became %d×%d (%v), want %d×%d", c.width, c.height, got.Width, got.Height, err, c.wantWidth, c.wantHeight)
		}
	}
}

func TestHashesAreRemembered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := stage.Env{Recorder: stage.Discard, Cache: filepath.Join(dir, "cache"), Workers: 2}
	path, gone := filepath.Join(dir, "a"), filepath.Join(dir, "gone")
	at := time.Unix(1000, 0)
	hash := func(content string, at time.Time) string {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		got, err := fileHashes(t.Context(), env, []string{path, gone})
		if err != nil {
			t.Fatal(err)
		}
		if got[gone] != unreadable {
			t.Errorf("a missing file has the hash %q", got[gone])
		}
		return got[path]
	}
	first := hash("one", at)
	if hash("two", at) != first {
		t.Error("a file of the same size and time was read again")
	}
	second := hash("two", at.Add(time.Second))
	if second == first {
		t.Error("a later file was not read again")
	}
	if err := os.WriteFile(filepath.Join(env.Cache, "hashes.json"), []byte(`{"a":`), 0o644); err != nil {
		t.Fatal(err)
	}
	if hash("two", at) != second {
		t.Error("broken checksums were not made anew")
	}
}

func TestSeriesPercentiles(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2)
	key := b.cases.Cases[0].Series
	w := &builder{cases: b.cases, series: map[string]*seriesValues{}}
	got, err := w.percentiles(t.Context(), key, []float64{0, 100})
	if err != nil {
		t.Fatal(err)
	}
	values, err := w.seriesPixels(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if got[0] != float64(low) || got[1] != float64(high) || len(w.series) != 1 {
		t.Errorf("got %v, want %v and %v, kept once", got, low, high)
	}
	w.cases.Series = map[string]audit.Series{}
	if _, err := w.percentiles(t.Context(), "none", []float64{50}); err == nil {
		t.Error("a series without files wants an error")
	}
}
