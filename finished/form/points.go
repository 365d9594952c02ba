package form

import (
	"errors"
	"strings"

	"vertebra/stages/stage"
)

// place reads the points, now that the files are there.
func (r *receiver) place() error {
	for _, text := range r.points {
		image, point, err := parsePoint(text)
		if err != nil {
			return bad("write point=X,Y of an only image, or point=NAME,X,Y, in pixels from the middle of its top left one", "point is %.60q: %w", text, err)
		}
		switch {
		case image == "" && len(r.Files) == 1:
			image = r.Files[0]
		case image == "":
			return bad("write point=NAME,X,Y", "nobody says which of %d files the point %.40s lies in", len(r.Files), text)
		default:
			if image, err = r.named(image); err != nil {
				return bad("name a file that is sent", "%w", err)
			}
		}
		if _, twice := r.Points[image]; twice {
			return bad("send one for each image", "two points lie in %s", image)
		}
		r.Points[image] = point
	}
	return nil
}

// named is the image of a name: view.left of the file that is this view, and #3 of a frame of it.
func (r *receiver) named(name string) (string, error) {
	file, frame := stage.ParseFramePath(name)
	view, isView := strings.CutPrefix(file, ViewField)
	switch path, there := r.Views[view]; {
	case !isView || !there:
		return CleanName(name)
	case frame > 0:
		return stage.FramePath(path, frame), nil
	default:
		return path, nil
	}
}

// parsePoint reads NAME,X,Y, where the name may have commas, or X,Y.
func parsePoint(text string) (image string, p stage.Point, err error) {
	words := strings.Split(text, ",")
	n := len(words)
	if n < 2 {
		return "", p, errors.New("want two numbers")
	}
	number := func(word string) float64 {
		v, ok := stage.ParseCovariate(word)
		if !ok && err == nil {
			err = errors.New("want two numbers, with points")
		}
		return v
	}
	p.X, p.Y = number(words[n-2]), number(words[n-1])
	return strings.Join(words[:n-2], ","), p, err
}
