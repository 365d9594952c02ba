package locate

import (
	"vertebra/stages/audit"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// resized are the sizes of files and of what the net sees of them.
type resized struct {
	cases  audit.Cases
	pixels int
	seen   map[string]stage.Geometry
}

func newResized(cases audit.Cases, pixels int) *resized {
	return &resized{cases, pixels, map[string]stage.Geometry{}}
}

// of is the geometry of a file.
func (r *resized) of(path string) (stage.Geometry, error) {
	if g, known := r.seen[path]; known {
		return g, nil
	}
	g, err := r.cases.Geometry(path)
	if err == nil {
		r.seen[path] = g
	}
	return g, err
}

// inside is where a point of a file lies in what the net sees of it; outside is the way back.
func (r *resized) inside(g stage.Geometry, p stage.Point) stage.Point {
	return stage.Point{X: (p.X+0.5)*float64(r.pixels)/float64(g.Columns) - 0.5, Y: (p.Y+0.5)*float64(r.pixels)/float64(g.Rows) - 0.5}
}

func (r *resized) outside(g stage.Geometry, p stage.Point) stage.Point {
	return stage.Point{X: (p.X+0.5)*float64(g.Columns)/float64(r.pixels) - 0.5, Y: (p.Y+0.5)*float64(g.Rows)/float64(r.pixels) - 0.5}
}

// place moves the points of images from pixels of their files to those of what the net sees.
func (r *resized) place(images *preprocess.Images) error {
	for i, one := range images.Cases {
		if one.Point == nil {
			continue
		}
		g, err := r.of(one.Image)
		if err != nil {
			return err
		}
		at := r.inside(g, *one.Point)
		images.Cases[i].Point = &at
	}
	return nil
}
