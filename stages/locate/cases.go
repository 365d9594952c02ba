package locate

import (
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// answers are what a net says of a name in a slice, as the classes of a target: modes times a
// chance and a place.
func answers() (out []string) {
	for mode := range modes {
		for _, what := range []string{"chance ", "x ", "y "} {
			out = append(out, what+strconv.Itoa(mode+1))
		}
	}
	return out
}

// between stands in the ids of cases between image and name.
const between = "\x00"

// asked makes a case of each slice and name that is asked about there. The points are those of
// the scans, in pixels of the files.
func asked(of audit.Cases, names []string, scans []scan, slicesOf func(scan) []string) audit.Cases {
	of.Classes, of.Targets, of.Among, of.Views, of.Covariates = answers(), names, nil, nil, nil
	of.Cases, of.Looks, of.Folds = nil, nil, 0
	for _, s := range scans {
		for _, path := range slicesOf(s) {
			sample := of.Local(path) // where the data lies must not decide what is drawn for it
			for _, name := range s.names {
				one := stage.Case{ID: sample + between + name, Sample: sample, Group: s.group, Image: path, Split: s.split, Target: slices.Index(names, name)}
				if _, known := of.Series[s.key]; known {
					one.Series = s.key
				}
				if at := s.spots[name]; at.image == path {
					one.Point = &at.point
				}
				of.Cases = append(of.Cases, one)
			}
		}
	}
	slices.SortFunc(of.Cases, func(a, b stage.Case) int { return strings.Compare(a.ID, b.ID) })
	return of
}

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
