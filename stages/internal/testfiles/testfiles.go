// Package testfiles makes folders of tables and pictures for tests.
package testfiles

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"vertebra/stages/stage"
)

// Alone is a folder of the test's own, and so are the two above it, in which images are looked
// for that a table misses.
func Alone(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "in", "here")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Write writes a text, and makes its folder.
func Write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// WriteAll writes texts below a folder.
func WriteAll(t testing.TB, root string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		Write(t, filepath.Join(root, name), text)
	}
}

// Picture writes a PNG of 20×16 pixels whose brightness follows a function.
func Picture(t testing.TB, path string, value func(x, y int) uint8) {
	t.Helper()
	PictureOf(t, path, 20, 16, value)
}

// PictureOf is Picture of another size.
func PictureOf(t testing.TB, path string, width, height int, value func(x, y int) uint8) {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetGray(x, y, color.Gray{value(x, y)})
		}
	}
	Write(t, path, "")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

// Noise gives pictures that have nothing in common.
func Noise(seed int) func(x, y int) uint8 {
	return func(x, y int) uint8 { return uint8(stage.Hash(9, "picture", seed, x/2, y/2)) }
}

// Pictures writes n pictures of noise: a.png, b.png, ….
func Pictures(t testing.TB, n int) string {
	t.Helper()
	dir := Alone(t)
	for i := range n {
		Picture(t, filepath.Join(dir, string(rune('a'+i))+".png"), Noise(i))
	}
	return dir
}
