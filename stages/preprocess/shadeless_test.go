package preprocess

import (
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestShadeless: a window that cuts nearly everything off, or is far too wide, is told; pictures
// with shades, much background or white paper are not.
func TestShadeless(t *testing.T) {
	t.Parallel()
	for _, width := range []int{1, 2} {
		for _, c := range []struct {
			name   string
			pixels []float32
			want   string
		}{
			{"a range of [0, 1] for bytes", []float32{1, 1, 1, 0, 1, 0.5, 1, 1}, "75 % of the pixels of training images are of the largest value"},
			{"a range of 65535 for bytes", []float32{0.001, 0.003, 0, 0.002, 0, 0, 0, 0}, "the training images are all but black: their mean is 0.00"},
			{"shades", []float32{0.2, 0.4, 0.6, 0.8, 1, 1, 1, 0}, ""},
			{"much background", []float32{0, 0, 0, 0, 0, 0, 0, 0.4}, ""},
			{"paper, nearly white", []float32{0.99, 0.99, 0.98, 0.99, 0.99, 0.99, 0.2, 0.99}, ""},
		} {
			im := imagesOf(t, Layout{Shape: Shape{1, 2, 4}, BytesPerPixel: width}, c.pixels, make([]float32, 8))
			im.Cases = []stage.Case{{Split: stage.Train}, {Split: stage.Test}}
			event := im.shadeless()
			if (event == nil) != (c.want == "") || event != nil && (event.Level != "warning" || !strings.HasPrefix(event.Text, c.want)) {
				t.Errorf("%s, %d bytes: got %+v, want %q", c.name, width, event, c.want)
			}
		}
	}
}
