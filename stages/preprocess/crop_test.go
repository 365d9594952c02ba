package preprocess

import (
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

func TestCropKeepsTheCentre(t *testing.T) {
	t.Parallel()
	p := ramp(40, 30)
	p.Case.Point = &stage.Point{X: 12.25, Y: 9.5}
	if err := (Crop{Around: "point", Pixels: 5}).Apply(p); err != nil {
		t.Fatal(err)
	}
	at, err := p.Point()
	if got, want := p.Pixels[12], float32(12.25+950); got != want || err != nil || at != (stage.Point{X: 2, Y: 2}) {
		t.Errorf("the centre is %v at %v (%v), want %v", got, at, err, want)
	}
}

func TestCropByMillimetres(t *testing.T) {
	t.Parallel()
	p := ramp(40, 30)
	p.RowSpacing, p.ColumnSpacing, p.Case.Point = 2, 0.5, &stage.Point{X: 20, Y: 10}
	if err := (Crop{Around: "point", Millimetres: 8}).Apply(p); err != nil {
		t.Fatal(err)
	}
	if p.Width != 16 || p.Height != 16 || p.RowSpacing != 0.5 || p.ColumnSpacing != 0.5 {
		t.Errorf("got %d×%d at %v, %v mm, want 16×16 at 0.5, 0.5", p.Width, p.Height, p.RowSpacing, p.ColumnSpacing)
	}
	// Half a pixel to the right is x + 0.5; half a pixel down is a quarter of 0.5 mm rows.
	if got, want := p.Pixels[8*16+8], float32(20.5+100*10.125); got != want {
		t.Errorf("got %v right below the centre, want %v", got, want)
	}
}

func TestCropRepeatsTheEdge(t *testing.T) {
	t.Parallel()
	p := ramp(4, 4)
	p.Case.Point = &stage.Point{X: 0, Y: 3}
	if err := (Crop{Around: "point", Pixels: 3}).Apply(p); err != nil {
		t.Fatal(err)
	}
	if want := []float32{200, 200, 201, 300, 300, 301, 300, 300, 301}; !slices.Equal(p.Pixels, want) {
		t.Errorf("got %v, want %v", p.Pixels, want)
	}
}

// TestCropAroundPointsOfASeries: of two points one may be marked on another slice of the series,
// never on one of another series; one on the slice itself counts first.
func TestCropAroundPointsOfASeries(t *testing.T) {
	t.Parallel()
	mark := func(name, image, series string, x float64) stage.Mark {
		return stage.Mark{Name: name, Image: image, Series: series, Point: &stage.Point{X: x, Y: 5}}
	}
	two := Crop{Around: "two_points", Points: []string{"left", "right"}, Distances: 1}
	for _, c := range []struct {
		right []stage.Mark
		want  int // the width; 0: refused
	}{
		{[]stage.Mark{mark("right", "b", "s", 10)}, 8},
		{[]stage.Mark{mark("right", "a", "s", 8), mark("right", "b", "s", 10)}, 6},
		{[]stage.Mark{mark("right", "b", "s", 10), mark("right", "a", "s", 8)}, 6},
		{[]stage.Mark{mark("right", "b", "other", 10)}, 0},
	} {
		p := ramp(40, 30)
		p.Case = stage.Case{Image: "a", Series: "s", Marks: append([]stage.Mark{mark("left", "a", "s", 2)}, c.right...)}
		switch err := two.Apply(p); {
		case c.want == 0:
			if err == nil || !strings.Contains(err.Error(), "has a point right") {
				t.Errorf("%v: got %v", c.right, err)
			}
		case err != nil || p.Width != c.want:
			t.Errorf("%v: the width is %d (%v), want %d", c.right, p.Width, err, c.want)
		}
	}
	p := ramp(40, 30)
	p.Case = stage.Case{Image: "a", Marks: []stage.Mark{mark("left", "a", "", 2), mark("right", "b", "", 10)}}
	if err := two.Apply(p); err == nil {
		t.Error("images of no series count as one")
	}
}

// TestCropByLevels: a spacing in pixels is one of the original image, whatever was made of it since;
// one in millimetres goes by the pixels as they are.
func TestCropByLevels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spacing stage.Spacing
		want    Shape
	}{
		{stage.Spacing{Length: 10}, Shape{1, 12, 12}}, // 1.2 · 10 · √(2 · 0.5)
		{stage.Spacing{Length: 8, Millimetres: true}, Shape{1, 14, 14}},
	} {
		p := ramp(40, 30)
		p.RowSpacing, p.ColumnSpacing = 2, 0.7
		p.Map, p.Case.Point, p.Case.Spacing = Map{XX: 2, YY: 0.5}, &stage.Point{X: 10, Y: 20}, c.spacing
		if err := (Crop{Around: "point", LevelSpacings: 1.2}).Apply(p); err != nil || (Shape{1, p.Height, p.Width}) != c.want {
			t.Errorf("%+v: got %d × %d (%v), want %+v", c.spacing, p.Width, p.Height, err, c.want)
		}
	}
	p := ramp(40, 30)
	if err := (Crop{Around: "point", LevelSpacings: 1}).Apply(p); err == nil || !strings.Contains(err.Error(), "no other level is marked") {
		t.Errorf("got %v", err)
	}
	p.Case.Spacing = stage.Spacing{Length: 1e5}
	if err := (Crop{Around: "point", LevelSpacings: 1}).Apply(p); err == nil || !strings.Contains(err.Error(), "want 1 to 8192") {
		t.Errorf("got %v", err)
	}
	if got, _ := (Crop{Around: "point", LevelSpacings: 1, Pixels: 64}).Shape(Shape{1, 100, 100}); got != (Shape{1, 0, 0}) {
		t.Errorf("the shape is %+v, and files differ", got)
	}
}

func TestCropRefuses(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Picture){
		"no point":        func(p *Picture) { p.Case.Point = nil },
		"the point is at": func(p *Picture) { p.Case.Point = &stage.Point{X: math.NaN()} },
		"no PixelSpacing": func(p *Picture) { p.RowSpacing = 0 },
		"want 1 to 8192":  func(p *Picture) { p.ColumnSpacing = 1e-9 },
	} {
		p := ramp(4, 4)
		p.RowSpacing, p.ColumnSpacing = 1, 1
		change(p)
		if err := crop.Apply(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for _, c := range []Crop{
		{}, {Millimetres: 1, Pixels: 1}, {Around: "two_points", Distances: 1}, {Around: "two_points", Pixels: 3, Points: []string{"a", "a"}},
		{Around: "point", Distances: 2}, {Around: "centre", Pixels: 3, Level: true},
		{Around: "centre", LevelSpacings: 1}, {Around: "point", LevelSpacings: 1, Pixels: 3, Millimetres: 3}, {Around: "two_points", Points: []string{"a", "b"}, LevelSpacings: 1, Distances: 1},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v is valid", c)
		}
	}
}
