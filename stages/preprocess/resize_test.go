package preprocess

import (
	"math"
	"testing"

	"vertebra/stages/stage"
)

func TestResizeLikeTorchvision(t *testing.T) {
	t.Parallel()
	for _, r := range readReference(t).Resize {
		p := &Picture{Channels: 1, Width: r.Width, Height: r.Height, Pixels: r.Pixels}
		if err := (Resize{Pixels: r.Side}).Apply(p); err != nil {
			t.Fatal(err)
		}
		for i, got := range p.Pixels {
			if !(math.Abs(float64(got-r.Want[i])) <= 1e-5) {
				t.Errorf("%d×%d to %d, pixel %d: got %v, want %v", r.Height, r.Width, r.Side, i, got, r.Want[i])
				break
			}
		}
	}
}

func TestResizeMovesThePoint(t *testing.T) {
	t.Parallel()
	p := ramp(20, 10)
	p.RowSpacing, p.ColumnSpacing = 1, 0.5
	p.Case.Point = &stage.Point{X: -0.5, Y: 9.5}
	if err := (Resize{Pixels: 5}).Apply(p); err != nil {
		t.Fatal(err)
	}
	at, err := p.Point()
	if err != nil || at != (stage.Point{X: -0.5, Y: 4.5}) || p.RowSpacing != 2 || p.ColumnSpacing != 2 {
		t.Errorf("got point %v (%v), spacing %v, %v", at, err, p.RowSpacing, p.ColumnSpacing)
	}
}
