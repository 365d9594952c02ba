package draft

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

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

// write writes a text, and makes its folder.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// writeFiles writes texts below a folder.
func writeFiles(t testing.TB, root string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		write(t, filepath.Join(root, name), text)
	}
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
	write(t, path, "")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

// noise gives pictures that have nothing in common.
func noise(seed int) func(x, y int) uint8 {
	return func(x, y int) uint8 { return uint8(stage.Hash(9, "picture", seed, x/2, y/2)) }
}

// pictures writes n pictures of noise: a.png, b.png, ….
func pictures(t testing.TB, n int) string {
	t.Helper()
	dir := alone(t)
	for i := range n {
		picture(t, filepath.Join(dir, string(rune('a'+i))+".png"), noise(i))
	}
	return dir
}
