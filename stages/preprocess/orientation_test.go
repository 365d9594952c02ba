package preprocess

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/stage"
)

// TestTurn: pictures turn as Pillow turns them, each channel alike, and points with them.
func TestTurn(t *testing.T) {
	t.Parallel()
	var want map[string][][]float32 // rows by orientation, of testdata/make_orientation.py
	parity.Read(t, "testdata/orientation.json", &want)
	for orientation := 1; orientation <= 8; orientation++ {
		rows := want[strconv.Itoa(orientation)]
		p := &Picture{Channels: 2, Width: 3, Height: 2, Map: Identity, Pixels: []float32{0, 50, 100, 150, 200, 250, 1, 51, 101, 151, 201, 251}}
		p.turn(orientation)
		plane := slices.Concat(rows...)
		if p.Height != len(rows) || p.Width != len(rows[0]) || !slices.Equal(p.Pixels[:6], plane) {
			t.Errorf("orientation %d: %d by %d, %v, want %v", orientation, p.Width, p.Height, p.Pixels[:6], rows)
		}
		for i, v := range p.Pixels[6:] {
			if v != plane[i]+1 {
				t.Errorf("orientation %d: the second channel is %v", orientation, p.Pixels[6:])
			}
		}
		if at := p.Map.Of(stage.Point{X: 2, Y: 0}); p.Pixels[int(at.Y)*p.Width+int(at.X)] != 100 {
			t.Errorf("orientation %d: the pixel of 100 is said to be at %v", orientation, at)
		}
	}
	for _, unknown := range []int{0, 9} {
		p := &Picture{Channels: 1, Width: 2, Height: 1, Map: Identity, Pixels: []float32{1, 2}}
		if p.turn(unknown); !slices.Equal(p.Pixels, []float32{1, 2}) || p.Map != Identity {
			t.Errorf("orientation %d: %+v", unknown, p)
		}
	}
}

// TestDecodeTurns: files are turned where the experiment says so, and there alone.
func TestDecodeTurns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, orientation string
		width, height     int
	}{{"turned.jpg", "stored", 13, 9}, {"turned.jpg", "exif", 9, 13}, {"turned.tif", "exif", 13, 9}, {"upright.jpg", "exif", 13, 9}, {"colour8.png", "exif", 13, 9}} {
		for colour, channels := range map[string]int{"grey": 1, "rgb": 3} {
			p := &Picture{Case: stage.Case{Image: filepath.Join("../internal/raster/testdata", c.name)}}
			if err := (Decode{Colour: colour, Padding: "keep", Orientation: c.orientation}).Apply(p); err != nil {
				t.Fatal(err)
			}
			if p.Width != c.width || p.Height != c.height || p.Channels != channels || len(p.Pixels) != channels*13*9 {
				t.Errorf("%s, %s, %s: %d channels of %d by %d", c.name, c.orientation, colour, p.Channels, p.Width, p.Height)
			}
		}
	}
}
