package locate

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// looked is a point that was looked for.
type looked struct {
	Found
	truth    spot
	distance float64 // from the truth
}

// shownPoints is how many pictures a report has of points that were looked for, and side how large
// they are in pixels.
const shownPoints, side = 12, 224

// gallery shows the points that are furthest from where they are labelled, and as many of the
// others as there is room for, each in the slice where it is labelled.
func (r *run) gallery(ctx context.Context, split stage.Split, all []looked) (g stage.Gallery, err error) {
	g = stage.Gallery{Name: "points_" + string(split), Section: section, Title: fmt.Sprintf("Points that the net finds itself, %s: furthest from their labels first (circle: labelled, cross: found)", split)}
	chosen := oneOfSlice(all)
	images, err := preprocess.Run(ctx, r.silent(), r.cfg.steps(), r.only(chosen))
	if err != nil {
		return g, err
	}
	defer func() { err = errors.Join(err, images.Close()) }()
	for _, one := range chosen {
		at := slices.IndexFunc(images.Cases, func(c stage.Case) bool { return c.Image == one.truth.image })
		if at < 0 {
			continue
		}
		picture, err := r.picture(images, at, one)
		if err != nil {
			return g, err
		}
		g.Pictures = append(g.Pictures, picture)
	}
	return g, nil
}

// oneOfSlice are the furthest points, one of each slice.
func oneOfSlice(all []looked) (out []looked) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b looked) int { return cmp.Compare(b.distance, a.distance) })
	seen := map[string]bool{}
	for _, one := range all {
		if !seen[one.truth.image] && len(out) < shownPoints {
			seen[one.truth.image], out = true, append(out, one)
		}
	}
	return out
}

// only are the cases of the slices where points are labelled.
func (r *run) only(chosen []looked) audit.Cases {
	holds := map[string]bool{}
	for _, one := range chosen {
		holds[one.truth.image] = true
	}
	return asked(r.cases, r.names, r.scans, func(s scan) []string {
		return slices.DeleteFunc(slices.Clone(s.slices), func(path string) bool { return !holds[path] })
	})
}

// picture draws a slice with all that is labelled and found there.
func (r *run) picture(images *preprocess.Images, at int, one looked) (stage.Picture, error) {
	small, err := images.Thumbnail(at, side)
	if err != nil {
		return stage.Picture{}, err
	}
	decoded, err := png.Decode(bytes.NewReader(small))
	if err != nil {
		return stage.Picture{}, err
	}
	canvas := image.NewRGBA(decoded.Bounds())
	draw.Draw(canvas, canvas.Bounds(), decoded, image.Point{}, draw.Src)
	g, err := r.ruler.sizes.of(one.truth.image)
	if err != nil {
		return stage.Picture{}, err
	}
	scale := float64(canvas.Bounds().Dx()) / float64(r.cfg.Pixels)
	place := func(p stage.Point) (x, y float64) {
		in := r.ruler.sizes.inside(g, p)
		return (in.X+0.5)*scale - 0.5, (in.Y+0.5)*scale - 0.5
	}
	x, y := place(one.truth.point)
	circle(canvas, x, y, 7, color.RGBA{0x2e, 0xa0, 0x43, 0xff})
	if one.Image == one.truth.image {
		x, y = place(one.Point)
		cross(canvas, x, y, 5, color.RGBA{0xe5, 0x48, 0x4d, 0xff})
	}
	var out bytes.Buffer
	err = png.Encode(&out, canvas)
	return stage.Picture{Caption: one.caption(r.ruler.unit()), PNG: out.Bytes()}, err
}

// caption says how far off a point was found.
func (one looked) caption(unit string) string {
	switch {
	case one.Image == "":
		return one.Name + " · not found"
	case math.IsInf(one.distance, 1): // nobody knows how the slices lie
		return one.Name + " · found on another slice"
	case one.Image != one.truth.image:
		return fmt.Sprintf("%s · found on another slice, %.3g %s away", one.Name, one.distance, unit)
	}
	return fmt.Sprintf("%s · %.3g %s away", one.Name, one.distance, unit)
}

// circle draws a ring, two pixels thick.
func circle(on draw.Image, x, y, radius float64, c color.Color) {
	for row := int(y - radius - 2); row <= int(y+radius+2); row++ {
		for column := int(x - radius - 2); column <= int(x+radius+2); column++ {
			if d := math.Hypot(float64(column)-x, float64(row)-y); math.Abs(d-radius) <= 1 {
				on.Set(column, row, c)
			}
		}
	}
}

// cross draws two strokes, two pixels thick.
func cross(on draw.Image, x, y, arm float64, c color.Color) {
	for row := int(y - arm - 2); row <= int(y+arm+2); row++ {
		for column := int(x - arm - 2); column <= int(x+arm+2); column++ {
			dx, dy := math.Abs(float64(column)-x), math.Abs(float64(row)-y)
			if max(dx, dy) <= arm && math.Abs(dx-dy) <= 1.2 {
				on.Set(column, row, c)
			}
		}
	}
}
