package preprocess

import (
	"slices"
	"testing"

	"vertebra/stages/stage"
)

// TestDecodeColours: a coloured DICOM file keeps its colours where the experiment wants them, and
// a grey one is repeated.
func TestDecodeColours(t *testing.T) {
	t.Parallel()
	const folder = "../internal/dicom/testdata/syntaxes/"
	for name, coloured := range map[string]bool{"rgb8.dcm": true, "jpeg50-rgb8.dcm": true, "palette.dcm": true, "grey8.dcm": false} {
		grey, rgb := &Picture{Case: stage.Case{Image: folder + name}}, &Picture{Case: stage.Case{Image: folder + name}}
		if err := (Decode{Colour: "grey"}).Apply(grey); err != nil {
			t.Fatal(err)
		}
		if err := (Decode{Colour: "rgb"}).Apply(rgb); err != nil {
			t.Fatal(err)
		}
		n := 46 * 37
		if grey.Channels != 1 || rgb.Channels != 3 || len(grey.Pixels) != n || len(rgb.Pixels) != 3*n || rgb.Width != 37 || rgb.Height != 46 {
			t.Fatalf("%s: %d and %d channels of %d and %d numbers", name, grey.Channels, rgb.Channels, len(grey.Pixels), len(rgb.Pixels))
		}
		if same := slices.Equal(rgb.Pixels[:n], rgb.Pixels[n:2*n]); same == coloured {
			t.Errorf("%s: red is green: %v", name, same)
		}
	}
}
