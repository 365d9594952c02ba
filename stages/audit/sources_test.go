package audit

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// alone is a folder of the test's own, and so are the two above it, in which images are looked
// for that a table misses.
func alone(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "in", "here")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// picture writes a PNG of 20×16 pixels whose brightness follows a function.
func picture(t testing.TB, path string, value func(x, y int) uint8) {
	t.Helper()
	pictureOf(t, path, 20, 16, value)
}

// pictureOf is picture of another size.
func pictureOf(t testing.TB, path string, width, height int, value func(x, y int) uint8) {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetGray(x, y, color.Gray{value(x, y)})
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// noise gives pictures that have nothing in common.
func noise(seed int) func(x, y int) uint8 {
	return func(x, y int) uint8 { return uint8(stage.Hash(9, "picture", seed, x/2, y/2)) }
}

// pictures writes noise pictures 0 to n − 1 as <n>.png.
func pictures(t testing.TB, n int) string {
	t.Helper()
	dir := alone(t)
	for i := range n {
		picture(t, filepath.Join(dir, string(rune('a'+i))+".png"), noise(i))
	}
	return dir
}

func tableFound(t *testing.T, source Table, text string) Found {
	t.Helper()
	source.File = "x.csv"
	found, err := source.parse(t.Context(), mustRequest(t, Wanted{}, Wanted{}), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func mustRequest(t testing.TB, drop, keep Wanted) *Request {
	t.Helper()
	r, err := newRequest(drop, keep)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var plainTable = Table{Image: "image", Labels: []string{"label"}}

func folders(t testing.TB, dir string) Config {
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "folders", Part: Folders{Root: registry.Path(dir)}}
	cfg.Split = Split{By: "study", Validation: 0.34}
	return cfg
}
